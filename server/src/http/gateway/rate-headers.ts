import type { LimitStanding, RateStanding } from '../../core/rate-limit.ts';

/** Writes how far the caller's own limits are used, in the names of both families of SDKs, over what a provider says of its own. */
export function rateHeaders({ requests, tokens }: RateStanding, headers: Record<string, string>): void {
  if (requests) write('requests', requests, headers);
  if (tokens) write('tokens', tokens, headers);
}

// OpenAI writes a reset as a duration, Anthropic as a time.
function write(what: 'requests' | 'tokens', standing: LimitStanding, headers: Record<string, string>): void {
  const limit = String(standing.limit);
  const remaining = String(standing.remaining);
  const resetSeconds = Math.ceil(standing.resetMs / 1000);
  headers[`x-ratelimit-limit-${what}`] = limit;
  headers[`x-ratelimit-remaining-${what}`] = remaining;
  headers[`x-ratelimit-reset-${what}`] = `${resetSeconds}s`;
  headers[`anthropic-ratelimit-${what}-limit`] = limit;
  headers[`anthropic-ratelimit-${what}-remaining`] = remaining;
  headers[`anthropic-ratelimit-${what}-reset`] = new Date(Date.now() + resetSeconds * 1000).toISOString();
}
