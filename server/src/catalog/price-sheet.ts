import type { PriceTier } from '../core/model-info.ts';
import type { ListPrice } from '../core/money.ts';
import { totalInput, type Usage } from '../core/usage.ts';

/** A price with its long-context tiers, and when it holds. */
export interface PricePeriod {
  price: ListPrice;
  /** Ascending. */
  tiers: readonly PriceTier[];
  /** Unix milliseconds; absent: since ever. */
  fromMs?: number;
  /** Only between these milliseconds since midnight UTC; over midnight when `to` is before `from`. */
  dailyMs?: { from: number; to: number };
}

/** The prices of one model in order; the last one that holds at a moment is the price. */
export type PriceSheet = readonly PricePeriod[];

/** The list price of one call: the period of the moment, then the highest tier that its total input is above. */
export function priceOfCall(sheet: PriceSheet, usage: Usage, atMs: number): ListPrice | undefined {
  const period = periodAt(sheet, atMs);
  if (!period) return undefined;
  let price = period.price;
  if (period.tiers.length > 0) {
    const inputTokens = totalInput(usage);
    for (const tier of period.tiers) if (inputTokens > tier.aboveInputTokens) price = tier.price;
  }
  return price;
}

/**
 * The file's price completed by the price list. The file's figures stand. What it lacks (1-hour cache writes, audio …) is
 * taken from the list only where both have the same input and output price, for then they speak of the same offer; and
 * later changes of the list, by date or hour, count only if the list agreed with the file on the file's own date.
 */
export function completed(file: PricePeriod, list: PriceSheet, fileDateMs: number): PriceSheet {
  const agreeing = list.findLast(({ fromMs, dailyMs }) => !dailyMs && (fromMs === undefined || fromMs <= fileDateMs));
  if (!agreeing || !isSameOffer(file.price, agreeing.price)) return [file];
  const sameOffer = (price: ListPrice) =>
    [agreeing, ...agreeing.tiers].map((each) => each.price).find((listed) => isSameOffer(price, listed));
  const base: PricePeriod = {
    price: { ...agreeing.price, ...file.price },
    tiers: file.tiers.map(({ aboveInputTokens, price }) => ({
      aboveInputTokens,
      price: { ...sameOffer(price), ...price },
    })),
  };
  const later = list.filter(({ fromMs, dailyMs }) => dailyMs || (fromMs !== undefined && fromMs > fileDateMs));
  return [base, ...later];
}

// An embeddings model has no output price in one source and 0 in the other.
const isSameOffer = (left: ListPrice, right: ListPrice): boolean =>
  left.input === right.input && (left.output ?? 0) === (right.output ?? 0);

const dayMs = 86_400_000;

function periodAt(sheet: PriceSheet, atMs: number): PricePeriod | undefined {
  if (sheet.length === 1 && sheet[0]?.fromMs === undefined) return sheet[0];
  return sheet.findLast(({ fromMs, dailyMs }) => {
    if (fromMs !== undefined && atMs < fromMs) return false;
    if (!dailyMs) return true;
    const time = atMs % dayMs;
    const { from, to } = dailyMs;
    return from <= to ? time >= from && time < to : time >= from || time < to;
  });
}
