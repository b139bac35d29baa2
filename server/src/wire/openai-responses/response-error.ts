import { asObject, asString } from '../../core/json.ts';
import type { SluiceError } from '../../core/sluice-error.ts';
import { upstreamError } from '../upstream-error.ts';

/** The `error` of a failed Response, or an `error` event (flat, or with the error nested in it), as an error of ours. */
export function parseResponseError(value: unknown): SluiceError {
  const outer = asObject(value) ?? {};
  const error = asObject(outer.error) ?? outer;
  const code = asString(error.code);
  const type = asString(error.type);
  return upstreamError(statusOf(code ?? type), {
    message: asString(error.message) ?? 'The provider failed while it was answering.',
    type: code === 'bio_policy' ? 'content_policy' : type === 'error' ? undefined : type,
    code,
    param: asString(error.param),
  });
}

/** Inside a 200 there is no status: the documented codes stand for one. */
function statusOf(code: string | undefined): number {
  switch (code) {
    case 'rate_limit_exceeded':
    case 'insufficient_quota':
      return 429;
    case 'vector_store_timeout':
      return 504;
    case 'invalid_prompt':
    case 'invalid_request_error':
    case 'data_residency_mismatch':
    case 'bio_policy':
    case 'context_length_exceeded':
    case 'failed_to_download_image':
      return 400;
    default:
      return code !== undefined && /image/.test(code) ? 400 : 500;
  }
}
