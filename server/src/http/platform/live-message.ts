import { formatUsd } from '../../core/money.ts';
import type { LiveSecond } from '../../realtime/live-metrics.ts';

/** One second as it goes to the dashboard. Most asked first, so that whoever shows a few shows the right ones. */
export const presentSecond = ({ second, sums, latencyMs, inFlight }: LiveSecond) => ({
  type: 'second' as const,
  /** When the second began, in milliseconds since 1970. */
  at: second * 1000,
  requests: sums.requests,
  errors: sums.errors,
  tokens: { input: sums.input, output: sums.output },
  costUsd: formatUsd(sums.costNanos),
  savedUsd: formatUsd(sums.savedNanos),
  ...(inFlight !== undefined && { inFlight }),
  latencyMs,
  byModel: [...sums.models]
    .map(([model, { requests, costNanos }]) => ({ model, requests, costUsd: formatUsd(costNanos) }))
    .sort((one, other) => other.requests - one.requests),
  byProvider: [...sums.providers]
    .map(([provider, counts]) => ({ provider, ...counts }))
    .sort((one, other) => other.requests - one.requests),
});

/** A message of the socket. The first one is the history, all others are seconds. */
export type LiveMessage =
  | ReturnType<typeof presentSecond>
  | { type: 'history'; seconds: ReturnType<typeof presentSecond>[] };
