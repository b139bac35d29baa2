import type { ChatRequest, ReasoningRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { markLegacy } from './legacy-functions.ts';
import { parseMessages } from './parse-messages.ts';
import {
  parseFunctionChoice,
  parseFunctions,
  parseResponseFormat,
  parseToolChoice,
  parseTools,
} from './parse-tools.ts';
import { checkBody, type RequestBody, refuse } from './request-schema.ts';

/** Fields that the request says in its own words; every other field of the body is an extension. */
const translated: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'frequency_penalty',
  'function_call',
  'functions',
  'include_reasoning',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'metadata',
  'min_p',
  'modalities',
  'n',
  'parallel_tool_calls',
  'presence_penalty',
  'prompt_cache_key',
  'reasoning',
  'reasoning_effort',
  'response_format',
  'safety_identifier',
  'seed',
  'service_tier',
  'stop',
  'store',
  'stream',
  'stream_options',
  'temperature',
  'tool_choice',
  'tools',
  'top_k',
  'top_logprobs',
  'top_p',
  'user',
  'verbosity',
  'audio',
]);

/** A Chat Completions body as a request. Throws `invalid_request` naming the field. The body is not changed. */
export function parseRequest(raw: unknown): ChatRequest {
  const body = checkBody(raw);
  if (body.top_logprobs && !body.logprobs) throw refuse('top_logprobs', 'needs `logprobs` to be true');
  const extensions: JsonObject = {};
  for (const field in body) if (!translated.has(field) && body[field] !== null) extensions[field] = body[field];

  const request: ChatRequest = {
    dialect: 'openai-chat',
    model: body.model,
    messages: parseMessages(body.messages, extensions),
    tools: [...parseTools(body.tools ?? []), ...parseFunctions(body.functions ?? [])],
    stop: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []),
    n: body.n ?? 1,
    stream: body.stream === true,
    includeUsage: body.stream_options?.include_usage === true,
    extensions: {},
  };
  addScalars(request, body);
  addToolChoice(request, body, extensions);
  addReasoning(request, body, extensions);
  addFormat(request, body, extensions);
  addIdentity(request, body, extensions);
  addStreamOptions(body, extensions);
  if (Reflect.ownKeys(extensions).length > 0) request.extensions = { 'openai-chat': extensions };
  return request;
}

function addScalars(request: ChatRequest, body: RequestBody): void {
  const limit = body.max_completion_tokens ?? body.max_tokens;
  if (limit != null) request.maxOutputTokens = limit;
  if (body.temperature != null) request.temperature = body.temperature;
  if (body.top_p != null) request.topP = body.top_p;
  if (body.top_k != null) request.topK = body.top_k;
  if (body.min_p != null) request.minP = body.min_p;
  if (body.seed != null) request.seed = body.seed;
  if (body.frequency_penalty != null) request.frequencyPenalty = body.frequency_penalty;
  if (body.presence_penalty != null) request.presencePenalty = body.presence_penalty;
  if (body.logit_bias) request.logitBias = body.logit_bias;
  if (body.logprobs) request.logprobs = { top: body.top_logprobs ?? 0 };
  if (body.service_tier) request.serviceTier = body.service_tier;
  if (body.metadata) request.metadata = body.metadata;
  if (body.prompt_cache_key) request.promptCacheKey = body.prompt_cache_key;
  if (body.modalities) request.modalities = body.modalities;
  if (body.verbosity) request.verbosity = body.verbosity;
  if (body.store != null) request.store = body.store;
}

function addToolChoice(request: ChatRequest, body: RequestBody, extensions: JsonObject): void {
  const choice = parseToolChoice(body.tool_choice) ?? parseFunctionChoice(body.function_call);
  if (choice) request.toolChoice = choice;
  if (body.parallel_tool_calls != null) request.parallelToolCalls = body.parallel_tool_calls;
  if (body.functions && !body.tools) {
    markLegacy(extensions);
    // A legacy answer has room for one call only.
    request.parallelToolCalls = false;
  }
}

function addReasoning(request: ChatRequest, body: RequestBody, extensions: JsonObject): void {
  const asked: ReasoningRequest = {};
  const { reasoning, reasoning_effort: effort } = body;
  if (effort === 'default') extensions.reasoning_effort = effort;
  else if (effort) asked.effort = effort;
  if (reasoning) {
    if (reasoning.effort) asked.effort = reasoning.effort;
    if (reasoning.max_tokens != null) asked.budgetTokens = reasoning.max_tokens;
    if (reasoning.enabled != null) asked.enabled = reasoning.enabled;
    if (reasoning.exclude != null) asked.include = !reasoning.exclude;
  }
  if (body.include_reasoning != null) asked.include = body.include_reasoning;
  if (Object.keys(asked).length > 0) request.reasoning = asked;
}

function addFormat(request: ChatRequest, body: RequestBody, extensions: JsonObject): void {
  const format = parseResponseFormat(body.response_format);
  if (format) request.responseFormat = format;
  else if (body.response_format != null) extensions.response_format = body.response_format;
  if (!body.audio) return;
  const { voice, format: kind } = body.audio;
  if (typeof kind !== 'string') throw refuse('audio.format', 'must be a string, such as wav');
  // A voice of the caller's own is an object; no other wire has a word for it.
  if (typeof voice === 'string') request.audioOutput = { voice, format: kind };
  else extensions.audio = body.audio;
}

function addIdentity(request: ChatRequest, body: RequestBody, extensions: JsonObject): void {
  const { user, safety_identifier: safety } = body;
  const endUser = user || safety;
  if (endUser) request.endUser = endUser;
  if (user && safety && user !== safety) extensions.safety_identifier = safety;
}

function addStreamOptions(body: RequestBody, extensions: JsonObject): void {
  if (!body.stream_options) return;
  const { include_usage: _, ...others } = body.stream_options;
  if (Object.keys(others).length > 0) extensions.stream_options = others;
}
