import type { ResponseFormat } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { isObject } from '../../core/json.ts';
import { invalid, SandboxFault } from './fault.ts';
import { chatModels, type SandboxModel } from './models.ts';
import { missing, readBoolean, readNumber, readString, readWord, wrongType } from './read-field.ts';
import { readMessages, type Turn } from './read-messages.ts';
import { readToolChoice, readTools, type SandboxTool, type SandboxToolChoice } from './read-tools.ts';

export type ReasoningEffort = (typeof efforts)[number];

/** A Chat Completions body, checked, with what the sandbox needs of it. */
export interface ChatInput {
  model: SandboxModel;
  turns: Turn[];
  tools: SandboxTool[];
  toolChoice: SandboxToolChoice;
  parallelToolCalls: boolean;
  /** As the caller said; the model's own limit is applied later. */
  maxTokens: number | undefined;
  stop: string[];
  choices: number;
  /** 0 when the caller gave none: the same request always gets the same answer. */
  seed: number;
  /** How many alternatives to list for each token; undefined: no log probabilities. */
  topLogprobs: number | undefined;
  format: ResponseFormat;
  effort: ReasoningEffort;
  verbosity: 'low' | 'medium' | 'high';
  serviceTier: string | undefined;
  stream: boolean;
  includeUsage: boolean;
}

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
const maxChoices = 16;
const maxTopLogprobs = 20;

/**
 * Checks a Chat Completions body (https://platform.openai.com/docs/api-reference/chat/create) and throws a `SandboxFault`
 * naming the field at fault. Sampling fields are checked for their range and have no other effect, since nothing is sampled;
 * `metadata`, `prediction`, `store`, `user` and unknown fields are ignored. `max_tokens` above the model's own limit is
 * accepted: it is an upper bound, and the answer stays under it.
 */
export function readChatInput(body: JsonObject, upstream: string): ChatInput {
  const model = findModel(readString(body, 'model') ?? upstream);
  refuseUnsupported(body);
  readNumber(body, 'temperature', { min: 0, max: 2 });
  readNumber(body, 'top_p', { min: 0, max: 1 });
  readNumber(body, 'presence_penalty', { min: -2, max: 2 });
  readNumber(body, 'frequency_penalty', { min: -2, max: 2 });
  const turns = readMessages(body);
  const tools = readTools(body);
  const limit = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };
  const streamOptions = body.stream_options ?? undefined;
  const stream = readBoolean(body, 'stream') ?? false;
  if (streamOptions !== undefined && !isObject(streamOptions))
    throw wrongType('stream_options', 'an object', streamOptions);
  if (streamOptions && !stream)
    throw invalid("'stream_options' is only allowed when 'stream' is true.", 'stream_options');
  return {
    model,
    turns,
    tools,
    toolChoice: readToolChoice(body, tools),
    parallelToolCalls: readBoolean(body, 'parallel_tool_calls') ?? true,
    maxTokens: readNumber(body, 'max_completion_tokens', limit) ?? readNumber(body, 'max_tokens', limit),
    stop: readStop(body.stop ?? undefined),
    choices: readNumber(body, 'n', { min: 1, max: maxChoices, integer: true }) ?? 1,
    seed: readNumber(body, 'seed', { min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, integer: true }) ?? 0,
    topLogprobs: readLogprobs(body),
    format: readFormat(body.response_format ?? undefined),
    effort: readWord(body, 'reasoning_effort', efforts) ?? 'none',
    verbosity: readWord(body, 'verbosity', ['low', 'medium', 'high'] as const) ?? 'medium',
    serviceTier: readString(body, 'service_tier'),
    stream,
    includeUsage: streamOptions?.include_usage === true,
  };
}

function findModel(id: string): SandboxModel {
  const model = chatModels.find((candidate) => candidate.id === id);
  if (model) return model;
  const names = chatModels.map((candidate) => candidate.id).join(' and ');
  throw new SandboxFault(404, `The sandbox has no chat model '${id}'; it has ${names}.`, {
    param: 'model',
    code: 'model_not_found',
  });
}

function refuseUnsupported(body: JsonObject): void {
  for (const name of ['functions', 'function_call'])
    if (body[name] != null)
      throw invalid(`The sandbox does not know '${name}': use 'tools'.`, name, 'unsupported_parameter');
  const { modalities } = body;
  if (Array.isArray(modalities) && modalities.some((modality) => modality !== 'text'))
    throw invalid('The sandbox answers in text only.', 'modalities', 'unsupported_value');
}

function readStop(stop: unknown): string[] {
  if (stop === undefined) return [];
  const list = Array.isArray(stop) ? stop : [stop];
  const words = list.filter((word) => typeof word === 'string');
  if (words.length < list.length) throw wrongType('stop', 'a string or an array of strings', stop);
  return words.filter((word) => word !== '');
}

function readLogprobs(body: JsonObject): number | undefined {
  const wanted = readBoolean(body, 'logprobs') ?? false;
  const top = readNumber(body, 'top_logprobs', { min: 0, max: maxTopLogprobs, integer: true });
  if (!wanted && top) throw invalid("'top_logprobs' is only allowed when 'logprobs' is true.", 'top_logprobs');
  return wanted ? (top ?? 0) : undefined;
}

function readFormat(format: unknown): ResponseFormat {
  if (format === undefined) return { type: 'text' };
  if (!isObject(format)) throw wrongType('response_format', 'an object', format);
  switch (format.type) {
    case undefined:
      throw missing('response_format.type');
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const wrapper = format.json_schema;
      if (!isObject(wrapper)) throw missing('response_format.json_schema');
      if (typeof wrapper.name !== 'string') throw missing('response_format.json_schema.name');
      const schema = wrapper.schema ?? {};
      if (!isObject(schema)) throw wrongType('response_format.json_schema.schema', 'an object', schema);
      return { type: 'json-schema', name: wrapper.name, schema };
    }
    default:
      throw invalid(`Invalid 'response_format.type': use text, json_object or json_schema.`, 'response_format.type');
  }
}
