import type { ChatRequest } from '../../core/chat-request.ts';
import { asObject, type JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { invalidRequest, SluiceError } from '../../core/sluice-error.ts';
import { refuseThreads } from '../message-threads.ts';
import type { BuiltRequest, WireModel, WireQuirks } from '../wire.ts';
import { buildMessages } from './build-messages.ts';
import { buildReasoning } from './build-reasoning.ts';
import { buildTools } from './build-tools.ts';
import { type FamilyFacts, familyOf } from './model-family.ts';

/**
 * The body of Converse and ConverseStream (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html);
 * the model and whether to stream stand in the address. Honours the quirk `jsonSchema: 'none'`.
 */
export function buildRequest(request: ChatRequest, model: WireModel, quirks: WireQuirks): BuiltRequest {
  refuseThreads(request);
  const losses: Loss[] = [];
  const family = familyOf(model.upstream);
  const built = buildMessages(request, family, losses);
  const tools = buildTools(request, built, family, losses);
  const reasoning = buildReasoning({ request, model, family, forcedTool: tools.forced, losses });
  const inferenceConfig = buildInference(request, model, family, reasoning.thinking, losses);
  const additional: JsonObject = {
    ...reasoning.fields,
    ...buildTopK(request, model, family, reasoning.thinking, losses),
    ...(tools.claudeToolChoice && { tool_choice: tools.claudeToolChoice }),
  };
  const body: JsonObject = { messages: built.messages };
  if (built.system.length > 0) body.system = built.system;
  if (Object.keys(inferenceConfig).length > 0) body.inferenceConfig = inferenceConfig;
  if (tools.toolConfig) body.toolConfig = tools.toolConfig;
  const outputConfig = buildOutput(request, quirks, losses);
  if (outputConfig) body.outputConfig = outputConfig;
  if (family.family === 'claude' && request.stop.length > 0) {
    // Converse says which sequence matched only when it is asked to; the stream nests it one level deeper.
    body.additionalModelResponseFieldPaths = ['/stop_sequence', '/delta/stop_sequence'];
  }
  const serviceTier = buildServiceTier(request, losses);
  if (serviceTier) body.serviceTier = serviceTier;
  const requestMetadata = buildMetadata(request, losses);
  if (requestMetadata) body.requestMetadata = requestMetadata;
  carryExtensions(request, body, additional, losses);
  if (Object.keys(additional).length > 0) body.additionalModelRequestFields = additional;
  reportUncarried(request, losses);
  return { body, losses };
}

function buildInference(
  request: ChatRequest,
  model: WireModel,
  { family, claudeVersion }: FamilyFacts,
  thinking: boolean,
  losses: Loss[],
): JsonObject {
  const config: JsonObject = {};
  const { maxOutputTokens, temperature, topP, stop } = request;
  if (maxOutputTokens !== undefined) config.maxTokens = maxOutputTokens;
  const fixed = thinking && family === 'claude';
  if (temperature !== undefined) {
    if (temperature < 0 || temperature > 1) {
      throw invalidRequest(
        `Bedrock takes a temperature from 0 to 1; ${temperature} is outside. Send less.`,
        'temperature',
      );
    }
    if (model.temperature === false)
      losses.push({ field: 'temperature', reason: 'this model has a fixed temperature' });
    else if (fixed && temperature !== 1) {
      losses.push({ field: 'temperature', reason: 'Claude thinks at temperature 1 only' });
    } else config.temperature = temperature;
  }
  if (topP !== undefined) {
    if (model.temperature === false) losses.push({ field: 'top_p', reason: 'this model has a fixed top_p' });
    else if (fixed && topP < 0.95) losses.push({ field: 'top_p', reason: 'Claude thinks at top_p 0.95 or more' });
    else if (config.temperature !== undefined && family === 'claude' && (claudeVersion ?? 0) >= 401) {
      losses.push({ field: 'top_p', reason: 'this model takes temperature or top_p, not both' });
    } else config.topP = topP;
  }
  if (stop.length > 0) config.stopSequences = stop;
  return config;
}

/** Converse itself has no top_k: each family has its own place for it. */
function buildTopK(
  { topK }: ChatRequest,
  model: WireModel,
  { family }: FamilyFacts,
  thinking: boolean,
  losses: Loss[],
): JsonObject {
  if (topK === undefined) return {};
  if (family === 'claude' && (thinking || model.temperature === false)) {
    losses.push({
      field: 'top_k',
      reason: thinking ? 'Claude takes no top_k while it thinks' : 'this model takes no top_k',
    });
    return {};
  }
  return family === 'nova' ? { inferenceConfig: { topK } } : { top_k: topK };
}

function buildOutput({ responseFormat }: ChatRequest, quirks: WireQuirks, losses: Loss[]): JsonObject | undefined {
  if (responseFormat?.type === 'json') {
    losses.push({ field: 'response_format', reason: 'Bedrock has no JSON mode without a schema' });
  }
  if (responseFormat?.type !== 'json-schema') return undefined;
  if (quirks.jsonSchema === 'none') {
    throw new SluiceError('unsupported_capability', 'This model cannot be held to a JSON schema.', {
      param: 'response_format',
    });
  }
  const { name, description, schema } = responseFormat;
  const jsonSchema = { name, ...(description !== undefined && { description }), schema: JSON.stringify(schema) };
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } };
}

