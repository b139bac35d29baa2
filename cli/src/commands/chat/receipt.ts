import { setTimeout as wait } from 'node:timers/promises';
import { ApiError } from '../../api/api-error.ts';
import type { Client } from '../../api/client.ts';
import type { Call } from '../../api/types.ts';
import { formatDuration, formatMoney } from '../../format/number.ts';
import { printable } from '../../format/text.ts';
import type { Answer } from './answer.ts';

// The row of a call that was stopped is written when the server notices, a moment later.
const attempts = 10;
const betweenMs = 50;

/** What the ledger says of an answer; undefined when it says nothing. */
export async function findCall(client: Client, { requestId }: Answer): Promise<Call | undefined> {
  if (requestId === null) return undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.get<Call>(`/api/v1/calls/${encodeURIComponent(requestId)}`);
    } catch (error) {
      // The answer is there whether or not its price can be shown.
      if (!(error instanceof ApiError) || error.code !== 'not_found' || attempt === attempts) return undefined;
      await wait(betweenMs);
    }
  }
}

/** What stands under an answer: a line with model and route, a line with cost, tokens and time. */
export function describeReceipt(answer: Answer, call: Call | undefined): string {
  const model = call?.modelUsed ?? answer.model;
  const route = call?.route ?? answer.route;
  const lines = [
    [model, route && `route: ${route}`],
    call ? [formatMoney(call.costUsd), describeTokens(call), describeTime(call)] : [],
  ].map((parts) => printable(parts.filter((part) => typeof part === 'string').join(' · ')));
  return lines.filter((line) => line !== '').join('\n');
}

function describeTokens(call: Call): string {
  const cached = call.cacheRead > 0 ? ` (${call.cacheRead} cached)` : '';
  const thinking = call.reasoning > 0 ? ` (${call.reasoning} thinking)` : '';
  return `${inputOf(call)} in${cached}, ${call.output + call.audioOutput} out${thinking}`;
}

const inputOf = (call: Call): number =>
  call.input + call.cacheRead + call.cacheWrite + call.cacheWrite1h + call.audioInput;

const describeTime = ({ latencyMs, firstTokenMs }: Call): string =>
  firstTokenMs === null
    ? formatDuration(latencyMs)
    : `${formatDuration(latencyMs)}, first token ${formatDuration(firstTokenMs)}`;

/** The same for programs, the answer included. */
export const receiptJson = (answer: Answer, call: Call | undefined) => ({
  text: answer.text,
  finish: answer.finish,
  interrupted: answer.interrupted,
  requestId: answer.requestId,
  model: call?.modelUsed ?? answer.model,
  route: call?.route ?? answer.route,
  costUsd: call?.costUsd ?? null,
  savedUsd: call?.savedUsd ?? null,
  inputTokens: call ? inputOf(call) : null,
  cacheReadTokens: call?.cacheRead ?? null,
  outputTokens: call ? call.output + call.audioOutput : null,
  reasoningTokens: call?.reasoning ?? null,
  latencyMs: call?.latencyMs ?? null,
  firstTokenMs: call?.firstTokenMs ?? null,
});
