import { type ErrorFacts, SluiceError } from '../core/sluice-error.ts';

/** What a provider's error body says of itself, as far as it could be read. */
export interface UpstreamFault {
  message?: string;
  /** The provider's own type and code words, e.g. `insufficient_quota`, `context_length_exceeded`. */
  type?: string;
  code?: string;
  param?: string;
  retryAfterMs?: number;
}

const contextWords =
  /context[_ ]length|context window|prompt is too long|maximum context|too many (input )?tokens|input is too long|exceeds the maximum number of tokens/i;

/**
 * A provider's HTTP status and words as one row of our table. 401 and 403 are faults of the gateway's credential and are
 * never shown as the caller's own; 5xx and Anthropic's 529 are overload; a 4xx is passed on with its status.
 */
export function upstreamError(status: number, fault: UpstreamFault): SluiceError {
  const facts: ErrorFacts = {
    upstream: {
      provider: '',
      status,
      ...(fault.code && { code: fault.code }),
      ...(fault.type && { type: fault.type }),
    },
    ...(fault.param && { param: fault.param }),
    ...(fault.retryAfterMs !== undefined && { retryAfterMs: fault.retryAfterMs }),
  };
  const said = fault.message?.trim() || `The provider answered with status ${status}.`;
  const words = `${fault.code ?? ''} ${fault.type ?? ''}`;
  if (/insufficient_quota|billing|credit_balance/.test(words)) return new SluiceError('quota_exhausted', said, facts);
  if (status === 401 || status === 403)
    return new SluiceError('upstream_credential', "The provider refused the gateway's credential.", facts);
  if (status === 402) return new SluiceError('quota_exhausted', said, facts);
  if (status === 429 || /throttl|rate_limit|resource_exhausted/i.test(words))
    return new SluiceError('upstream_rate_limited', said, facts);
  if (status === 408 || status === 504) return new SluiceError('upstream_timeout', said, facts);
  if (status >= 500 || /overloaded/.test(words)) return new SluiceError('upstream_overloaded', said, facts);
  if (status >= 400) {
    if (/content_filter|content_policy/.test(words))
      return new SluiceError('content_blocked', said, { ...facts, status });
    if (/context_length_exceeded/.test(words) || (status !== 404 && contextWords.test(said)))
      return new SluiceError('context_window_exceeded', said, facts);
    return new SluiceError('upstream_rejected', said, { ...facts, status });
  }
  return new SluiceError('upstream_invalid_answer', said, facts);
}
