import type { ChatRequest, ReasoningRequest, ResponseFormat } from '../../core/chat-request.ts';
import { asArray, asObject, type JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { dialects } from '../../core/wire-name.ts';
import { refuseThreads } from '../message-threads.ts';
import type { BuiltRequest, WireModel, WireQuirks } from '../wire.ts';
import { buildInput, type InputContext } from './build-input.ts';
import { buildToolChoice, buildTools } from './build-tools.ts';

/**
 * A request as a body of `POST /v1/responses`. Nothing is stored unless the caller asked for it, and then encrypted
 * reasoning is asked for, so that tool loops keep their thinking. Honours the quirks `noDeveloperRole`,
 * `unsupportedFields`, `jsonSchema` and `imageUrls`.
 */
export function buildRequest(request: ChatRequest, model: WireModel, quirks: WireQuirks): BuiltRequest {
  refuseThreads(request);
  const losses: Loss[] = [];
  const lose = (field: string, reason: string) => {
    if (!losses.some((loss) => loss.field === field)) losses.push({ field, reason });
  };
  const context: InputContext = { request, model, quirks, lose };
  const own = request.extensions['openai-responses'] ?? {};
  const { instructions, input } = buildInput(context);
  const body: JsonObject = { model: model.upstream };
  if (instructions !== undefined) body.instructions = instructions;
  body.input = input;
  const tools = buildTools(context);
  if (tools.length > 0) body.tools = tools;
  if (request.toolChoice && (tools.length > 0 || request.toolChoice.type === 'required')) {
    body.tool_choice = buildToolChoice(request.toolChoice);
  }
  setSampling(body, context);
  setText(body, context, own);
  setReasoning(body, context, own);
  const include = includesOf(context, own);
  if (include.length > 0) body.include = include;
  setIdentity(body, context);
  body.store = request.store ?? false;
  if (request.stream) body.stream = true;
  setExtensions(body, context);
  reportLosses(context);
  for (const field of quirks.unsupportedFields ?? []) {
    if (body[field] === undefined) continue;
    delete body[field];
    lose(field, 'the provider does not take it');
  }
  return { body, losses };
}

function setSampling(body: JsonObject, { request, model, lose }: InputContext): void {
  if (request.parallelToolCalls !== undefined) body.parallel_tool_calls = request.parallelToolCalls;
  if (request.maxOutputTokens !== undefined) body.max_output_tokens = request.maxOutputTokens;
  for (const [field, value] of [
    ['temperature', request.temperature],
    ['top_p', request.topP],
  ] as const) {
    if (value === undefined) continue;
    if (model.temperature === false) lose(field, 'the model takes no sampling settings');
    else body[field] = value;
  }
  // Undocumented, but echoed by OpenAI and part of the Open Responses specification: only for those who wrote them here.
  if (request.dialect === 'openai-responses') {
    if (request.frequencyPenalty !== undefined) body.frequency_penalty = request.frequencyPenalty;
    if (request.presencePenalty !== undefined) body.presence_penalty = request.presencePenalty;
  }
  if (request.logprobs && request.logprobs.top > 0) body.top_logprobs = request.logprobs.top;
}

function setText(body: JsonObject, { request, quirks, lose }: InputContext, own: JsonObject): void {
  const text: JsonObject = { ...asObject(own.text) };
  const format = request.responseFormat;
  if (format) {
    const built = buildFormat(format, quirks);
    if (built) text.format = built;
    if (format.type === 'json-schema' && built?.type !== 'json_schema') {
      lose('response_format', 'the provider takes no JSON Schema');
    }
  }
  if (request.verbosity) text.verbosity = request.verbosity;
  if (Object.keys(text).length > 0) body.text = text;
}

function buildFormat(format: ResponseFormat, { jsonSchema = 'json_schema' }: WireQuirks): JsonObject | undefined {
  if (format.type === 'text') return { type: 'text' };
  if (jsonSchema === 'none') return undefined;
  if (format.type === 'json' || jsonSchema === 'json_object') return { type: 'json_object' };
  return {
    type: 'json_schema',
    name: format.name,
    ...(format.description !== undefined && { description: format.description }),
    schema: format.schema,
    ...(format.strict !== undefined && { strict: format.strict }),
  };
}

function setReasoning(body: JsonObject, { request, model, lose }: InputContext, own: JsonObject): void {
  const asked = request.reasoning ?? {};
  const reasoning: JsonObject = { ...asObject(own.reasoning) };
  const effort = effortOf(asked);
  if (asked.budgetTokens !== undefined) lose('budget_tokens', 'OpenAI takes an effort, not a number of tokens');
  if (effort !== undefined) reasoning.effort = effort;
  if (asked.summary) reasoning.summary = asked.summary;
  else if (asked.include) reasoning.summary = 'auto';
  if (Object.keys(reasoning).length === 0) return;
  if (model.reasoning !== false) body.reasoning = reasoning;
  else if (effort !== 'none') lose('reasoning_effort', 'the model does not reason');
}

function effortOf({ effort, enabled, budgetTokens }: ReasoningRequest): string | undefined {
  if (effort !== undefined) return effort;
  if (enabled === false) return 'none';
  if (budgetTokens === undefined) return undefined;
  if (budgetTokens <= 4096) return 'low';
  return budgetTokens <= 16384 ? 'medium' : 'high';
}

function includesOf({ request, model }: InputContext, own: JsonObject): unknown[] {
  const include = [...asArray(own.include)];
  if (request.logprobs) include.push('message.output_text.logprobs');
  // OpenAI refuses the question for a model that does not reason, so it needs a sign that this one does.
  const { enabled, effort, includeEncrypted } = request.reasoning ?? {};
  const asked = enabled === true || (effort !== undefined && effort !== 'none');
  const reasons = model.reasoning ?? (asked || holdsOwnReasoning(request));
  if (model.reasoning !== false && (includeEncrypted || (reasons && !request.store)))
    include.push('reasoning.encrypted_content');
  return include;
}

const holdsOwnReasoning = (request: ChatRequest): boolean =>
  request.messages.some(({ parts }) =>
    parts.some((part) => part.type === 'reasoning' && part.signature?.origin === 'openai'),
  );

const serviceTiers: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority']);

function setIdentity(body: JsonObject, { request, lose }: InputContext): void {
  if (request.metadata) body.metadata = request.metadata;
  if (request.endUser !== undefined) body.safety_identifier = request.endUser;
  if (request.promptCacheKey !== undefined) body.prompt_cache_key = request.promptCacheKey;
  if (request.serviceTier === undefined) return;
  if (serviceTiers.has(request.serviceTier) || request.dialect.startsWith('openai')) {
    body.service_tier = request.serviceTier;
  } else lose('service_tier', `OpenAI has no tier ${request.serviceTier}`);
}

/** Extension fields that were merged into others above. */
const merged: ReadonlySet<string> = new Set(['text', 'reasoning', 'include']);
/** Fields of the Chat API that mean the same here. */
const sharedWithChat: ReadonlySet<string> = new Set(['prompt_cache_retention', 'prompt_cache_options', 'moderation']);

function setExtensions(body: JsonObject, { request, lose }: InputContext): void {
  for (const dialect of dialects) {
    for (const [field, value] of Object.entries(request.extensions[dialect] ?? {})) {
      if (dialect === 'openai-responses') {
        if (!merged.has(field)) body[field] = value;
      } else if (dialect === 'openai-chat' && sharedWithChat.has(field)) body[field] = value;
      else lose(field, 'the Responses API has no such field');
    }
  }
}

function reportLosses({ request, lose }: InputContext): void {
  const other = request.dialect !== 'openai-responses';
  const unsupported: [field: string, present: boolean][] = [
    ['stop', request.stop.length > 0],
    ['seed', request.seed !== undefined],
    ['top_k', request.topK !== undefined],
    ['min_p', request.minP !== undefined],
    ['frequency_penalty', other && request.frequencyPenalty !== undefined],
    ['presence_penalty', other && request.presencePenalty !== undefined],
    ['logit_bias', request.logitBias !== undefined],
    ['n', request.n > 1],
    ['modalities', request.modalities?.some((modality) => modality !== 'text') ?? false],
    ['audio', request.audioOutput !== undefined],
  ];
  for (const [field, present] of unsupported) if (present) lose(field, 'the Responses API has no such setting');
}
