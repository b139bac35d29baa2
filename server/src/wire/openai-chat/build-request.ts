import type { ChatRequest } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import type { Dialect } from '../../core/wire-name.ts';
import { refuseThreads } from '../message-threads.ts';
import type { BuiltRequest, WireModel, WireQuirks } from '../wire.ts';
import { addFormat } from './build-format.ts';
import { buildMessages } from './build-messages.ts';
import { addReasoning } from './build-reasoning.ts';
import { addTools } from './build-tools.ts';
import { createWriting, notSupported, type Writing } from './writing.ts';

/** Service tiers of OpenAI's own; another dialect's words (Anthropic `standard_only`) mean nothing here. */
const serviceTiers: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority']);

/**
 * A request as a Chat Completions body. Everything the wire has a place for is written, the extensions of OpenRouter and vLLM
 * (`top_k`, `min_p`, `cache_control`, `reasoning`, `audio_url`, `video_url`) among it, unless `quirks.unsupportedFields`
 * names it: then it is a loss. Besides the fields of the body it may name `allowed_tools`, `cache_control`, `strict`,
 * `images`, the content parts `image_url`, `input_audio`, `audio_url`, `video_url` and `file`, and `messages[].name`,
 * `messages[].refusal` and `messages[].audio`.
 */
export function buildRequest(request: ChatRequest, model: WireModel, quirks: WireQuirks): BuiltRequest {
  refuseThreads(request);
  const writing = createWriting(request, model, quirks);
  const body: JsonObject = { model: model.upstream, messages: buildMessages(writing) };
  if ((body.messages as unknown[]).length === 0) {
    const field = fieldOf[request.dialect];
    throw invalidRequest(`Nothing in \`${field}\` can be sent. Add a message with content.`, field);
  }
  const put = putter(body, writing);

  put(quirks.maxTokensField ?? 'max_tokens', request.maxOutputTokens);
  addSampling(put, writing);
  addTools(body, put, writing);
  addFormat(body, writing);
  addReasoning(put, writing);
  addCallerFacts(put, writing);
  addExtensions(put, writing);
  if (request.stream) addStream(body, writing);
  return { body, losses: writing.losses };
}

export type Put = (field: string, value: unknown, lossName?: string) => void;

/** Writes a field unless it has no value; what the provider refuses becomes a loss under the caller's name for it. */
function putter(body: JsonObject, { refuses, lose }: Writing): Put {
  return (field, value, lossName = field) => {
    if (value === undefined) return;
    if (refuses(field)) lose(lossName, notSupported);
    else body[field] = value;
  };
}

function addSampling(put: Put, { request, model, lose }: Writing): void {
  if (model.temperature === false) {
    if (request.temperature !== undefined) lose('temperature', 'the model has a fixed one');
    if (request.topP !== undefined) lose('top_p', 'the model has a fixed one');
  } else {
    put('temperature', request.temperature);
    put('top_p', request.topP);
  }
  put('top_k', request.topK);
  put('min_p', request.minP);
  put('stop', request.stop.length > 0 ? request.stop : undefined);
  put('seed', request.seed);
  put('frequency_penalty', request.frequencyPenalty);
  put('presence_penalty', request.presencePenalty);
  put('logit_bias', request.logitBias);
  if (request.logprobs) {
    put('logprobs', true);
    if (request.logprobs.top > 0) put('top_logprobs', request.logprobs.top);
  }
  put('n', request.n > 1 ? request.n : undefined);
}

function addCallerFacts(put: Put, { request, lose }: Writing): void {
  const tier = request.serviceTier;
  if (tier !== undefined && request.dialect !== 'openai-chat' && !serviceTiers.has(tier))
    lose('service_tier', 'the provider has no such tier');
  else put('service_tier', tier);
  put('metadata', request.metadata);
  put('user', request.endUser);
  put('prompt_cache_key', request.promptCacheKey);
  put('modalities', request.modalities);
  put('audio', request.audioOutput);
  put('verbosity', request.verbosity);
  put('store', request.store);
}

/** Where a caller's messages stand. */
const fieldOf: Record<Dialect, string> = {
  'openai-chat': 'messages',
  'openai-responses': 'input',
  'anthropic-messages': 'messages',
  gemini: 'contents',
};

function addExtensions(put: Put, { request, lose }: Writing): void {
  for (const [dialect, fields] of Object.entries(request.extensions)) {
    for (const [field, value] of Object.entries(fields ?? {})) {
      if (dialect !== 'openai-chat') lose(field, 'Chat Completions has no place for it');
      else if (field.startsWith('messages[]')) lose(field, 'messages were built anew');
      else if (field !== 'stream_options') put(field, value);
    }
  }
}

/** Usage is always asked for: without it a streamed call could only be charged by estimate. */
function addStream(body: JsonObject, { request, refuses, lose }: Writing): void {
  body.stream = true;
  const given = request.extensions['openai-chat']?.stream_options;
  const others = isObject(given) ? given : {};
  if (!refuses('stream_options')) body.stream_options = { ...others, include_usage: true };
  else for (const field of Object.keys(others)) lose(`stream_options.${field}`, notSupported);
}
