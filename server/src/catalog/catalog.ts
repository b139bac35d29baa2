import { defined } from '../core/json.ts';
import type { ModelInfo } from '../core/model-info.ts';
import type { ListPrice } from '../core/money.ts';
import { noUsage, type Usage } from '../core/usage.ts';
import { aliasesOf } from './alias.ts';
import { type CatalogueFile, type CatalogueModel, readCatalogueFile } from './catalogue-file.ts';
import { publishedPrice } from './genai-prices.ts';
import { createMemo } from './memo.ts';
import { createModelIndex, type Hit, type ModelIndex } from './model-index.ts';
import { createPriceBook } from './price-book.ts';
import { priceOfCall } from './price-sheet.ts';

/** A configured provider, as far as the catalogue cares. */
export interface CatalogProvider {
  /** The catalogue's name of it, e.g. `amazon-bedrock`; its own id when absent. */
  catalogId?: string;
  /** Runs on the operator's own machines: what nobody priced costs 0 there. */
  local?: boolean;
}

export interface CatalogOptions {
  /** Facts from sluice.yaml, by configured provider and upstream name; each field given replaces the catalogue's. */
  overrides?: readonly CatalogueModel[];
  /** By configured id. */
  providers?: Readonly<Record<string, CatalogProvider>>;
  /** The file that ships with the program unless given. */
  file?: CatalogueFile;
  now?: () => number;
}

export type Catalog = ReturnType<typeof createCatalog>;

/**
 * What is known of models and their prices. Facts come, first to last, from sluice.yaml, from the provider's own model
 * list, from models.json and from `@pydantic/genai-prices`. Never asks the network. Answers are remembered by provider
 * and id, so on the hot path each call is a Map lookup.
 */
export function createCatalog(options: CatalogOptions = {}) {
  const { overrides = [], providers = {}, file = readCatalogueFile(), now = Date.now } = options;
  const listed = createModelIndex(file.models);
  const configured = createModelIndex(overrides);
  let reported = createModelIndex<CatalogueModel>([]);
  const memo = createMemo<CatalogueModel | undefined>(20_000);
  const find = (provider: string, id: string) => memo.get(provider, id, () => resolve(provider, id));
  const prices = createPriceBook({ fileDateMs: Date.parse(file.header.date), find });

  function resolve(provider: string, id: string): CatalogueModel | undefined {
    const { catalogId = provider, local = false } = providers[provider] ?? {};
    const aliases = aliasesOf(catalogId, id);
    const hit = listed.findAny(catalogId, aliases);
    const own = (index: ModelIndex<CatalogueModel>) =>
      index.find(provider, id) ?? (hit ? index.find(provider, hit.model.id) : index.findAny(provider, aliases)?.model);
    const told = [own(reported), own(configured)].filter((model) => model !== undefined);

    const facts = hit ? factsOf(hit, id) : fromPriceList(catalogId, id, now());
    if (!facts && told.length === 0 && !local) return undefined;
    const price = told.findLast((model) => model.price) ?? (local ? freeOfCharge : undefined);
    if (hit && facts === hit.model && told.length === 0 && !price) {
      prices.note(facts, { kind: 'file', provider: catalogId, id: facts.id });
      return facts;
    }
    const names = { provider, id: facts?.id ?? id };
    const model: CatalogueModel = Object.assign(
      {},
      facts,
      ...told.map(statedFacts),
      price && priceFields(price),
      names,
    );
    if (price || hit?.price === 'unknown' || model.source === freeVariant) prices.note(model, { kind: 'stated' });
    else if (hit?.price === 'same') prices.note(model, { kind: 'file', provider: catalogId, id: hit.model.id });
    else prices.note(model, { kind: 'list', provider: catalogId, id });
    return model;
  }

  function list(): CatalogueModel[] {
    const models = new Map<string, CatalogueModel>();
    for (const { provider, id } of [...overrides, ...reported.models, ...file.models]) {
      const name = `${provider}/${id}`;
      const model = models.has(name) ? undefined : find(provider, id);
      if (model) models.set(name, model);
    }
    return [...models.values()];
  }

  return {
    /** Where models.json comes from. */
    header: file.header,

    /**
     * The model as configured, or as the catalogue knows it under this id or another form of it: `gpt-4.1-nano-2025-04-14`
     * finds `gpt-4.1-nano`. Undefined when nobody knows it.
     */
    find,

    /**
     * US dollars per million tokens for a call of this size at this time (Unix milliseconds): the period that holds, then
     * the tier that the total input is above. Undefined: unpriced. Pass what `find` returned; a copy is worked out anew.
     */
    priceFor(model: ModelInfo, usage: Usage, atMs: number): ListPrice | undefined {
      return prices.priceFor(model, usage, atMs);
    },

    /** Takes over what providers say of their own models, in place of what they said before. */
    report(models: readonly CatalogueModel[]): void {
      reported = createModelIndex(models);
      memo.clear();
    },

    /** Every model: those of sluice.yaml, those that providers report, and the catalogue's own. */
    list,

    /** The models whose provider, id, name and family together contain every word; the nearest ids first. */
    search(text: string): CatalogueModel[] {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean);
      return list()
        .filter((model) => words.every((word) => searchText(model).includes(word)))
        .sort((left, right) => distance(left, words) - distance(right, words));
    },

    /** Reads the price list ahead of the first question, so that no request waits for it (20 to 30 ms). */
    warm(): void {
      publishedPrice('openai', 'gpt-4o');
    },
  };
}

const freeOfCharge: Pick<ModelInfo, 'price' | 'tiers'> = { price: { input: 0, output: 0 } };
const freeVariant = 'openrouter :free';

/** A price is replaced whole, with its tiers: figures of two sources are never mixed. */
const priceFields = ({ price, tiers }: Pick<ModelInfo, 'price' | 'tiers'>) => ({ price, tiers });

/** What the catalogue's entry says of the id asked for, which may be another form of the entry's own. */
function factsOf({ model, price }: Hit<CatalogueModel>, id: string): CatalogueModel {
  if (price === 'same') return model;
  if (price === 'approximate') return { ...model, id };
  const { price: _, tiers: __, ...facts } = model;
  return { ...facts, id };
}

/** The facts that a layer states, without the names it goes by. Capabilities replace the catalogue's with what it doubts. */
function statedFacts({ provider, id, ...facts }: CatalogueModel): Partial<CatalogueModel> {
  return { ...(facts.capabilities ? { unknown: undefined } : {}), ...defined(facts) };
}

function fromPriceList(provider: string, id: string, nowMs: number): CatalogueModel | undefined {
  // OpenRouter's rule for `:free` is that it costs nothing; its window and abilities are not those of the paid model.
  if (provider === 'openrouter' && id.endsWith(':free')) return { provider, id, ...freeOfCharge, source: freeVariant };
  const known = publishedPrice(provider, id);
  if (!known) return undefined;
  const price = known.hasRequestFee ? undefined : priceOfCall(known.periods, noUsage, nowMs);
  return defined({ provider, id, name: known.name, context: known.context, price, source: 'genai-prices' });
}

const searchText = ({ provider, id, name = '', family = '' }: CatalogueModel): string =>
  `${provider}/${id} ${name} ${family}`.toLowerCase();

/** 0: the id itself; 1: the id begins so; 2: somewhere. */
function distance({ provider, id }: CatalogueModel, words: string[]): number {
  const names = [id.toLowerCase(), `${provider}/${id}`.toLowerCase()];
  const wanted = words.join(' ');
  if (names.includes(wanted)) return 0;
  return names.some((name) => name.startsWith(wanted)) ? 1 : 2;
}
