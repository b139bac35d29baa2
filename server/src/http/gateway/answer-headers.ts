import type { CallContext } from '../../core/call.ts';
import { describeGuard } from '../../core/guard-note.ts';
import { describeLosses } from '../../core/loss.ts';
import { formatUsd } from '../../core/money.ts';
import { rateHeaders } from './rate-headers.ts';

/** The headers that say what became of a call; see docs/reference/headers.md. The cost is known only when the answer is whole. */
export function answerHeaders({ requestId, facts }: CallContext): Record<string, string> {
  const headers: Record<string, string> = {
    ...facts.passHeaders,
    'x-sluice-request-id': requestId,
    'x-request-id': requestId,
    'request-id': requestId,
    'x-sluice-cache': facts.cache?.state ?? 'none',
  };
  if (facts.cache?.ageSeconds !== undefined) headers.age = String(facts.cache.ageSeconds);
  if (facts.cache?.key !== undefined) headers['x-sluice-cache-key'] = facts.cache.key;
  if (facts.rate) rateHeaders(facts.rate, headers);
  if (facts.model) headers['x-sluice-model'] = safe(facts.model);
  if (facts.route) headers['x-sluice-route'] = safe(facts.route);
  if (facts.attempts.length > 0) {
    headers['x-sluice-attempts'] = safe(
      `${facts.attempts.length}; ${facts.attempts.map(({ model, outcome }) => `${model} ${outcome}`).join('; ')}`,
    );
  }
  if (facts.losses.length > 0) headers['x-sluice-loss'] = safe(describeLosses(facts.losses));
  if (facts.guard) headers['x-sluice-guard'] = safe(describeGuard(facts.guard));
  if (facts.costNanos !== undefined)
    headers['x-sluice-cost-usd'] = facts.costNanos === null ? 'unpriced' : formatUsd(facts.costNanos);
  if (facts.upstreamRequestId) headers['x-sluice-upstream-request-id'] = safe(facts.upstreamRequestId);
  return headers;
}

/** Header values are printable ASCII. */
const safe = (text: string): string => (/^[\x20-\x7e]*$/.test(text) ? text : text.replace(/[^\x20-\x7e]/g, '?'));
