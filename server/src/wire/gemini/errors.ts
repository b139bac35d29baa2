import { asArray, asNumber, asObject, asString, type JsonObject, tryParseJson } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { type UpstreamFault, upstreamError } from '../upstream-error.ts';

const typePrefix = 'type.googleapis.com/google.rpc.';

/**
 * Google's error body (https://google.aip.dev/193) as an error of ours, with `RetryInfo.retryDelay` in milliseconds. An answer
 * that streams as a JSON array wraps it in a list. A spent daily quota is `quota_exhausted`: waiting a minute helps nothing.
 */
export function parseError(status: number, body: string): SluiceError {
  const json = tryParseJson(body);
  const outer = asObject(Array.isArray(json) ? json[0] : json);
  return errorOf(status, asObject(outer?.error) ?? {});
}

/** The `error` object of a body or of an event in mid-stream. */
export function errorOf(status: number, error: JsonObject): SluiceError {
  const details = asArray(error.details).map((detail) => asObject(detail) ?? {});
  const info = detailOf(details, 'ErrorInfo');
  const reason = asString(info?.reason);
  const code = asString(error.status);
  const retryAfterMs = durationMs(asString(detailOf(details, 'RetryInfo')?.retryDelay));
  const violation = asObject(asArray(detailOf(details, 'BadRequest')?.fieldViolations)[0]);
  const message = asString(error.message);
  const param = asString(violation?.field);
  const fault: UpstreamFault = {
    ...(message !== undefined && { message }),
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { type: reason }),
    ...(param !== undefined && { param }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  // A wrong key is a 400 here, not a 401.
  if (reason === 'API_KEY_INVALID' || reason === 'API_KEY_EXPIRED') return upstreamError(401, fault);
  if (status === 429 && isSpentForToday(detailOf(details, 'QuotaFailure'))) {
    const { message: said, facts } = upstreamError(status, fault);
    return new SluiceError('quota_exhausted', said, facts);
  }
  return upstreamError(status, fault);
}

const detailOf = (details: JsonObject[], name: string): JsonObject | undefined =>
  details.find((detail) => detail['@type'] === typePrefix + name);

const isSpentForToday = (quotaFailure: JsonObject | undefined): boolean =>
  asArray(quotaFailure?.violations).some((violation) => /PerDay/.test(asString(asObject(violation)?.quotaId) ?? ''));

/** A protobuf duration such as `34.07s` in milliseconds. */
function durationMs(duration: string | undefined): number | undefined {
  const seconds = duration?.endsWith('s') ? Number(duration.slice(0, -1)) : Number.NaN;
  return Number.isFinite(seconds) ? Math.ceil(seconds * 1000) : undefined;
}

/** Our error as Google's body: code and status of the error table, the facts as `details`. */
export function buildError(error: SluiceError, requestId: string): JsonObject {
  const details: JsonObject[] = [
    { '@type': `${typePrefix}ErrorInfo`, reason: error.code.toUpperCase(), domain: 'sluice' },
    { '@type': `${typePrefix}RequestInfo`, requestId },
  ];
  const { param, retryAfterMs } = error.facts;
  if (param !== undefined)
    details.push({
      '@type': `${typePrefix}BadRequest`,
      fieldViolations: [{ field: param, description: error.message }],
    });
  if (error.row.geminiStatus === 'RESOURCE_EXHAUSTED')
    details.push({
      '@type': `${typePrefix}QuotaFailure`,
      violations: [{ subject: error.code, description: error.message }],
    });
  if (retryAfterMs !== undefined)
    details.push({ '@type': `${typePrefix}RetryInfo`, retryDelay: `${retryAfterMs / 1000}s` });
  return { error: { code: error.status, message: error.message, status: error.row.geminiStatus, details } };
}

/** The status that a mid-stream error names, or 500 when it names none. */
export const statusOf = (error: JsonObject): number => asNumber(error.code) ?? 500;
