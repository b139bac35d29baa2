import type { JsonObject } from '../core/json.ts';
import type { SluiceError } from '../core/sluice-error.ts';
import type { Dialect } from '../core/wire-name.ts';
import type { InboundWire } from '../wire/wire.ts';

/** The status that a dialect uses for this error. */
export const errorStatus = (dialect: Dialect | 'platform', error: SluiceError): number =>
  dialect === 'anthropic-messages' && error.facts.status === undefined
    ? (error.row.anthropicStatus ?? error.status)
    : error.status;

/** Headers that every error carries: how long to wait, and whether the SDK should try again. */
export function errorHeaders(error: SluiceError): Record<string, string> {
  const { retryAfterMs } = error.facts;
  // A conflict that says how long to wait is one that passes.
  const retry = error.row.retry || (error.code === 'conflict' && retryAfterMs !== undefined);
  const headers: Record<string, string> = { 'x-should-retry': String(retry) };
  if (retryAfterMs !== undefined && Number.isFinite(retryAfterMs))
    headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return headers;
}

/** An error in the caller's dialect. */
export function errorResponse(
  wire: InboundWire,
  error: SluiceError,
  requestId: string,
  headers: Record<string, string>,
): Response {
  return Response.json(wire.buildError(error, requestId), {
    status: errorStatus(wire.name, error),
    headers: { ...headers, ...errorHeaders(error) },
  });
}

/** An error of the platform API: RFC 9457 problem details. */
export function problemResponse(error: SluiceError, requestId: string, allowed: readonly string[] = []): Response {
  const body: JsonObject = {
    type: `/docs/errors#${error.code}`,
    title: error.code.replaceAll('_', ' '),
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(error.facts.param && { param: error.facts.param }),
  };
  return new Response(JSON.stringify(body), {
    status: error.status,
    headers: {
      ...errorHeaders(error),
      ...(allowed.length > 0 && { allow: allowed.join(', ') }),
      'content-type': 'application/problem+json',
      'x-sluice-request-id': requestId,
      'x-request-id': requestId,
    },
  });
}
