import { asArray, asNumber, asObject, asString, isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { SluiceError } from '../../core/sluice-error.ts';
import { type UpstreamFault, upstreamError } from '../upstream-error.ts';

/**
 * A non-2xx body as an error: OpenAI's `{error: {message, type, code, param}}`, OpenRouter's `metadata`, Mistral's and
 * FastAPI's `detail` lists, `{message}`, `{error: "text"}`, an array around any of them, or no JSON at all.
 */
export function parseError(status: number, body: string): SluiceError {
  const json = tryParseJson(body);
  const outer = asObject(Array.isArray(json) ? json[0] : json) ?? {};
  const fault = readFault(outer);
  return upstreamError(isModeration(outer) ? 400 : status, fault);
}

/** The error that an answer or a stream event with status 200 holds, or undefined. `event` is the SSE event's name. */
export function inBandError(body: JsonObject, event?: string): SluiceError | undefined {
  const { error } = body;
  const held = isObject(error) || (typeof error === 'string' && error !== '');
  // Older vLLM and Mistral say `{object: "error", message}` with nothing around it.
  if (!held && event !== 'error' && body.object !== 'error') return undefined;
  return upstreamError(isModeration(body) ? 400 : inBandStatus(body), readFault(body));
}

function readFault(outer: JsonObject): UpstreamFault {
  const inner = asObject(outer.error) ?? outer;
  const metadata = asObject(inner.metadata) ?? {};
  const code = asString(inner.code) ?? (typeof inner.code === 'number' ? String(inner.code) : undefined);
  const said = messageOf(inner.message) ?? messageOf(outer.error) ?? messageOf(outer.detail) ?? messageOf(outer.errors);
  const raw = asString(metadata.raw);
  const message = raw ? `${said ?? 'The provider answered with an error.'} (${raw.slice(0, 500)})` : said;
  return {
    message,
    type: asString(inner.type) ?? asString(outer.error_type),
    code: isModeration(outer) ? 'content_policy' : code,
    param: asString(inner.param),
    retryAfterMs: retryAfterMs(inner, message),
  };
}

/** OpenRouter answers flagged input with 403 and the reasons. */
const isModeration = (outer: JsonObject): boolean => {
  const metadata = asObject(asObject(outer.error)?.metadata);
  return Array.isArray(metadata?.reasons) && metadata.reasons.length > 0;
};

function messageOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    const texts = value.map((item: unknown) => messageOf(item)).filter((text) => text !== undefined);
    return texts.length > 0 ? texts.join('; ') : undefined;
  }
  if (!isObject(value)) return undefined;
  // A validation error of FastAPI: where, and what is wrong there.
  const where = asArray(value.loc).join('.');
  const what = asString(value.msg) ?? asString(value.message) ?? messageOf(value.detail);
  return what !== undefined && where !== '' ? `${where}: ${what}` : what;
}

const statusWords: [RegExp, number][] = [
  [/invalid_request|bad_?request|validation|content_filter|content_policy|context_length/i, 400],
  [/authentication|unauthorized|invalid_api_key/i, 401],
  [/permission|forbidden/i, 403],
  [/not_?found/i, 404],
  [/rate_?limit|too_?many|throttl|insufficient_quota/i, 429],
  [/timeout/i, 504],
];

/** The status that an error inside a 200 stands for: its numeric code, else its words, else a fault of the server. */
function inBandStatus(body: JsonObject): number {
  const inner = asObject(body.error) ?? body;
  const given = asNumber(inner.code) ?? asNumber(inner.status) ?? asNumber(inner.status_code) ?? Number(inner.code);
  if (given >= 400 && given < 600) return given;
  const words = `${asString(inner.type) ?? ''} ${asString(inner.code) ?? ''} ${asString(body.error_type) ?? ''}`;
  return statusWords.find(([pattern]) => pattern.test(words))?.[1] ?? 500;
}

const waitWords =
  /(?:try again|retry)\s+(?:in|after)\s+(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)\s*(ms|milliseconds?|s|sec|seconds?|m|minutes?))?/i;
const unitMs: Record<string, number> = { ms: 1, mi: 60_000, m: 60_000, s: 1000 };

/** OpenAI, Groq and Azure say in words how long to wait: `in 20s`, `in 6m0s`, `in 350ms`, `after 12 seconds`. */
function retryAfterMs(inner: JsonObject, message: string | undefined): number | undefined {
  const seconds = asNumber(inner.retry_after) ?? asNumber(asObject(inner.metadata)?.retry_after_seconds);
  if (seconds !== undefined) return Math.round(seconds * 1000);
  const match = message === undefined ? null : waitWords.exec(message);
  if (!match) return undefined;
  const [, hours, minutes, amount, unit] = match;
  const rest = amount === undefined ? 0 : Number(amount) * unitOf(unit ?? 's');
  const waitMs = Number(hours ?? 0) * 3_600_000 + Number(minutes ?? 0) * 60_000 + rest;
  return waitMs > 0 ? Math.round(waitMs) : undefined;
}

function unitOf(unit: string): number {
  const word = unit.toLowerCase();
  if (word === 'ms' || word.startsWith('milli')) return 1;
  return unitMs[word[0]!] ?? 1000;
}