function buildServiceTier({ serviceTier }: ChatRequest, losses: Loss[]): JsonObject | undefined {
  if (serviceTier === undefined || serviceTier === 'auto') return undefined;
  if (['default', 'priority', 'flex', 'reserved'].includes(serviceTier)) return { type: serviceTier };
  losses.push({ field: 'service_tier', reason: `Bedrock has no tier ${serviceTier}` });
  return undefined;
}

const metadataText = /^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/;

function buildMetadata({ metadata }: ChatRequest, losses: Loss[]): JsonObject | undefined {
  if (!metadata || Object.keys(metadata).length === 0) return undefined;
  const entries = Object.entries(metadata);
  if (
    entries.length <= 16 &&
    entries.every(([key, value]) => key !== '' && metadataText.test(key) && metadataText.test(value))
  ) {
    return metadata;
  }
  losses.push({ field: 'metadata', reason: 'Bedrock takes 16 pairs of plain text of at most 256 characters' });
  return undefined;
}

/** Converse's own fields that no other dialect knows; a caller who knows the target is Bedrock may send them as they are. */
const ownFields = new Set([
  'performanceConfig',
  'serviceTier',
  'guardrailConfig',
  'requestMetadata',
  'promptVariables',
  'additionalModelResponseFieldPaths',
]);

function carryExtensions({ extensions }: ChatRequest, body: JsonObject, additional: JsonObject, losses: Loss[]): void {
  for (const [dialect, fields] of Object.entries(extensions)) {
    for (const [field, value] of Object.entries(fields ?? {})) {
      if (ownFields.has(field)) body[field] = value;
      else if (field === 'additionalModelRequestFields' && asObject(value)) Object.assign(additional, value);
      else losses.push({ field, reason: `only ${dialect} carries it` });
    }
  }
}

function reportUncarried(request: ChatRequest, losses: Loss[]): void {
  const lose = (field: string, reason = 'Converse has no such field') => losses.push({ field, reason });
  if (request.n > 1) lose('n', 'Bedrock answers with one choice');
  if (request.seed !== undefined) lose('seed');
  if (request.minP !== undefined) lose('min_p');
  if (request.frequencyPenalty !== undefined) lose('frequency_penalty');
  if (request.presencePenalty !== undefined) lose('presence_penalty');
  if (request.logitBias !== undefined) lose('logit_bias');
  if (request.logprobs !== undefined) lose('logprobs');
  if (request.endUser !== undefined) lose('user');
  if (request.promptCacheKey !== undefined) lose('prompt_cache_key');
  if (request.modalities?.some((modality) => modality !== 'text')) lose('modalities');
  if (request.audioOutput !== undefined) lose('audio');
  if (request.verbosity !== undefined) lose('verbosity');
  if (request.store === true) lose('store', 'Bedrock stores nothing');
}
