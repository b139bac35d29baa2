import { asObject, asString, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { SluiceError } from '../../core/sluice-error.ts';
import { threadDetails } from '../message-threads.ts';
import { sseEvent } from '../sse.ts';
import { upstreamError } from '../upstream-error.ts';

// https://docs.claude.com/en/api/errors
const statusOfType: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};
const typeOfStatus: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
};

/** The error body: `{type: "error", error: {type, message}, request_id}`. */
export function buildError(error: SluiceError, requestId: string): JsonObject {
  // A provider's own 4xx is passed on with its status; the type must agree with it.
  const type = (error.code === 'upstream_rejected' && typeOfStatus[error.status]) || error.row.anthropicType;
  const details = threadDetails(error);
  return { type: 'error', error: { type, message: error.message, ...(details && { details }) }, request_id: requestId };
}

/** The same as the event that ends a stream. */
export const buildStreamError = (error: SluiceError, requestId: string): string =>
  sseEvent(JSON.stringify(buildError(error, requestId)), 'error');

/** Reads Anthropic's error body, and the looser forms of servers that imitate it (`{message}`, `{error: "text"}`, no JSON). */
export function parseError(status: number, body: string): SluiceError {
  const json = asObject(tryParseJson(body)) ?? {};
  return upstreamError(status, readFault(json));
}

/** An error inside a stream or a 200 answer, where only its type tells the status. */
export function parseErrorEvent(json: JsonObject): SluiceError {
  const fault = readFault(json);
  return upstreamError(statusOfType[fault.type ?? ''] ?? 500, fault);
}

function readFault(json: JsonObject) {
  const error = asObject(json.error);
  const inner = error ?? json;
  const message = asString(inner.message) ?? asString(json.error) ?? asString(json.detail);
  // An empty account is a plain 400 invalid_request_error; only the words tell it from the caller's own fault.
  const broke = message !== undefined && /credit balance is too low/i.test(message);
  return {
    message,
    type: error ? asString(error.type) : undefined,
    code: broke ? 'credit_balance' : asString(asObject(inner.details)?.error_code),
  };
}
