import { z } from 'zod';
import type { ChatRequest, ReasoningEffort, ReasoningRequest, ResponseFormat } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { asList, camelKeys, present } from './names.ts';
import { jsonSchemaOf } from './openapi-schema.ts';

const number = (range = 'a number') => z.number({ error: `must be ${range}` });
const integer = (least: number) => {
  const error = `must be a whole number of at least ${least}`;
  return z.int({ error }).min(least, { error }).nullish();
};
const between = (low: number, high: number) => {
  const error = `must be a number from ${low} to ${high}`;
  return z.number({ error }).min(low, { error }).max(high, { error }).nullish();
};
const flag = z.boolean({ error: 'must be true or false' }).nullish();
const text = z.string({ error: 'must be a string' }).nullish();
const schema = z.custom<JsonObject>(isObject, { error: 'must be a schema object' }).nullish();

const configSchema = z.looseObject({
  temperature: between(0, 2),
  topP: between(0, 1),
  // The API sends topK as a float in some clients; only whole numbers mean anything.
  topK: integer(0),
  candidateCount: integer(1),
  maxOutputTokens: integer(1),
  stopSequences: z.array(z.string({ error: 'must be a string' }), { error: 'must be a list of strings' }).nullish(),
  responseMimeType: text,
  responseSchema: schema,
  responseJsonSchema: schema,
  seed: z.int({ error: 'must be a whole number' }).nullish(),
  presencePenalty: number().nullish(),
  frequencyPenalty: number().nullish(),
  responseLogprobs: flag,
  logprobs: integer(0),
  thinkingConfig: z.looseObject({}, { error: 'must be an object' }).nullish(),
  responseModalities: z.array(z.string(), { error: 'must be a list such as ["TEXT"]' }).nullish(),
});

const thinkingSchema = z.looseObject({
  thinkingBudget: z
    .int({ error: 'must be a whole number of tokens, 0 for none or -1 for automatic' })
    .min(-1)
    .nullish(),
  includeThoughts: flag,
  thinkingLevel: z
    .string({ error: 'must be MINIMAL, LOW, MEDIUM or HIGH' })
    .transform((level) => level.toUpperCase())
    .pipe(
      z.enum(['MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'THINKING_LEVEL_UNSPECIFIED'], {
        error: 'must be MINIMAL, LOW, MEDIUM or HIGH',
      }),
    )
    .nullish(),
});

/** Reads `generationConfig` into the request; its fields that no other wire knows go to `extensions` as `generationConfig.x`. */
export function parseGenerationConfig(value: unknown, request: ChatRequest, extensions: JsonObject): void {
  if (!present(value)) return;
  if (!isObject(value)) throw invalidRequest('generationConfig must be an object.', 'generationConfig');
  const config = camelKeys(value);
  // An older name of the field that still stands in Google's discovery document.
  if (present(config._responseJsonSchema)) config.responseJsonSchema ??= config._responseJsonSchema;
  const { _responseJsonSchema, ...named } = config;
  const known = check(configSchema, named, 'generationConfig');
  const { temperature, topP, topK, candidateCount, maxOutputTokens, stopSequences, ...rest } = known;
  const { responseMimeType, responseSchema, responseJsonSchema, seed, presencePenalty, ...more } = rest;
  const { frequencyPenalty, responseLogprobs, logprobs, thinkingConfig, responseModalities, ...unknown } = more;
  if (present(temperature)) request.temperature = temperature!;
  if (present(topP)) request.topP = topP!;
  if (present(topK)) request.topK = topK!;
  if (present(candidateCount)) request.n = candidateCount!;
  if (present(maxOutputTokens)) request.maxOutputTokens = maxOutputTokens!;
  if (stopSequences) request.stop = stopSequences;
  if (present(seed)) request.seed = seed!;
  if (present(presencePenalty)) request.presencePenalty = presencePenalty!;
  if (present(frequencyPenalty)) request.frequencyPenalty = frequencyPenalty!;
  if (responseLogprobs === true) request.logprobs = { top: logprobs ?? 0 };
  const format = responseFormatOf(responseMimeType, responseSchema, responseJsonSchema);
  if (format) request.responseFormat = format;
  else if (present(responseMimeType)) unknown.responseMimeType = responseMimeType;
  if (!format && responseSchema) unknown.responseSchema = responseSchema;
  if (thinkingConfig) request.reasoning = parseThinking(thinkingConfig);
  if (responseModalities) readModalities(responseModalities, request, unknown);
  for (const [key, field] of Object.entries(unknown)) if (present(field)) extensions[`generationConfig.${key}`] = field;
}

function responseFormatOf(
  mimeType: string | null | undefined,
  openApi: JsonObject | null | undefined,
  jsonSchema: JsonObject | null | undefined,
): ResponseFormat | undefined {
  if (mimeType === 'text/plain') return { type: 'text' };
  if (mimeType !== 'application/json') return undefined;
  const schema = jsonSchema ?? (openApi ? jsonSchemaOf(openApi) : undefined);
  return schema ? { type: 'json-schema', name: 'response', schema } : { type: 'json' };
}

const efforts: Record<string, ReasoningEffort> = { MINIMAL: 'minimal', LOW: 'low', MEDIUM: 'medium', HIGH: 'high' };

function parseThinking(value: JsonObject): ReasoningRequest {
  const thinking = check(thinkingSchema, camelKeys(value), 'generationConfig.thinkingConfig');
  const reasoning: ReasoningRequest = {};
  const effort = thinking.thinkingLevel ? efforts[thinking.thinkingLevel] : undefined;
  if (effort) reasoning.effort = effort;
  if (thinking.thinkingBudget === 0) reasoning.enabled = false;
  else if (thinking.thinkingBudget === -1) reasoning.adaptive = true;
  else if (present(thinking.thinkingBudget)) reasoning.budgetTokens = thinking.thinkingBudget!;
  if (present(thinking.includeThoughts)) reasoning.include = thinking.includeThoughts!;
  return reasoning;
}

const modalities: Record<string, 'text' | 'audio' | 'image'> = { TEXT: 'text', AUDIO: 'audio', IMAGE: 'image' };

function readModalities(wanted: string[], request: ChatRequest, unknown: JsonObject): void {
  const known = asList(wanted).map((word) => modalities[String(word).toUpperCase()]);
  if (known.every((word) => word !== undefined)) {
    if (known.length > 0) request.modalities = known;
  } else unknown.responseModalities = wanted;
}

function check<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const at = (issue?.path ?? []).reduce<string>(
    (whole, step) => (typeof step === 'number' ? `${whole}[${step}]` : `${whole}.${String(step)}`),
    path,
  );
  throw invalidRequest(`${at} ${issue?.message ?? 'is not valid'}.`, at);
}
