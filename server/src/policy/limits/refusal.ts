import { SluiceError } from '../../core/sluice-error.ts';
import type { MeterKind, Reading } from './limiter.ts';

const counted: Record<MeterKind, (limit: number) => string> = {
  requests: (limit) => `${limit} requests a minute`,
  tokens: (limit) => `${limit} tokens a minute`,
  concurrent: (limit) => `${limit} calls at a time`,
};

/** The reading that holds a refused call back longest. */
export const longestWait = (readings: readonly Reading[]): Reading =>
  readings.filter(({ waitMs }) => waitMs !== undefined).reduce((a, b) => (b.waitMs! > a.waitMs! ? b : a));

/** `rate_limited`, with whose limit it is and how long to wait, when waiting helps. */
export function refusal({ meter: { kind, limit, label, amount }, waitMs }: Reading): SluiceError {
  const most = `The limit of ${label} is ${counted[kind](limit)}`;
  if (amount > limit) {
    return new SluiceError(
      'rate_limited',
      `${most}, and this request alone has about ${amount}. Send less at once, or ask an administrator for a higher limit.`,
    );
  }
  const seconds = Math.max(1, Math.ceil((waitMs ?? 0) / 1000));
  return new SluiceError('rate_limited', `${most}. Send the request again in ${seconds} s.`, { retryAfterMs: waitMs });
}
