import { z } from 'zod';
import type { ChatRequest, ReasoningRequest, ResponseFormat } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { parseInput } from './parse-input.ts';
import { parseToolChoice, parseTools } from './parse-tools.ts';

/**
 * A body of `POST /v1/responses` as a request (https://platform.openai.com/docs/api-reference/responses/create).
 * `instructions` becomes the first system message. Fields that have no neutral form ride in `extensions`. Throws
 * `invalid_request` naming the field.
 */
export function parseRequest(body: unknown): ChatRequest {
  const result = bodySchema.safeParse(body);
  if (!result.success) throw invalidBody(result.error);
  const fields = result.data;
  if (fields.background) {
    throw invalidRequest('Background mode is not offered here: send the request without `background`.', 'background');
  }
  const messages = parseInput(fields.input ?? []);
  if (fields.instructions) messages.unshift({ role: 'system', parts: [{ type: 'text', text: fields.instructions }] });
  const extensions = extensionsOf(fields);
  if (messages.length === 0 && !contextFields.some((field) => extensions[field] !== undefined)) {
    throw invalidRequest('`input` is missing: send text or a list of items.', 'input');
  }
  const request: ChatRequest = {
    dialect: 'openai-responses',
    model: fields.model,
    messages,
    tools: parseTools(fields.tools ?? []),
    stop: [],
    n: 1,
    stream: fields.stream ?? false,
    includeUsage: true,
    extensions: {},
  };
  setSampling(request, fields);
  setIdentity(request, fields);
  const toolChoice = fields.tool_choice == null ? undefined : parseToolChoice(fields.tool_choice);
  if (toolChoice) request.toolChoice = toolChoice;
  else if (fields.tool_choice != null) extensions.tool_choice = fields.tool_choice;
  setText(request, fields, extensions);
  setReasoning(request, fields, extensions);
  setIncludes(request, fields, extensions);
  if (Object.keys(extensions).length > 0) request.extensions['openai-responses'] = extensions;
  return request;
}

const text = (name: string) => z.string(`\`${name}\` must be a string.`).nullish();
const flag = (name: string) => z.boolean(`\`${name}\` must be a boolean.`).nullish();
const number = (name: string, min: number, max: number) => {
  const message = `\`${name}\` must be a number from ${min} to ${max}.`;
  return z.number(message).min(min, message).max(max, message).nullish();
};
const count = (name: string, min: number, max: number) => {
  const message = `\`${name}\` must be a whole number${max === Number.MAX_SAFE_INTEGER ? ` of at least ${min}` : ` from ${min} to ${max}`}.`;
  return z.number(message).int(message).min(min, message).max(max, message).nullish();
};
const oneOf = <const T extends readonly string[]>(name: string, values: T) =>
  z.enum(values, `\`${name}\` must be one of ${values.join(', ')}.`).nullish();
const list = (name: string) => z.array(z.unknown(), `\`${name}\` must be an array.`).nullish();

const summaries = ['auto', 'concise', 'detailed'] as const;

const textSchema = z.looseObject(
  {
    format: z
      .looseObject({ type: z.string('`text.format.type` must be a string.') }, '`text.format` must be an object.')
      .nullish(),
    verbosity: oneOf('text.verbosity', ['low', 'medium', 'high']),
  },
  '`text` must be an object.',
);

