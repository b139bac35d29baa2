import type { ModelInfo } from '../core/model-info.ts';
import type { ListPrice } from '../core/money.ts';
import type { Usage } from '../core/usage.ts';
import { publishedPrice } from './genai-prices.ts';
import { completed, type PricePeriod, type PriceSheet, priceOfCall } from './price-sheet.ts';

/**
 * Where a model's price comes from. `stated`: its own price is the whole truth (configuration, the provider's own list, a
 * local provider). `file`: the catalogue's price, completed by the price list's entry. `list`: the price list first.
 */
export type PriceOrigin =
  | { kind: 'stated' }
  | { kind: 'file' | 'list' /** The entry of the price list. */; provider: string; id: string };

export interface PriceBookDeps {
  /** The date of the file, Unix milliseconds. */
  fileDateMs: number;
  find(provider: string, id: string): ModelInfo | undefined;
}

/** The price sheets of models, each worked out once, when it is first asked for. */
export function createPriceBook({ fileDateMs, find }: PriceBookDeps) {
  const origins = new WeakMap<ModelInfo, PriceOrigin>();
  const sheets = new WeakMap<ModelInfo, PriceSheet>();

  function sheetOf(model: ModelInfo): PriceSheet {
    const known = sheets.get(model);
    if (known) return known;
    const origin = origins.get(model);
    const sheet = origin ? sheetFrom(model, origin) : foreignSheet(model);
    sheets.set(model, sheet);
    return sheet;
  }

  function sheetFrom(model: ModelInfo, origin: PriceOrigin): PriceSheet {
    const own = periodOf(model);
    if (origin.kind === 'stated') return own ? [own] : [];
    const list = publishedPrice(origin.provider, origin.id);
    if (!list) return own ? [own] : [];
    // Tokens are not all that is paid for: their price alone would come out too cheap.
    if (list.hasRequestFee) return [];
    if (!own || (origin.kind === 'list' && list.periods.length > 0)) return list.periods;
    return completed(own, list.periods, fileDateMs);
  }

  /** A model that `find` did not make: a copy keeps the original's sheet, a price of its own is taken as it stands. */
  function foreignSheet(model: ModelInfo): PriceSheet {
    const ours = find(model.provider, model.id);
    if (ours && (model.price === undefined || model.price === ours.price)) return sheetOf(ours);
    return sheetFrom(model, { kind: 'stated' });
  }

  return {
    note(model: ModelInfo, origin: PriceOrigin): void {
      origins.set(model, origin);
    },
    priceFor(model: ModelInfo, usage: Usage, atMs: number): ListPrice | undefined {
      return priceOfCall(sheetOf(model), usage, atMs);
    },
  };
}

const periodOf = ({ price, tiers = [] }: ModelInfo): PricePeriod | undefined =>
  price && { price, tiers: [...tiers].sort((left, right) => left.aboveInputTokens - right.aboveInputTokens) };
