import type { MatchLogic, ModelPrice, ModelInfo as PublishedModel } from '@pydantic/genai-prices';
import { defined } from '../core/json.ts';
import type { PriceTier } from '../core/model-info.ts';
import type { ListPrice } from '../core/money.ts';
import type { PricePeriod } from './price-sheet.ts';

export interface Published {
  name?: string;
  context?: number;
  /** In order; the last one that holds at a moment is the price. Empty: this list cannot say what tokens cost. */
  periods: PricePeriod[];
  /** There is a fee per request besides the tokens. */
  hasRequestFee: boolean;
}

/**
 * What the price list of `@pydantic/genai-prices` knows of a model, by the catalogue's provider ids. The package is read
 * at the first question (20 to 30 ms) and works from its own bundled data: nothing goes over the network.
 */
export function publishedPrice(provider: string, id: string): Published | undefined {
  for (const listId of listIds[provider] ?? []) {
    const list = priceLists().findProvider({ providerId: listId });
    const model = list && findModel(list.models, id);
    if (model) return toPublished(model);
  }
  return undefined;
}

// Azure sells OpenAI's models at OpenAI's prices; what it sells of others costs something else than at their makers'.
const listIds: Record<string, string[]> = {
  openai: ['openai'],
  anthropic: ['anthropic'],
  google: ['google'],
  'google-vertex': ['google'],
  'amazon-bedrock': ['aws'],
  azure: ['azure', 'openai'],
  groq: ['groq'],
  mistral: ['mistral'],
  openrouter: ['openrouter'],
  xai: ['x-ai'],
  deepseek: ['deepseek'],
  cohere: ['cohere'],
  'fireworks-ai': ['fireworks'],
  togetherai: ['together'],
  perplexity: ['perplexity'],
  cerebras: ['cerebras'],
};

type PriceLists = typeof import('@pydantic/genai-prices');
let loaded: PriceLists | undefined;

// Required, not imported: prices are looked up synchronously, and a start that never asks should not pay for the list. A bundler
// finds a plain `require`, not one that is made.
function priceLists(): PriceLists {
  loaded ??= require('@pydantic/genai-prices') as PriceLists;
  return loaded;
}

function findModel(models: readonly PublishedModel[], id: string): PublishedModel | undefined {
  const name = id.toLowerCase();
  return models.find((model) => model.id.toLowerCase() === name) ?? models.find((model) => covers(model, name));
}

// The list matches by beginnings and parts of names, so an unheard-of `claude-sonnet-5-5` would get the price of
// `claude-sonnet-5`. A match counts only when all that it leaves over is a vendor or region before, a release after.
function covers({ match, id }: PublishedModel, name: string): boolean {
  const rest = leftOver(match, name);
  if (!rest) return false;
  const [before = '', after = ''] = rest;
  const isVersionOfIt = /^-v\d+(?::\d+)?$/.test(after) && id.toLowerCase().endsWith(after);
  return /^(?:[a-z.-]*\.)?$/.test(before) && (release.test(after) || isVersionOfIt);
}

// A date, `-latest`, or Bedrock's first version; a `-v2` may be another model at another price.
const release = /^(?:[-@:](?:latest|default|preview|20\d{6}|20\d{2}-\d{2}-\d{2}|\d{3,4}))?(?:-v1)?(?::\d+)?$/;

/** What stands before and after the part of the name that matched; empty for a whole match, undefined for none. */
function leftOver(match: MatchLogic, name: string): string[] | undefined {
  if ('or' in match) {
    const candidates = match.or.map((each) => leftOver(each, name)).filter((rest) => rest !== undefined);
    return candidates.sort((left, right) => left.join('').length - right.join('').length)[0];
  }
  if ('and' in match) {
    const parts = match.and.map((each) => leftOver(each, name));
    // Each part covers some of the name; only a part that covers it all speaks for the whole.
    return parts.every((rest) => rest !== undefined)
      ? parts.sort((left, right) => left.join('').length - right.join('').length)[0]
      : undefined;
  }
  if ('equals' in match) return name === match.equals.toLowerCase() ? [] : undefined;
  if ('regex' in match) return new RegExp(match.regex).test(name) ? [] : undefined;
  if ('starts_with' in match) return around(name, match.starts_with, (at) => at === 0);
  if ('ends_with' in match) return around(name, match.ends_with, (_at, end) => end === name.length);
  return around(name, match.contains, () => true);
}

function around(name: string, part: string, holds: (at: number, end: number) => boolean): string[] | undefined {
  const text = part.toLowerCase();
  const at = holds(0, 0) ? name.indexOf(text) : name.lastIndexOf(text);
  if (at === -1 || !holds(at, at + text.length)) return undefined;
  return [name.slice(0, at), name.slice(at + text.length)];
}

function toPublished(model: PublishedModel): Published {
  const prices = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  return {
    ...defined({ name: model.name, context: model.context_window }),
    hasRequestFee: prices.some((each) => each.prices.requests_kcount !== undefined),
    periods: prices.flatMap(({ prices: rates, ...condition }) => {
      const sheet = toSheet(rates);
      return sheet ? [{ ...sheet, ...toCondition('constraint' in condition ? condition.constraint : undefined) }] : [];
    }),
  };
}

type Constraint = { start_date: string } | { start_time: string; end_time: string };

function toCondition(constraint: Constraint | undefined): Pick<PricePeriod, 'fromMs' | 'dailyMs'> {
  if (!constraint) return {};
  if ('start_date' in constraint) return { fromMs: Date.parse(constraint.start_date) };
  return { dailyMs: { from: timeOfDayMs(constraint.start_time), to: timeOfDayMs(constraint.end_time) } };
}

/** `16:30:00Z` in milliseconds since midnight UTC. */
const timeOfDayMs = (time: string): number => Date.parse(`1970-01-01T${time}`);

function toSheet(rates: ModelPrice): { price: ListPrice; tiers: PriceTier[] } | undefined {
  const starts = new Set<number>();
  for (const rate of Object.values(rates)) {
    if (typeof rate === 'object') for (const { start } of rate.tiers) starts.add(start);
  }
  const price = priceAbove(rates, -1);
  if (price.input === undefined) return undefined;
  const tiers = [...starts].sort((left, right) => left - right);
  return { price, tiers: tiers.map((start) => ({ aboveInputTokens: start, price: priceAbove(rates, start) })) };
}

function priceAbove(rates: ModelPrice, inputTokens: number): ListPrice {
  const rateOf = (key: string): number | undefined => {
    const rate = rates[`${key}_mtok`];
    if (typeof rate !== 'object') return rate;
    return rate.tiers.reduce((price, tier) => (tier.start <= inputTokens ? tier.price : price), rate.base);
  };
  return defined({
    input: dearer(rateOf('input'), rateOf('input_image')),
    output: dearer(rateOf('output'), rateOf('output_image')),
    cacheRead: rateOf('cache_read'),
    cacheWrite: rateOf('cache_write'),
    cacheWrite1h: rateOf('cache_write_1h'),
    audioInput: rateOf('input_audio'),
    audioOutput: rateOf('output_audio'),
  });
}

// Usage does not tell the tokens of pictures from those of text: where they differ, the dearer price stands for both.
const dearer = (text: number | undefined, image: number | undefined): number | undefined =>
  text !== undefined && image !== undefined ? Math.max(text, image) : text;
