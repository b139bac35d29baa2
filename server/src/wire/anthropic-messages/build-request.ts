import type { ChatRequest } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { BuiltRequest, WireModel, WireQuirks } from '../wire.ts';
import { buildMessages } from './build-messages.ts';
import { buildSampling } from './build-sampling.ts';
import { buildThinking } from './build-thinking.ts';
import { buildTools } from './build-tools.ts';
import type { Building } from './building.ts';
import { lose } from './lose.ts';
import { modelTraits } from './model-traits.ts';
import { isSidePath, sidePaths } from './side-fields.ts';

/**
 * A body for POST /v1/messages. `max_tokens` is the caller's, else the model's `maxOutputTokens`, else 4,096. Honours the
 * quirks `imageUrls`, `jsonSchema` (anything but `json_schema` means none) and `unsupportedFields`. Throws
 * `unsupported_capability` for audio, video and media types without a form, `invalid_request` for a temperature above 1.
 */
export function buildRequest(request: ChatRequest, model: WireModel, quirks: WireQuirks): BuiltRequest {
  const building: Building = { request, model, quirks, traits: modelTraits(model.upstream), losses: [] };
  const { system, messages } = buildMessages(building);
  const { maxTokens, thinking, effort } = buildThinking(building);
  const format = buildFormat(building);
  const thinks = thinking !== undefined && thinking.type !== 'disabled';
  const stop = buildStop(building);
  const tier = buildServiceTier(building);
  const body: JsonObject = {
    model: model.upstream,
    max_tokens: maxTokens,
    ...(system !== undefined && { system }),
    messages,
    ...buildTools(building),
    ...(thinking && { thinking }),
    ...((effort || format) && { output_config: { ...(effort && { effort }), ...(format && { format }) } }),
    ...buildSampling(building, thinks),
    ...(stop.length > 0 && { stop_sequences: stop }),
    ...(request.endUser && { metadata: { user_id: request.endUser } }),
    ...(tier && { service_tier: tier }),
    ...(request.stream && { stream: true }),
  };
  loseForeignFields(building);
  addExtensions(body, building);
  for (const field of quirks.unsupportedFields ?? []) {
    if (!(field in body)) continue;
    delete body[field];
    lose(building.losses, field, 'this provider does not know it');
  }
  return { body, losses: building.losses };
}

function buildFormat({ request: { responseFormat }, quirks, traits, losses }: Building): JsonObject | undefined {
  if (!responseFormat || responseFormat.type === 'text') return undefined;
  if (responseFormat.type === 'json') {
    lose(losses, 'response_format', 'JSON without a schema cannot be asked for; say so in the prompt or give a schema');
    return undefined;
  }
  const honoured = traits.structuredOutput && (quirks.jsonSchema ?? 'json_schema') === 'json_schema';
  if (honoured) return { type: 'json_schema', schema: responseFormat.schema };
  if (responseFormat.strict) {
    throw new SluiceError('unsupported_capability', 'This model cannot hold its answer to a JSON schema.', {
      param: 'response_format',
    });
  }
  lose(losses, 'response_format', 'this model cannot hold its answer to a JSON schema');
  return undefined;
}

/** The API refuses stop sequences of white space only. */
function buildStop({ request: { stop }, losses }: Building): string[] {
  const kept = stop.filter((sequence) => sequence.trim() !== '');
  if (kept.length < stop.length) lose(losses, 'stop', 'Anthropic takes no stop sequence of white space only');
  return kept;
}

function buildServiceTier({ request: { serviceTier }, losses }: Building): string | undefined {
  if (serviceTier === undefined || serviceTier === 'auto' || serviceTier === 'standard_only') return serviceTier;
  if (serviceTier === 'default') return 'standard_only';
  lose(losses, 'service_tier', `Anthropic has no tier \`${serviceTier}\``);
  return undefined;
}

function loseForeignFields({ request, losses }: Building): void {
  const none = 'Anthropic has no such setting';
  if (request.n > 1) lose(losses, 'n', 'one call to Anthropic gives one choice');
  if (request.minP !== undefined) lose(losses, 'min_p', none);
  if (request.seed !== undefined) lose(losses, 'seed', none);
  // 0 is the default of both penalties: leaving it out changes nothing.
  if (request.frequencyPenalty) lose(losses, 'frequency_penalty', none);
  if (request.presencePenalty) lose(losses, 'presence_penalty', none);
  if (request.logitBias && Object.keys(request.logitBias).length > 0) lose(losses, 'logit_bias', none);
  if (request.logprobs) lose(losses, 'logprobs', 'Anthropic gives no log probabilities');
  if (request.metadata && Object.keys(request.metadata).length > 0) {
    lose(losses, 'metadata', 'Anthropic keeps no metadata but the user id');
  }
  if (request.promptCacheKey !== undefined) lose(losses, 'prompt_cache_key', none);
  if (request.verbosity !== undefined) lose(losses, 'verbosity', none);
  if (request.store) lose(losses, 'store', 'Anthropic stores no answers');
  if (request.audioOutput) lose(losses, 'audio', 'Anthropic answers in text only');
  const { modalities } = request;
  if (!modalities || modalities.every((modality) => modality === 'text')) return;
  if (!modalities.includes('text')) {
    throw new SluiceError('unsupported_capability', `The model answers in text, not in ${modalities.join(' and ')}.`, {
      param: 'modalities',
    });
  }
  lose(losses, 'modalities', 'Anthropic answers in text only');
}

/** Fields of this dialect that we do not know go out as they came; those of another dialect are losses. */
function addExtensions(body: JsonObject, { request, losses }: Building): void {
  for (const [dialect, extension] of Object.entries(request.extensions)) {
    for (const [field, value] of Object.entries(extension ?? {})) {
      if (dialect !== 'anthropic-messages') lose(losses, field, 'Anthropic does not know it');
      else if (field === sidePaths.image) lose(losses, field, 'lost when the request was written anew');
      else if (!isSidePath(field)) body[field] = merge(body[field], value);
    }
  }
}

/** What we wrote ourselves stands; what the caller's object holds beyond that is added to it. */
const merge = (ours: unknown, theirs: unknown): unknown =>
  isObject(ours) && isObject(theirs) ? { ...theirs, ...ours } : (ours ?? theirs);
