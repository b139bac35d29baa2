import { z } from 'zod';
import { asArray, asNumber, asObject, asString, type JsonObject } from '../core/json.ts';
import type { Capability, ModelInfo } from '../core/model-info.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { fetchJson } from './fetch-json.ts';
import { isoDate } from './openai-models.ts';
import { passedHeaders, postJson } from './outgoing.ts';
import type { ProviderFactory } from './provider.ts';
import { isLocalHost, readBaseUrl, readCredentials, readHeaders, readOptions } from './settings.ts';

const schema = z.strictObject({
  /** `anthropic-version` when the caller sent none. */
  version: z.string().min(1).optional(),
});
const maxPages = 20;

/** Anthropic's own API. `baseUrl` may end in `/v1` or not. */
export const createAnthropicProvider: ProviderFactory = (settings, environment) => {
  const { version = '2023-06-01' } = readOptions(settings, schema);
  const given = settings.baseUrl?.replace(/\/v1\/?$/, '');
  const base = readBaseUrl({ ...settings, baseUrl: given }, 'https://api.anthropic.com');
  const credentials = readCredentials(settings, environment, { variables: ['ANTHROPIC_API_KEY'] });
  const headers = readHeaders(settings);
  const protocol = { 'anthropic-version': version };
  const { id } = settings;
  return {
    id,
    kind: settings.kind,
    local: isLocalHost(base.hostname),
    wires: ['anthropic-messages'],
    framing: 'sse',
    quirks: {},
    credentials,
    firstByteMs: settings.firstByteMs,
    catalogId: 'anthropic',
    request(call) {
      if (call.wire !== 'anthropic-messages') {
        throw new SluiceError('not_implemented', `${id} cannot do ${call.operation} over ${call.wire}.`);
      }
      const path = call.operation === 'count-tokens' ? '/v1/messages/count_tokens' : '/v1/messages';
      return postJson(
        base.at(path),
        call,
        protocol,
        passedHeaders(call),
        { 'x-api-key': call.credential.secret },
        headers,
      );
    },
    async listModels(egress, signal) {
      const models: ModelInfo[] = [];
      let after: string | undefined;
      for (let page = 0; page < maxPages; page++) {
        const cursor = after === undefined ? '' : `&after_id=${encodeURIComponent(after)}`;
        const request = {
          url: base.at(`/v1/models?limit=1000${cursor}`),
          method: 'GET' as const,
          headers: { accept: 'application/json', ...protocol, 'x-api-key': credentials[0]?.secret ?? '', ...headers },
        };
        const body = await fetchJson(request, { provider: id, credentials, egress, signal });
        models.push(...asArray(body.data).flatMap((entry) => readModel(asObject(entry), id)));
        after = asString(body.last_id);
        if (body.has_more !== true || after === undefined) break;
      }
      return models;
    },
  };
};

function readModel(entry: JsonObject | undefined, providerId: string): ModelInfo[] {
  const id = asString(entry?.id);
  if (!entry || id === undefined || entry.lifecycle === 'retired') return [];
  const name = asString(entry.display_name);
  const released = isoDate(entry.created_at);
  const context = asNumber(entry.max_input_tokens);
  const maxOutput = asNumber(entry.max_tokens);
  const family = asString(entry.line);
  return [
    {
      provider: 'anthropic',
      id,
      ...(name !== undefined && { name }),
      ...(family !== undefined && { family }),
      ...(released !== undefined && { released }),
      ...(context !== undefined && { context }),
      ...(maxOutput !== undefined && { maxOutput }),
      ...readCapabilities(asObject(entry.capabilities)),
      source: `${providerId} model list`,
    },
  ];
}

const reported: Record<string, Capability> = {
  image_input: 'vision',
  pdf_input: 'documents',
  structured_outputs: 'structured-output',
  thinking: 'reasoning',
};

/** The list tells what differs between models. Every Claude calls tools; about temperature it is silent, so that stays as it was. */
function readCapabilities(capabilities: JsonObject | undefined): { capabilities?: Capability[] } {
  if (!capabilities) return {};
  const found = Object.entries(reported).flatMap(([field, capability]) =>
    asObject(capabilities[field])?.supported === true ? [capability] : [],
  );
  return { capabilities: ['tools', 'temperature', ...found] };
}
