import { z } from 'zod';
import { asArray, asObject, asString, type JsonObject, tryParseJson } from '../core/json.ts';
import type { ModelInfo } from '../core/model-info.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { createAwsSigner, joinAwsSecret, readAwsSecret } from './aws-credential.ts';
import { fetchJson } from './fetch-json.ts';
import { pathSegment, postJson } from './outgoing.ts';
import type {
  Credential,
  Egress,
  OutgoingRequest,
  Provider,
  ProviderCall,
  ProviderFactory,
  ProviderSettings,
} from './provider.ts';
import {
  type BaseUrl,
  type Environment,
  readBaseUrl,
  readCredentials,
  readHeaders,
  readOptions,
  settingsFault,
  variable,
} from './settings.ts';

const schema = z.strictObject({
  /** AWS_REGION, AWS_DEFAULT_REGION or us-east-1 when not said. */
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'region must be a name like eu-central-1.')
    .optional(),
  accessKeyId: z.string().min(1).optional(),
  secretAccessKey: z.string().min(1).optional(),
  sessionToken: z.string().min(1).optional(),
  /** The control plane's address, for the model list; `baseUrl` when that is given, AWS's own otherwise. */
  controlUrl: z.url().optional(),
});

/**
 * Amazon Bedrock over Converse and ConverseStream. Keys come from `options`, from `apiKey` (a Bedrock API key, or
 * `accessKeyId:secretAccessKey[:sessionToken]`) or from the environment.
 */
export const createBedrockProvider: ProviderFactory = (settings, environment) =>
  bedrockProvider(settings, environment, Date.now);

/** As the factory, with the clock that signatures are dated by. */
export function bedrockProvider(settings: ProviderSettings, environment: Environment, now: () => number): Provider {
  const options = readOptions(settings, schema);
  const region =
    options.region ?? variable(environment, 'AWS_REGION') ?? variable(environment, 'AWS_DEFAULT_REGION') ?? 'us-east-1';
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const base = readBaseUrl(settings, `https://bedrock-runtime.${region}.${domain}`);
  const control = readBaseUrl(
    { ...settings, baseUrl: options.controlUrl ?? settings.baseUrl },
    `https://bedrock.${region}.${domain}`,
  );
  const credentials = readAwsCredentials(settings, options, environment);
  const headers = readHeaders(settings);
  const authorise = createAwsSigner({ region, now });
  const { id } = settings;
  const get = async (path: string, egress: Egress, signal: AbortSignal): Promise<JsonObject> => {
    const request: OutgoingRequest = { url: control.at(path), method: 'GET', headers: {} };
    const signed = await authorise(readAwsSecret(credentials[0]?.secret ?? ''), request);
    request.headers = { accept: 'application/json', ...signed, ...headers };
    return fetchJson(request, { provider: id, credentials, egress, signal });
  };
  return {
    id,
    kind: settings.kind,
    local: false,
    wires: ['bedrock-converse'],
    framing: 'aws-event-stream',
    quirks: { imageUrls: false },
    credentials,
    firstByteMs: settings.firstByteMs,
    catalogId: 'amazon-bedrock',
    async request(call) {
      const request = postJson(address(base, call, id), bodyOf(call), {
        accept: call.stream ? 'application/vnd.amazon.eventstream' : 'application/json',
      });
      Object.assign(request.headers, await authorise(readAwsSecret(call.credential.secret), request), headers);
      return request;
    },
    async listModels(egress, signal) {
      const foundation = await get('/foundation-models', egress, signal);
      // Newer models answer under a profile's name only. Listing profiles is a permission of its own: without it, go without.
      const profiles = await get('/inference-profiles?maxResults=1000', egress, signal).catch((): JsonObject => ({}));
      return readModels(foundation, profiles, `${id} model list`);
    },
  };
}

function readAwsCredentials(
  settings: ProviderSettings,
  options: z.infer<typeof schema>,
  environment: Environment,
): Credential[] {
  if (settings.apiKey || settings.apiKeys) return readCredentials(settings, {}, { variables: [] });
  const { accessKeyId, secretAccessKey, sessionToken } = options;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw settingsFault(settings, 'options', 'accessKeyId and secretAccessKey go together.');
  }
  const fromOptions = accessKeyId && secretAccessKey && joinAwsSecret(accessKeyId, secretAccessKey, sessionToken);
  const apiKey = fromOptions || secretFrom(environment);
  if (!apiKey) {
    throw settingsFault(
      settings,
      'apiKey',
      'A bedrock provider needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_BEARER_TOKEN_BEDROCK.',
    );
  }
  return readCredentials({ ...settings, apiKey }, {}, { variables: [] });
}

/** A Bedrock API key is meant for Bedrock alone, so it comes before keys that may be there for other services. */
function secretFrom(environment: Environment): string | undefined {
  const bearer = variable(environment, 'AWS_BEARER_TOKEN_BEDROCK');
  if (bearer !== undefined) return bearer;
  const accessKeyId = variable(environment, 'AWS_ACCESS_KEY_ID');
  const secretAccessKey = variable(environment, 'AWS_SECRET_ACCESS_KEY');
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return joinAwsSecret(accessKeyId, secretAccessKey, variable(environment, 'AWS_SESSION_TOKEN'));
}

/** Model ids hold colons and ARNs slashes as well: both must stand percent-encoded in the address. */
function address(base: BaseUrl, { operation, wire, upstream, stream }: ProviderCall, provider: string): string {
  if (wire !== 'bedrock-converse' || operation === 'embeddings') {
    throw new SluiceError('not_implemented', `${provider} cannot do ${operation} over ${wire}.`);
  }
  const action = operation === 'count-tokens' ? 'count-tokens' : stream ? 'converse-stream' : 'converse';
  return base.at(`/model/${pathSegment(upstream)}/${action}`);
}

/** CountTokens takes a Converse body wrapped, and of it only what the model reads. */
function bodyOf(call: ProviderCall): ProviderCall {
  if (call.operation !== 'count-tokens') return call;
  const { messages, system, toolConfig, additionalModelRequestFields } = asObject(tryParseJson(call.body)) ?? {};
  const converse = { messages, system, toolConfig, additionalModelRequestFields };
  return { ...call, body: JSON.stringify({ input: { converse } }) };
}

function readModels(foundation: JsonObject, profiles: JsonObject, source: string): ModelInfo[] {
  const models: ModelInfo[] = [];
  for (const item of asArray(foundation.modelSummaries)) {
    const entry = asObject(item);
    const id = asString(entry?.modelId);
    if (!entry || !id || asString(asObject(entry.modelLifecycle)?.status) === 'LEGACY') continue;
    const offered = asArray(entry.inferenceTypesSupported);
    if (offered.length > 0 && !offered.includes('ON_DEMAND')) continue;
    const name = asString(entry.modelName);
    models.push({ provider: 'amazon-bedrock', id, ...(name !== undefined && { name }), source });
  }
  for (const item of asArray(profiles.inferenceProfileSummaries)) {
    const entry = asObject(item);
    const id = asString(entry?.inferenceProfileId);
    if (!entry || !id || asString(entry.status) !== 'ACTIVE') continue;
    const name = asString(entry.inferenceProfileName);
    models.push({ provider: 'amazon-bedrock', id, ...(name !== undefined && { name }), source });
  }
  return models;
}
