import type { FinishReason } from '../../core/chat-event.ts';
import type { JsonObject } from '../../core/json.ts';
import { noUsage, type Usage } from '../../core/usage.ts';
import type { AnswerContext } from '../wire.ts';
import { buildStopReason } from './finish-reasons.ts';
import { buildUsage } from './usage.ts';

export interface Finish {
  reason: FinishReason;
  native?: string;
  stopSequence?: string;
}

const givesWay: ReadonlySet<FinishReason> = new Set(['stop', 'content-filter', 'other']);

/** A message object without its content and its end, as message_start and a whole answer share it. */
export function buildHead(
  facts: { id?: string; model?: string; serviceTier?: string },
  usage: Usage | undefined,
  context: AnswerContext,
): JsonObject {
  return {
    id: facts.id?.startsWith('msg_') ? facts.id : context.newId('msg_'),
    type: 'message',
    role: 'assistant',
    model: facts.model ?? context.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    usage: buildUsage(usage ?? noUsage, facts.serviceTier),
  };
}

/**
 * `stop_reason`, `stop_sequence` and `stop_details`. The words of a refusal stand in `stop_details.explanation`; OpenAI ends
 * a refusal with a plain `stop`, which becomes `refusal` here.
 */
export function buildStop(finish: Finish | undefined, refusal: string): JsonObject {
  const asked = finish?.reason ?? 'other';
  const reason = refusal !== '' && givesWay.has(asked) ? 'refusal' : asked;
  const word = buildStopReason(reason, finish?.native);
  return {
    stop_reason: word,
    stop_sequence: word === 'stop_sequence' ? (finish?.stopSequence ?? null) : null,
    stop_details: word === 'refusal' ? { type: 'refusal', category: null, explanation: refusal || null } : null,
  };
}
