import type { TokenLogprob } from '../../core/chat-event.ts';
import { asArray, asNumber, asString, isObject, type JsonObject } from '../../core/json.ts';

/** `logprobs.content` (or `.refusal`) of a choice; undefined when there is none. */
export function readLogprobs(list: unknown): TokenLogprob[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  return list
    .filter(isObject)
    .map((entry) => ({ ...readToken(entry), top: asArray(entry.top_logprobs).filter(isObject).map(readToken) }));
}

export const writeLogprobs = (list: readonly TokenLogprob[]): JsonObject[] =>
  list.map(({ token, logprob, bytes, top }) => ({
    token,
    logprob,
    bytes: bytes ?? null,
    top_logprobs: top.map((other) => ({ token: other.token, logprob: other.logprob, bytes: other.bytes ?? null })),
  }));

function readToken(entry: JsonObject): { token: string; logprob: number; bytes?: number[] | null } {
  // -9999 is OpenAI's own word for a token that is out of the question.
  const read = { token: asString(entry.token) ?? '', logprob: asNumber(entry.logprob) ?? -9999 };
  if (entry.bytes === undefined) return read;
  const bytes = Array.isArray(entry.bytes)
    ? entry.bytes.filter((byte): byte is number => typeof byte === 'number')
    : null;
  return { ...read, bytes };
}
