import { z } from 'zod';
import { defined } from '../core/json.ts';
import type { Capability, PriceTier } from '../core/model-info.ts';
import type { ListPrice } from '../core/money.ts';
import type { CatalogueModel } from './catalogue-file.ts';

const usd = z.number().nonnegative();
const rates = {
  input: usd.optional(),
  output: usd.optional(),
  cache_read: usd.optional(),
  cache_write: usd.optional(),
  cached_input: usd.optional(),
  input_audio: usd.optional(),
  output_audio: usd.optional(),
  reasoning: usd.optional(),
  citation: usd.optional(),
  request: usd.optional(),
};
const modality = z.enum(['text', 'image', 'pdf', 'audio', 'video']);
const tokens = z.number().int().nonnegative();

/** One model as the source gives it: prices in US dollars per million tokens, a missing price or flag is unknown. */
export const sourceModel = z.strictObject({
  provider: z.string().min(1),
  id: z.string().min(1),
  name: z.string().optional(),
  family: z.string().optional(),
  released: z.string().optional(),
  context: tokens.optional(),
  maxOutput: tokens.optional(),
  input: z.array(modality),
  output: z.array(modality),
  tools: z.boolean().optional(),
  reasoning: z.boolean().optional(),
  structuredOutput: z.boolean().optional(),
  attachment: z.boolean().optional(),
  temperature: z.boolean().optional(),
  openWeights: z.boolean().optional(),
  status: z.string().optional(),
  usdPerMillion: z.strictObject(rates).optional(),
  tiers: z
    .strictObject({
      tiers: z.array(
        z.strictObject({
          tier: z.strictObject({ type: z.literal('context').optional(), size: tokens }),
          ...rates,
        }),
      ),
    })
    .optional(),
});
export type SourceModel = z.infer<typeof sourceModel>;
type SourceRates = z.infer<z.ZodObject<typeof rates>>;

/** The source's model in our words. Deterministic: fields always in this order. */
export function toCatalogueModel(source: SourceModel): CatalogueModel {
  const embeddings = isEmbeddings(source);
  const price = priceOf(source, embeddings);
  const tiers = price && source.tiers?.tiers.map((tier) => toTier(tier));
  return defined({
    provider: source.provider,
    id: source.id,
    name: source.name,
    family: source.family,
    released: source.released,
    ...limitsOf(source, embeddings),
    capabilities: capabilitiesOf(source, embeddings),
    unknown: unknownOf(source),
    price,
    tiers: tiers && tiers.length > 0 ? tiers : undefined,
    openWeights: source.openWeights,
  });
}

// The source has no flag for embeddings: the name is all there is.
const isEmbeddings = ({ id, family }: SourceModel): boolean => /embed|(^|\/)bge-/i.test(`${id} ${family ?? ''}`);

function limitsOf({ context, maxOutput }: SourceModel, embeddings: boolean) {
  const window = context || undefined; // 0 is how the source says that it does not know
  // An embeddings model's "output" is the length of its vector.
  const longest = embeddings ? undefined : maxOutput || undefined;
  // A longest answer above the whole window: one of the two is wrong, and nobody can say which.
  if (window !== undefined && longest !== undefined && longest > window) return {};
  return { context: window, maxOutput: longest };
}

function capabilitiesOf(source: SourceModel, embeddings: boolean): Capability[] {
  const has: [Capability, boolean | undefined][] = [
    ['tools', source.tools],
    ['vision', source.input.includes('image')],
    ['documents', source.input.includes('pdf')],
    ['audio-in', source.input.includes('audio')],
    ['video-in', source.input.includes('video')],
    ['audio-out', source.output.includes('audio')],
    ['image-out', source.output.includes('image')],
    ['reasoning', source.reasoning],
    ['structured-output', source.structuredOutput],
    ['temperature', source.temperature],
    ['embeddings', embeddings],
  ];
  return has.filter(([, present]) => present === true).map(([capability]) => capability);
}

function unknownOf(source: SourceModel): Capability[] {
  const readsImages = source.input.includes('image');
  // "Takes attachments" without any medium to attach: the source contradicts itself.
  const contradictory = source.attachment === true && source.input.every((medium) => medium === 'text');
  // Several providers turn the pages of a PDF into images or text for models that the source lists without `pdf`.
  const mayReadDocuments = readsImages || contradictory || source.provider === 'openrouter';
  const silent: [Capability, boolean][] = [
    ['tools', source.tools === undefined],
    ['vision', contradictory],
    ['documents', mayReadDocuments && !source.input.includes('pdf')],
    ['reasoning', source.reasoning === undefined],
    ['structured-output', source.structuredOutput === undefined],
    ['temperature', source.temperature === undefined],
    // Nothing says what cannot embed, but what calls tools or thinks is a chat model.
    ['embeddings', !isEmbeddings(source) && !source.tools && !source.reasoning],
  ];
  return silent.filter(([, isSilent]) => isSilent).map(([capability]) => capability);
}

/**
 * The source's price, undefined when it cannot say what tokens cost. Zero is believed where the model is free by name or
 * in both directions, and for the output of embeddings; any other zero is a gap in the source, hence unknown.
 */
function priceOf(source: SourceModel, embeddings: boolean): ListPrice | undefined {
  const usdPerMillion = source.usdPerMillion;
  if (!usdPerMillion) return undefined;
  // Fees per request or citation: tokens alone would come out too cheap.
  if (usdPerMillion.request || usdPerMillion.citation) return undefined;
  if (usdPerMillion.input === 0 && usdPerMillion.output === 0) {
    // At OpenRouter a free model says so in its name; other zeros there are priced by the song or the picture.
    const isFree = source.provider !== 'openrouter' || /:free$|^openrouter\/free$/.test(source.id);
    return isFree ? { input: 0, output: 0 } : undefined;
  }
  const price = toListPrice(usdPerMillion);
  if (embeddings && usdPerMillion.output === 0) price.output = 0;
  return Object.keys(price).length > 0 ? price : undefined;
}

function toTier({ tier, ...prices }: { tier: { size: number } } & SourceRates): PriceTier {
  return { aboveInputTokens: tier.size, price: toListPrice(prices) };
}

// A dearer or cheaper price of thinking alone has no place in a ListPrice: thinking is priced as output.
function toListPrice(source: SourceRates): ListPrice {
  return defined({
    input: rate(source.input),
    output: rate(source.output),
    cacheRead: rate(source.cache_read ?? source.cached_input),
    cacheWrite: rate(source.cache_write),
    audioInput: rate(source.input_audio),
    audioOutput: rate(source.output_audio),
  });
}

// Six decimals are what the money arithmetic holds; the source has figures like 0.049999999999999996.
const rate = (usdPerMillion: number | undefined): number | undefined =>
  usdPerMillion ? Number(usdPerMillion.toFixed(6)) : undefined;
