import type { AnswerMetadata } from '../../../shared/src/chat.ts';
import type { CallContext } from '../core/call.ts';
import { formatUsd } from '../core/money.ts';
import type { SluiceError } from '../core/sluice-error.ts';
import { totalInput, totalOutput } from '../core/usage.ts';

/** What is shown under an answer that has ended: who made it, why, what it cost and what it saved. */
export function metadataOf(asked: AnswerMetadata, context: CallContext, error?: SluiceError): AnswerMetadata {
  const { facts, requestId, startedMs } = context;
  const { usage, costNanos, savedNanos, firstFrameMs } = facts;
  const usd = (nanos: number | null | undefined) => (nanos === null || nanos === undefined ? null : formatUsd(nanos));
  return {
    ...asked,
    requestId,
    latencyMs: Math.round(performance.now() - startedMs),
    ...(facts.model !== undefined && { model: facts.model }),
    ...(facts.route !== undefined && { route: facts.route }),
    ...(costNanos !== undefined && { costUsd: usd(costNanos), savedUsd: usd(savedNanos) }),
    ...(firstFrameMs !== undefined && { firstTokenMs: Math.round(firstFrameMs) }),
    ...(usage && {
      inputTokens: totalInput(usage),
      outputTokens: totalOutput(usage),
      reasoningTokens: usage.reasoning,
    }),
    ...(facts.cache && facts.cache.state !== 'miss' && { cache: facts.cache.state }),
    ...(facts.finish !== undefined && { finish: facts.finish }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}
