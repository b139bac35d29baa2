import type { ChatRequest, Tool, ToolChoice } from '../../core/chat-request.ts';
import { asObject, isObject, type JsonObject } from '../../core/json.ts';
import type { SluiceError } from '../../core/sluice-error.ts';
import type { Usage } from '../../core/usage.ts';
import type { AnswerContext } from '../wire.ts';
import { plainInstructions } from './build-input.ts';
import { buildToolChoice } from './build-tools.ts';
import type { Ending } from './finish-reasons.ts';
import { buildUsage } from './usage.ts';

/** What distinguishes one Response from another; the rest repeats the request. */
export interface ResponseFacts {
  id: string;
  createdSeconds: number;
  model: string;
  serviceTier: string | undefined;
  ending: Ending | { status: 'in_progress' };
  output: JsonObject[];
  usage?: Usage;
  error?: JsonObject;
}

/** A Response with every field of the official schema (https://platform.openai.com/docs/api-reference/responses/object). */
export function responseObject(facts: ResponseFacts, context: AnswerContext): JsonObject {
  const { request } = context;
  const own = request.extensions['openai-responses'] ?? {};
  const { ending } = facts;
  return {
    id: facts.id,
    object: 'response',
    created_at: facts.createdSeconds,
    status: ending.status,
    background: false,
    completed_at: ending.status === 'completed' ? Math.max(facts.createdSeconds, context.nowSeconds) : null,
    error: facts.error ?? null,
    frequency_penalty: request.frequencyPenalty ?? 0,
    incomplete_details: ending.status === 'incomplete' ? { reason: ending.reason } : null,
    instructions: (request.messages[0] && plainInstructions(request.messages[0])) ?? null,
    max_output_tokens: request.maxOutputTokens ?? null,
    max_tool_calls: own.max_tool_calls ?? null,
    model: facts.model,
    output: facts.output,
    parallel_tool_calls: request.parallelToolCalls ?? true,
    presence_penalty: request.presencePenalty ?? 0,
    previous_response_id: own.previous_response_id ?? null,
    ...(own.conversation !== undefined && { conversation: conversationOf(own.conversation) }),
    ...(own.prompt !== undefined && { prompt: own.prompt }),
    prompt_cache_key: request.promptCacheKey ?? null,
    prompt_cache_retention: own.prompt_cache_retention ?? null,
    reasoning: {
      effort: request.reasoning?.effort ?? null,
      summary: request.reasoning?.summary ?? null,
      ...asObject(own.reasoning),
    },
    safety_identifier: request.endUser ?? null,
    service_tier: tierOf(facts.serviceTier) ?? tierOf(request.serviceTier) ?? 'default',
    store: request.store ?? true,
    temperature: request.temperature ?? 1,
    text: { format: formatOf(request), verbosity: request.verbosity ?? 'medium', ...asObject(own.text) },
    tool_choice: own.tool_choice ?? toolChoiceOf(request.toolChoice),
    tools: request.tools.flatMap(echoTool),
    top_logprobs: request.logprobs?.top ?? 0,
    top_p: request.topP ?? 1,
    truncation: own.truncation ?? 'disabled',
    usage: facts.usage ? buildUsage(facts.usage) : null,
    user: own.user ?? null,
    metadata: request.metadata ?? {},
  };
}

/** The `error` of a failed Response. Its codes are a closed list, shorter than ours. */
export function responseError(error: SluiceError): JsonObject {
  return { code: responseErrorCode(error), message: error.message };
}

function responseErrorCode({ row }: SluiceError): string {
  if (row.openaiType === 'rate_limit_error') return 'rate_limit_exceeded';
  return row.openaiType === 'invalid_request_error' ? 'invalid_prompt' : 'server_error';
}

/** An id of the provider's own is kept when it is one of this dialect. */
export const responseId = (id: string | undefined, context: AnswerContext): string =>
  id?.startsWith('resp_') ? id : context.newId('resp_');

const tiers: ReadonlySet<string | undefined> = new Set(['auto', 'default', 'flex', 'scale', 'priority']);

const tierOf = (tier: string | undefined): string | undefined => (tiers.has(tier) ? tier : undefined);

const conversationOf = (value: unknown): unknown => (isObject(value) ? value : { id: value });

function formatOf({ responseFormat: format }: ChatRequest): JsonObject {
  switch (format?.type) {
    case undefined:
    case 'text':
      return { type: 'text' };
    case 'json':
      return { type: 'json_object' };
    case 'json-schema':
      return {
        type: 'json_schema',
        name: format.name,
        description: format.description ?? null,
        schema: format.schema,
        strict: format.strict ?? false,
      };
  }
}

const toolChoiceOf = (choice: ToolChoice | undefined): unknown => (choice ? buildToolChoice(choice) : 'auto');

function echoTool(tool: Tool): unknown[] {
  if (tool.type === 'native') return tool.wire === 'openai-responses' ? [tool.value] : [];
  return [
    {
      type: 'function',
      description: tool.description ?? null,
      name: tool.name,
      parameters: tool.parameters ?? null,
      strict: tool.strict ?? null,
    },
  ];
}

/** The `error` of a Response whose model wrote a tool call that nobody can read. */
export const malformedCall: JsonObject = {
  code: 'server_error',
  message: 'The model wrote a tool call that cannot be parsed.',
};
