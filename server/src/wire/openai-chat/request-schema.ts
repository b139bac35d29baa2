import { z } from 'zod';
import { isObject, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';

const numberIn = (low: number, high: number) => {
  const sentence = `must be a number from ${low} to ${high}`;
  return z.number(sentence).min(low, sentence).max(high, sentence).nullish();
};
const integerIn = (low: number, high: number) => {
  const sentence =
    high === Number.MAX_SAFE_INTEGER
      ? `must be an integer of at least ${low}`
      : `must be an integer from ${low} to ${high}`;
  return z.int(sentence).min(low, sentence).max(high, sentence).nullish();
};
const oneOf = <const Words extends [string, ...string[]]>(...words: Words) =>
  z.enum(words, `must be one of ${words.join(', ')}`).nullish();
const yesOrNo = z.boolean('must be true or false').nullish();
const text = z.string('must be a string').nullish();
const strings = z.array(z.string('must be a string'), 'must be an array of strings');
/** Checked only for being an object: no copy is made of schemas that may be long. */
const anyObject = z.custom<JsonObject>(isObject, 'must be an object');
const list = z.array(z.unknown(), 'must be an array').nullish();

export const effortWords = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/**
 * The fields of a Chat Completions request that Sluice understands, with OpenAI's types and ranges
 * (https://platform.openai.com/docs/api-reference/chat/create). Messages, tools and formats are read by their own files.
 */
const fields = {
  model: z.string('must be a string that names a model').min(1, 'must name a model'),
  messages: z.array(z.unknown(), 'must be an array of messages').min(1, 'must hold at least one message'),
  audio: anyObject.nullish(),
  frequency_penalty: numberIn(-2, 2),
  function_call: z.unknown().optional(),
  functions: list,
  include_reasoning: yesOrNo,
  logit_bias: z
    .record(
      z.string(),
      z
        .number('must be a number')
        .min(-100, 'must be a number from -100 to 100')
        .max(100, 'must be a number from -100 to 100'),
      'must be an object of token ids and numbers',
    )
    .nullish(),
  logprobs: yesOrNo,
  max_completion_tokens: integerIn(1, Number.MAX_SAFE_INTEGER),
  max_tokens: integerIn(1, Number.MAX_SAFE_INTEGER),
  metadata: z.record(z.string(), z.string('must be a string'), 'must be an object of strings').nullish(),
  min_p: numberIn(0, 1),
  modalities: z
    .array(z.enum(['text', 'audio', 'image'], 'must be one of text, audio, image'), 'must be an array')
    .nullish(),
  n: integerIn(1, 128),
  parallel_tool_calls: yesOrNo,
  prediction: anyObject.nullish(),
  presence_penalty: numberIn(-2, 2),
  prompt_cache_key: text,
  reasoning: z
    .looseObject(
      {
        effort: oneOf(...effortWords),
        enabled: yesOrNo,
        exclude: yesOrNo,
        max_tokens: integerIn(0, Number.MAX_SAFE_INTEGER),
      },
      'must be an object',
    )
    .nullish(),
  // `default` is Groq's word for its own choice.
  reasoning_effort: oneOf(...effortWords, 'default'),
  response_format: z.unknown().optional(),
  safety_identifier: text,
  seed: z.int('must be an integer').nullish(),
  service_tier: text,
  stop: z.union([z.string(), strings], 'must be a string or an array of strings').nullish(),
  store: yesOrNo,
  stream: yesOrNo,
  stream_options: z.looseObject({ include_usage: yesOrNo }, 'must be an object').nullish(),
  temperature: numberIn(0, 2),
  tool_choice: z.unknown().optional(),
  tools: list,
  top_k: integerIn(0, Number.MAX_SAFE_INTEGER),
  top_logprobs: integerIn(0, 20),
  top_p: numberIn(0, 1),
  user: text,
  verbosity: oneOf('low', 'medium', 'high'),
  web_search_options: anyObject.nullish(),
};

/** The fields of nearly every body, in the form that they nearly always have: an answer without asking the schema. */
const isUsual: Record<string, (value: unknown) => boolean> = {
  model: (value) => typeof value === 'string' && value !== '',
  messages: (value) => Array.isArray(value) && value.length > 0,
  stream: (value) => typeof value === 'boolean',
  temperature: (value) => typeof value === 'number' && value >= 0 && value <= 2,
  max_tokens: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
};

const schemas: ReadonlyMap<string, z.ZodType> = new Map(Object.entries(fields));
const required = ['model', 'messages'] as const;

export type RequestBody = z.infer<z.ZodObject<typeof fields, z.core.$loose>>;

/**
 * A body whose known fields have their types and ranges. Looks at those that are there, one by one: a schema of the whole asks
 * for all 39 of them each time, which costs as much again.
 */
export function checkBody(body: unknown): RequestBody {
  if (!isObject(body)) throw invalidRequest('The body must be a JSON object.');
  for (const field of required) if (body[field] === undefined) check(fields[field], undefined, field);
  for (const field in body) {
    const schema = schemas.get(field);
    if (schema && !isUsual[field]?.(body[field])) check(schema, body[field], field);
  }
  return body as RequestBody;
}

/** Checks `value` and gives it back typed; otherwise a 400 in one sentence that names the field as a path under `path`. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown, path = ''): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const where = joinPath(path, issue.path);
  if (where === '') throw invalidRequest(`${issue.message}.`);
  throw invalidRequest(`\`${where}\` ${issue.message}.`, where);
}

/** A 400 about one field. `must` completes the sentence that begins with the field's name. */
export const refuse = (path: string, must: string) => invalidRequest(`\`${path}\` ${must}.`, path);

function joinPath(root: string, path: readonly PropertyKey[]): string {
  let joined = root;
  for (const step of path) {
    if (typeof step === 'number') joined += `[${step}]`;
    else joined += joined === '' ? String(step) : `.${String(step)}`;
  }
  return joined;
}
