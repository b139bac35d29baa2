import { asNumber, asObject, asString, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { SluiceError } from '../../core/sluice-error.ts';
import { upstreamError } from '../upstream-error.ts';

/** The HTTP status that each of Bedrock's faults means, by the lower-cased start of its name. */
const statusOfFault: [prefix: string, status: number][] = [
  ['throttling', 429],
  ['toomanyrequests', 429],
  ['modelnotready', 503],
  // The account's quota, not its rate: another try does not help.
  ['servicequotaexceeded', 402],
  ['modeltimeout', 504],
  ['modelstreamerror', 502],
  ['modelerror', 502],
  ['internalserver', 500],
  ['internalfailure', 500],
  ['serviceunavailable', 503],
  ['validation', 400],
  ['resourcenotfound', 404],
  ['accessdenied', 403],
  ['unrecognizedclient', 403],
  ['expiredtoken', 403],
  ['invalidsignature', 403],
  ['missingauthentication', 403],
];

/** A non-2xx answer: `{message}` or `{Message}`, the fault's name in `__type` when the body has it at all. */
export function parseError(status: number, body: string): SluiceError {
  return faultError(asObject(tryParseJson(body)) ?? {}, undefined, status);
}

/** An exception in the stream, or a fault in a body. `status` is what HTTP said, if it said anything. */
export function faultError(payload: JsonObject, name?: string, status?: number): SluiceError {
  const type = name === undefined || name === 'error' ? bodyType(payload) : name;
  const key = type?.toLowerCase() ?? '';
  const byName = statusOfFault.find(([prefix]) => key.startsWith(prefix))?.[1];
  const original = asNumber(payload.originalStatusCode);
  // 424 is Bedrock's own: the model failed while it worked. What the model itself said counts, if it is told.
  const failedModel = status === 424 || key.startsWith('modelerror') || key.startsWith('modelstreamerror');
  const meant =
    failedModel && original !== undefined && original >= 400 ? original : (byName ?? (failedModel ? 502 : status));
  return upstreamError(meant ?? 500, {
    message: asString(payload.originalMessage) ?? asString(payload.message) ?? asString(payload.Message),
    type,
  });
}

/** `com.amazon.coral.service#ThrottlingException` and `ThrottlingException:http://…` are both ThrottlingException. */
function bodyType(payload: JsonObject): string | undefined {
  const named = asString(payload.__type) ?? asString(payload.code);
  return named?.slice(named.lastIndexOf('#') + 1).split(':', 1)[0];
}