const reasoningSchema = z.looseObject(
  {
    effort: oneOf('reasoning.effort', ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']),
    summary: oneOf('reasoning.summary', summaries),
    generate_summary: oneOf('reasoning.generate_summary', summaries),
  },
  '`reasoning` must be an object.',
);

const bodySchema = z.looseObject(
  {
    model: z.string('`model` is missing: name the model as a string.').min(1, '`model` is empty: name the model.'),
    input: z.union([z.string(), z.array(z.unknown())], '`input` must be a string or an array of items.').nullish(),
    instructions: text('instructions'),
    tools: list('tools'),
    tool_choice: z.unknown().optional(),
    parallel_tool_calls: flag('parallel_tool_calls'),
    text: textSchema.nullish(),
    reasoning: reasoningSchema.nullish(),
    include: z.array(z.string('`include` must hold strings.'), '`include` must be an array of strings.').nullish(),
    max_output_tokens: count('max_output_tokens', 1, Number.MAX_SAFE_INTEGER),
    temperature: number('temperature', 0, 2),
    top_p: number('top_p', 0, 1),
    top_logprobs: count('top_logprobs', 0, 20),
    frequency_penalty: number('frequency_penalty', -2, 2),
    presence_penalty: number('presence_penalty', -2, 2),
    metadata: z
      .record(z.string(), z.string('`metadata` values must be strings.'), '`metadata` must be an object of strings.')
      .nullish(),
    user: text('user'),
    safety_identifier: text('safety_identifier'),
    prompt_cache_key: text('prompt_cache_key'),
    service_tier: text('service_tier'),
    store: flag('store'),
    stream: flag('stream'),
    background: flag('background'),
    previous_response_id: text('previous_response_id'),
    conversation: z
      .union(
        [z.string(), z.looseObject({ id: z.string() })],
        '`conversation` must be an id, or an object with an `id`.',
      )
      .nullish(),
    prompt: z.looseObject({ id: z.string('`prompt.id` must be a string.') }, '`prompt` must be an object.').nullish(),
    truncation: oneOf('truncation', ['auto', 'disabled']),
    max_tool_calls: count('max_tool_calls', 1, Number.MAX_SAFE_INTEGER),
    stream_options: z.looseObject({}, '`stream_options` must be an object.').nullish(),
  },
  'The body must be a JSON object.',
);
type Fields = z.infer<typeof bodySchema>;

/** Fields that can stand in for `input`. */
const contextFields = ['previous_response_id', 'conversation', 'prompt'];

/** Fields with a neutral form, which are therefore no extensions. */
const carried: ReadonlySet<string> = new Set([
  ...['model', 'input', 'instructions', 'tools', 'tool_choice', 'parallel_tool_calls', 'text', 'reasoning', 'include'],
  ...['max_output_tokens', 'temperature', 'top_p', 'top_logprobs', 'metadata', 'prompt_cache_key', 'service_tier'],
  ...['user', 'safety_identifier', 'store', 'stream', 'background', 'stream_options'],
  ...['frequency_penalty', 'presence_penalty'],
]);

function extensionsOf(fields: Fields): JsonObject {
  const extensions: JsonObject = {};
  for (const name of Object.keys(fields)) {
    if (!carried.has(name) && fields[name] != null) extensions[name] = fields[name];
  }
  // What is the default anyway is nothing that another wire could lose.
  if (extensions.truncation === 'disabled') delete extensions.truncation;
  const { include_obfuscation: obfuscation, ...streamOptions } = fields.stream_options ?? {};
  if (obfuscation === true) streamOptions.include_obfuscation = true;
  if (Object.keys(streamOptions).length > 0) extensions.stream_options = streamOptions;
  return extensions;
}

function setSampling(request: ChatRequest, fields: Fields): void {
  if (fields.max_output_tokens != null) request.maxOutputTokens = fields.max_output_tokens;
  if (fields.temperature != null) request.temperature = fields.temperature;
  if (fields.top_p != null) request.topP = fields.top_p;
  if (fields.frequency_penalty) request.frequencyPenalty = fields.frequency_penalty;
  if (fields.presence_penalty) request.presencePenalty = fields.presence_penalty;
  if (fields.parallel_tool_calls != null) request.parallelToolCalls = fields.parallel_tool_calls;
}

function setIdentity(request: ChatRequest, fields: Fields): void {
  const endUser = fields.safety_identifier ?? fields.user;
  if (endUser != null) request.endUser = endUser;
  if (fields.metadata && Object.keys(fields.metadata).length > 0) request.metadata = fields.metadata;
  if (fields.prompt_cache_key != null) request.promptCacheKey = fields.prompt_cache_key;
  if (fields.service_tier != null) request.serviceTier = fields.service_tier;
  if (fields.store != null) request.store = fields.store;
}

function setText(request: ChatRequest, fields: Fields, extensions: JsonObject): void {
  const { format, verbosity, ...rest } = fields.text ?? {};
  if (verbosity != null) request.verbosity = verbosity;
  if (Object.keys(rest).length > 0) extensions.text = rest;
  if (!format) return;
  const parsed = formatSchema.safeParse(format);
  if (!parsed.success) throw invalidBody(parsed.error, ['text', 'format']);
  request.responseFormat = responseFormatOf(parsed.data);
}

const formatSchema = z.discriminatedUnion(
  'type',
  [
    z.looseObject({ type: z.literal('text') }),
    z.looseObject({ type: z.literal('json_object') }),
    z.looseObject({
      type: z.literal('json_schema'),
      name: z
        .string('`text.format.name` is missing: name the schema.')
        .regex(/^[a-zA-Z0-9_-]{1,64}$/, '`text.format.name` must be 1 to 64 letters, digits, underscores or dashes.'),
      description: text('text.format.description'),
      schema: z.record(z.string(), z.unknown(), '`text.format.schema` must be a JSON Schema object.'),
      strict: flag('text.format.strict'),
    }),
  ],
  '`text.format.type` must be text, json_object or json_schema.',
);

function responseFormatOf(format: z.infer<typeof formatSchema>): ResponseFormat {
  switch (format.type) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema':
      return {
        type: 'json-schema',
        name: format.name,
        schema: format.schema,
        ...(format.description != null && { description: format.description }),
        ...(format.strict != null && { strict: format.strict }),
      };
  }
}

function setReasoning(request: ChatRequest, fields: Fields, extensions: JsonObject): void {
  const { effort, summary, generate_summary: oldSummary, ...rest } = fields.reasoning ?? {};
  if (Object.keys(rest).length > 0) extensions.reasoning = rest;
  const reasoning: ReasoningRequest = {};
  if (effort != null) reasoning.effort = effort;
  if (effort === 'none') reasoning.enabled = false;
  const wanted = summary ?? oldSummary;
  if (wanted != null) Object.assign(reasoning, { include: true, summary: wanted });
  if (Object.keys(reasoning).length > 0) request.reasoning = reasoning;
}

function setIncludes(request: ChatRequest, fields: Fields, extensions: JsonObject): void {
  const includes = new Set(fields.include ?? []);
  if (includes.delete('reasoning.encrypted_content')) {
    request.reasoning = { ...request.reasoning, includeEncrypted: true };
  }
  if (includes.delete('message.output_text.logprobs') || fields.top_logprobs) {
    request.logprobs = { top: fields.top_logprobs ?? 0 };
  }
  if (includes.size > 0) extensions.include = [...includes];
}

function invalidBody(error: z.ZodError, prefix: PropertyKey[] = []): Error {
  const issue = error.issues[0]!;
  const path = [...prefix, ...issue.path].reduce<string>(
    (built, key) =>
      typeof key === 'number' ? `${built}[${key}]` : built === '' ? String(key) : `${built}.${String(key)}`,
    '',
  );
  return invalidRequest(issue.message, path === '' ? undefined : path);
}
