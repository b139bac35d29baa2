import { asObject, asString, type JsonObject, tryParseJson } from '../core/json.ts';
import type { SluiceError } from '../core/sluice-error.ts';
import { upstreamError } from './upstream-error.ts';

/** The error body of OpenAI's APIs, Chat and Responses alike: `{error: {message, type, param, code}}`. */
export function buildOpenAiError(error: SluiceError, requestId: string): JsonObject {
  return {
    error: {
      message: error.message,
      type: error.row.openaiType,
      param: error.facts.param ?? null,
      code: error.code,
      request_id: requestId,
    },
  };
}

/** Reads OpenAI's error object, and the looser forms of servers that imitate it (`{message}`, `{detail}`, `{error: "text"}`). */
export function parseOpenAiError(status: number, body: string): SluiceError {
  const json = tryParseJson(body);
  // Some imitators wrap the object in an array.
  const outer = asObject(Array.isArray(json) ? json[0] : json) ?? {};
  const inner = asObject(outer.error) ?? outer;
  const code = asString(inner.code) ?? (typeof inner.code === 'number' ? String(inner.code) : undefined);
  return upstreamError(status, {
    message: asString(inner.message) ?? asString(outer.error) ?? asString(outer.detail),
    type: asString(inner.type),
    code,
    param: asString(inner.param),
  });
}
