import type { ListPrice } from '../../../shared/src/list-price.ts';
import type { Usage } from './usage.ts';

export type { ListPrice };

/** Money is an integer number of nano-dollars (10^-9 US dollars). Prices are integer pico-dollars per token. */
export type Nanos = number;

// $1 per million tokens is 10^-6 dollars a token: 10^6 pico-dollars. Exact for prices down to a millionth of a dollar.
const picosPerToken = (usdPerMillion: number): number => Math.round(usdPerMillion * 1e6);

export const usdToNanos = (usd: number): Nanos => Math.round(usd * 1e9);
export const nanosToUsd = (nanos: Nanos): number => nanos / 1e9;

/** Nano-dollars as a plain decimal string of dollars without exponent, e.g. `0.000012345`. */
export function formatUsd(nanos: Nanos): string {
  const sign = nanos < 0 ? '-' : '';
  const absolute = Math.abs(nanos);
  const dollars = Math.floor(absolute / 1e9);
  const fraction = String(absolute % 1e9)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${sign}${dollars}` : `${sign}${dollars}.${fraction}`;
}

/**
 * The cost of one call, or null when a bucket that was used has no price. A cache read without a price of its own is
 * priced as input (never cheaper than it may be); a 1-hour write without one as the published double of the input price.
 */
export function costNanos(usage: Usage, price: ListPrice | undefined): Nanos | null {
  if (usage.reportedCostUsd !== undefined) return usdToNanos(usage.reportedCostUsd);
  if (!price) return null;
  const { input, output } = price;
  const picos =
    picosOf(usage.input, input) +
    picosOf(usage.cacheRead, price.cacheRead ?? input) +
    picosOf(usage.cacheWrite, price.cacheWrite ?? input) +
    picosOf(usage.cacheWrite1h, price.cacheWrite1h ?? (input === undefined ? undefined : input * 2)) +
    picosOf(usage.audioInput, price.audioInput ?? input) +
    picosOf(usage.output, output) +
    picosOf(usage.audioOutput, price.audioOutput ?? output);
  return Number.isNaN(picos) ? null : Math.round(picos / 1000);
}

/** NaN when tokens were used whose price is unknown: it makes the sum NaN too. */
function picosOf(tokens: number, usdPerMillion: number | undefined): number {
  if (tokens === 0) return 0;
  return usdPerMillion === undefined ? Number.NaN : tokens * picosPerToken(usdPerMillion);
}
