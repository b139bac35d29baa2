import type { TokenLogprob } from '../../core/chat-event.ts';
import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';

/** The `logprobs` of an output_text part or delta; undefined when there are none. */
export function parseLogprobs(value: unknown): TokenLogprob[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.map((entry) => {
    const token = asObject(entry);
    return { ...parseToken(entry), top: asArray(token?.top_logprobs).map(parseToken) };
  });
}

export const buildLogprobs = (logprobs: readonly TokenLogprob[]): JsonObject[] =>
  logprobs.map((token) => ({ ...buildToken(token), top_logprobs: token.top.map(buildToken) }));

type Token = Omit<TokenLogprob, 'top'>;

function parseToken(value: unknown): Token {
  const token = asObject(value);
  const parsed: Token = { token: asString(token?.token) ?? '', logprob: asNumber(token?.logprob) ?? 0 };
  if (Array.isArray(token?.bytes)) parsed.bytes = token.bytes.filter((byte) => typeof byte === 'number');
  return parsed;
}

// `bytes` is required in this dialect; a provider that gives none gets the token's own UTF-8.
const buildToken = ({ token, logprob, bytes }: Token): JsonObject => ({
  token,
  logprob,
  bytes: bytes ?? [...new TextEncoder().encode(token)],
});
