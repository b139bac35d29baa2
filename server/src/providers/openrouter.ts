import { z } from 'zod';
import { asArray, asNumber, asObject, asString, type JsonObject } from '../core/json.ts';
import type { Capability } from '../core/model-info.ts';
import { openAiCompatible } from './openai-compatible.ts';
import { isoDate } from './openai-models.ts';

/** OpenRouter. `options.referer` and `options.title` name your application to it (https://openrouter.ai/docs/app-attribution). */
export const createOpenRouterProvider = openAiCompatible({
  baseUrl: 'https://openrouter.ai/api/v1',
  keyVariables: ['OPENROUTER_API_KEY'],
  catalogId: 'openrouter',
  quirks: { reasoningField: 'reasoning_details' },
  options: { referer: z.url().optional(), title: z.string().min(1).optional() },
  headers: ({ referer, title }) => ({
    ...(typeof referer === 'string' && { 'http-referer': referer }),
    ...(typeof title === 'string' && { 'x-title': title }),
  }),
  readModel(entry) {
    const name = asString(entry.name);
    const released = isoDate(entry.created);
    const top = asObject(entry.top_provider);
    const context = asNumber(entry.context_length) ?? asNumber(top?.context_length);
    const maxOutput = asNumber(top?.max_completion_tokens);
    const price = readPrice(asObject(entry.pricing));
    return {
      ...(name !== undefined && { name }),
      ...(released !== undefined && { released }),
      ...(context !== undefined && { context }),
      ...(maxOutput !== undefined && { maxOutput }),
      ...(price && { price }),
      ...capabilitiesOf(entry),
    };
  },
});

/** OpenRouter gives US dollars per token as text; -1 says that the price depends on where a request is routed. */
function readPrice(pricing: JsonObject | undefined) {
  const perMillion = (field: string) => {
    const usdPerToken = Number(asString(pricing?.[field]) ?? Number.NaN);
    return usdPerToken >= 0 ? Number((usdPerToken * 1e6).toFixed(6)) : undefined;
  };
  const input = perMillion('prompt');
  const output = perMillion('completion');
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = perMillion('input_cache_read');
  const cacheWrite = perMillion('input_cache_write');
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
  };
}

const ofParameter: Record<string, Capability> = {
  tools: 'tools',
  reasoning: 'reasoning',
  structured_outputs: 'structured-output',
  temperature: 'temperature',
};
const ofInput: Record<string, Capability> = {
  image: 'vision',
  file: 'documents',
  audio: 'audio-in',
  video: 'video-in',
};
const ofOutput: Record<string, Capability> = { image: 'image-out', audio: 'audio-out', embeddings: 'embeddings' };

/** Only when both lists are there: a partial answer would read as "cannot". */
function capabilitiesOf(entry: JsonObject): { capabilities?: Capability[] } {
  const architecture = asObject(entry.architecture);
  if (!architecture || !Array.isArray(entry.supported_parameters)) return {};
  const found = (table: Record<string, Capability>, list: unknown) =>
    asArray(list).flatMap((word) => (typeof word === 'string' && Object.hasOwn(table, word) ? [table[word]!] : []));
  return {
    capabilities: [
      ...found(ofParameter, entry.supported_parameters),
      ...found(ofInput, architecture.input_modalities),
      ...found(ofOutput, architecture.output_modalities),
    ],
  };
}
