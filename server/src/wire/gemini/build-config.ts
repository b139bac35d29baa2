import type { ChatRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import type { WireModel } from '../wire.ts';
import { lose } from './losses.ts';
import { thinkingConfig } from './thinking.ts';

const mostStopSequences = 5;

/** The request's settings as `generationConfig`. Throws `invalid_request` for more than five stop sequences. */
export function buildConfig(request: ChatRequest, model: WireModel, losses: Loss[]): JsonObject {
  const config: JsonObject = {};
  const set = (key: string, value: unknown) => {
    if (value !== undefined) config[key] = value;
  };
  if (request.temperature !== undefined && model.temperature === false)
    lose(losses, 'temperature', 'this model has a fixed temperature');
  else set('temperature', request.temperature);
  set('topP', request.topP);
  set('topK', request.topK);
  set('maxOutputTokens', request.maxOutputTokens);
  if (request.n > 1) set('candidateCount', request.n);
  if (request.stop.length > mostStopSequences)
    throw invalidRequest(`Gemini takes at most ${mostStopSequences} stop sequences. Send fewer.`, 'stop');
  if (request.stop.length > 0) set('stopSequences', request.stop);
  set('seed', request.seed);
  set('presencePenalty', request.presencePenalty);
  set('frequencyPenalty', request.frequencyPenalty);
  if (request.logprobs) {
    set('responseLogprobs', true);
    if (request.logprobs.top > 0) set('logprobs', request.logprobs.top);
  }
  setFormat(request, config, losses);
  set('thinkingConfig', thinkingConfig(request.reasoning, model, losses));
  setModalities(request, config, losses);
  return config;
}

function setFormat({ responseFormat }: ChatRequest, config: JsonObject, losses: Loss[]): void {
  switch (responseFormat?.type) {
    case undefined:
      return;
    case 'text':
      config.responseMimeType = 'text/plain';
      return;
    case 'json':
      config.responseMimeType = 'application/json';
      return;
    case 'json-schema':
      config.responseMimeType = 'application/json';
      config.responseJsonSchema = responseFormat.schema;
      if (responseFormat.description !== undefined)
        lose(losses, 'response_format.json_schema.description', 'Gemini reads only the schema');
  }
}

function setModalities({ modalities, audioOutput }: ChatRequest, config: JsonObject, losses: Loss[]): void {
  if (modalities) config.responseModalities = modalities.map((word) => word.toUpperCase());
  if (!audioOutput) return;
  config.speechConfig = { voiceConfig: { prebuiltVoiceConfig: { voiceName: audioOutput.voice } } };
  if (audioOutput.format !== 'pcm16') lose(losses, 'audio.format', 'Gemini speaks 16-bit PCM only');
}

/** Notes every field of the request that generateContent has no place for. */
export function noteUncarried(request: ChatRequest, losses: Loss[]): void {
  if (request.parallelToolCalls === false) lose(losses, 'parallel_tool_calls', 'Gemini may always call in parallel');
  if (request.minP !== undefined) lose(losses, 'min_p', 'Gemini has no such sampling');
  if (request.logitBias && Object.keys(request.logitBias).length > 0)
    lose(losses, 'logit_bias', 'Gemini has no biases of tokens');
  if (request.metadata && Object.keys(request.metadata).length > 0) lose(losses, 'metadata', 'Gemini keeps none');
  if (request.endUser !== undefined) lose(losses, 'user', 'Gemini takes no id of the end user');
  if (request.promptCacheKey !== undefined) lose(losses, 'prompt_cache_key', 'Gemini caches by itself');
  if (request.verbosity !== undefined) lose(losses, 'verbosity', 'Gemini has no such setting');
  if (request.store === true) lose(losses, 'store', 'Gemini keeps no answers');
}

const serviceTiers: Record<string, string> = {
  default: 'standard',
  standard: 'standard',
  standard_only: 'standard',
  flex: 'flex',
  priority: 'priority',
};

/** Gemini's name of a service tier; undefined, with a loss, for one that it does not sell. */
export function buildServiceTier(tier: string | undefined, losses: Loss[]): string | undefined {
  if (tier === undefined) return undefined;
  const known = serviceTiers[tier.toLowerCase()];
  if (known === undefined) lose(losses, 'service_tier', `Gemini has no tier ${tier}`);
  return known;
}
