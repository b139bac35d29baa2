import type { ChatRequest } from '../../core/chat-request.ts';
import { defined, type JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { buildPrompt } from './build-prompt.ts';
import type { SdkCallOptions, SdkVersion } from './sdk-types.ts';

/** Fields of OpenAI chat that the AI SDK cannot express; the wire leaves them out and reports them before a call comes here. */
export const inexpressible = [
  'allowed_tools',
  'audio',
  'audio_url',
  'cache_control',
  'images',
  'logit_bias',
  'logprobs',
  'messages[].name',
  'metadata',
  'min_p',
  'modalities',
  'n',
  'parallel_tool_calls',
  'prediction',
  'prompt_cache_key',
  'reasoning',
  'reasoning_effort',
  'safety_identifier',
  'service_tier',
  'store',
  'top_logprobs',
  'user',
  'verbosity',
  'video_url',
  'web_search_options',
] as const;

/** A request as the options of `doGenerate` and `doStream`. `providerOptions` is the operator's, for what a package has beyond the common. */
export function buildCall(
  request: ChatRequest,
  version: SdkVersion,
  providerOptions: JsonObject | undefined,
): { options: SdkCallOptions; losses: Loss[] } {
  const losses: Loss[] = [];
  const prompt = buildPrompt(request, version, losses);
  const options: SdkCallOptions = {
    prompt,
    ...defined({
      maxOutputTokens: request.maxOutputTokens,
      temperature: request.temperature,
      topP: request.topP,
      topK: request.topK,
      presencePenalty: request.presencePenalty,
      frequencyPenalty: request.frequencyPenalty,
      stopSequences: request.stop.length > 0 ? request.stop : undefined,
      seed: request.seed,
      responseFormat: responseFormat(request),
      providerOptions,
    }),
    ...tools(request, version, losses),
  };
  reportUncarried(request, losses);
  return { options, losses };
}

function responseFormat({ responseFormat: format }: ChatRequest): JsonObject | undefined {
  if (format?.type === 'json') return { type: 'json' };
  if (format?.type !== 'json-schema') return undefined;
  return defined({ type: 'json', schema: format.schema, name: format.name, description: format.description });
}

function tools(request: ChatRequest, version: SdkVersion, losses: Loss[]): JsonObject {
  const { toolChoice: choice } = request;
  const specs = request.tools.flatMap((tool) => {
    if (tool.type === 'native') {
      losses.push({ field: `${tool.what} tool`, reason: `only ${tool.wire} carries it` });
      return [];
    }
    if (choice?.type === 'allowed' && !choice.names.includes(tool.name)) return [];
    return [
      defined({
        type: 'function',
        name: tool.name,
        description: tool.description,
        inputSchema: tool.parameters ?? { type: 'object', properties: {} },
        strict: version === 'v3' ? tool.strict : undefined,
      }),
    ];
  });
  if (specs.length === 0) return {};
  return { tools: specs, ...(choice && { toolChoice: toolChoice(choice) }) };
}

function toolChoice(choice: NonNullable<ChatRequest['toolChoice']>): JsonObject {
  if (choice.type === 'tool') return { type: 'tool', toolName: choice.name };
  if (choice.type === 'allowed') return { type: choice.required ? 'required' : 'auto' };
  return { type: choice.type };
}

function reportUncarried(request: ChatRequest, losses: Loss[]): void {
  const carried: [field: string, present: boolean][] = [
    ['n', request.n > 1],
    ['logprobs', request.logprobs !== undefined],
    ['logit_bias', request.logitBias !== undefined],
    ['min_p', request.minP !== undefined],
    ['parallel_tool_calls', request.parallelToolCalls === false],
    ['reasoning_effort', request.reasoning?.effort !== undefined],
    ['service_tier', request.serviceTier !== undefined],
    ['metadata', request.metadata !== undefined],
    ['user', request.endUser !== undefined],
    ['prompt_cache_key', request.promptCacheKey !== undefined],
    ['modalities', request.modalities?.some((modality) => modality !== 'text') ?? false],
    ['audio', request.audioOutput !== undefined],
    ['verbosity', request.verbosity !== undefined],
    ['store', request.store === true],
  ];
  for (const [field, present] of carried) {
    if (present) losses.push({ field, reason: 'the AI SDK cannot express it' });
  }
  for (const fields of Object.values(request.extensions)) {
    for (const field of Object.keys(fields ?? {})) {
      if (field !== 'stream_options') losses.push({ field, reason: 'the AI SDK cannot express it' });
    }
  }
}
