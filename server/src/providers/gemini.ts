import { z } from 'zod';
import { asArray, asNumber, asObject, asString, type JsonObject, tryParseJson } from '../core/json.ts';
import type { ModelInfo } from '../core/model-info.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { fetchJson } from './fetch-json.ts';
import { passedHeaders, pathSegment, postJson } from './outgoing.ts';
import type { ProviderCall, ProviderFactory } from './provider.ts';
import { isLocalHost, readBaseUrl, readCredentials, readHeaders, readOptions } from './settings.ts';

const maxPages = 20;

/** Google's Gemini API (https://ai.google.dev/api). `baseUrl` may name the version (`/v1beta`, `/v1`); v1beta otherwise. */
export const createGeminiProvider: ProviderFactory = (settings, environment) => {
  readOptions(settings, z.strictObject({}));
  const given = settings.baseUrl?.replace(/\/+$/, '') ?? 'https://generativelanguage.googleapis.com';
  const base = readBaseUrl(
    { ...settings, baseUrl: /\/v1[a-z0-9]*$/.test(given) ? given : `${given}/v1beta` },
    undefined,
  );
  const credentials = readCredentials(settings, environment, { variables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] });
  const headers = readHeaders(settings);
  const { id } = settings;
  return {
    id,
    kind: settings.kind,
    local: isLocalHost(base.hostname),
    wires: ['gemini'],
    embeddings: 'gemini-embeddings',
    framing: 'sse',
    quirks: {},
    credentials,
    firstByteMs: settings.firstByteMs,
    catalogId: 'google',
    request(call) {
      const url = base.at(`/${modelPath(call.upstream)}:${method(call, id)}`);
      const sent = call.operation === 'count-tokens' ? { ...call, body: countBody(call) } : call;
      return postJson(url, sent, passedHeaders(call), { 'x-goog-api-key': call.credential.secret }, headers);
    },
    async listModels(egress, signal) {
      const models: ModelInfo[] = [];
      let token: string | undefined;
      for (let page = 0; page < maxPages; page++) {
        const cursor = token === undefined ? '' : `&pageToken=${encodeURIComponent(token)}`;
        const request = {
          url: base.at(`/models?pageSize=1000${cursor}`),
          method: 'GET' as const,
          headers: { accept: 'application/json', 'x-goog-api-key': credentials[0]?.secret ?? '', ...headers },
        };
        const body = await fetchJson(request, { provider: id, credentials, egress, signal });
        models.push(...asArray(body.models).flatMap((entry) => readModel(asObject(entry), id)));
        token = asString(body.nextPageToken);
        if (!token) break;
      }
      return models;
    },
  };
};

/** `gemini-3-flash`, `models/gemini-3-flash` and `tunedModels/mine` are all names of models. */
function modelPath(upstream: string): string {
  const path = upstream.includes('/') ? upstream : `models/${upstream}`;
  return path.split('/').map(pathSegment).join('/');
}

function method({ operation, wire, stream, batch }: ProviderCall, provider: string): string {
  if (operation === 'embeddings' && wire === 'gemini-embeddings') return batch ? 'batchEmbedContents' : 'embedContent';
  if (wire === 'gemini' && operation === 'count-tokens') return 'countTokens';
  if (wire === 'gemini' && operation === 'chat') return stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  throw new SluiceError('not_implemented', `${provider} cannot do ${operation} over ${wire}.`);
}

/** countTokens takes `contents` alone, or a whole request in `generateContentRequest`, which then names its model. */
function countBody({ body, upstream }: ProviderCall): string {
  const request = asObject(tryParseJson(body));
  if (!request || 'generateContentRequest' in request) return body;
  if (Object.keys(request).every((field) => field === 'contents')) return body;
  const model = upstream.includes('/') ? upstream : `models/${upstream}`;
  return JSON.stringify({ generateContentRequest: { ...request, model } });
}

function readModel(entry: JsonObject | undefined, providerId: string): ModelInfo[] {
  const id = asString(entry?.name)?.replace(/^models\//, '');
  if (!entry || !id) return [];
  const name = asString(entry.displayName);
  const context = asNumber(entry.inputTokenLimit);
  const maxOutput = asNumber(entry.outputTokenLimit);
  return [
    {
      provider: 'google',
      id,
      ...(name !== undefined && { name }),
      ...(context !== undefined && { context }),
      ...(maxOutput !== undefined && { maxOutput }),
      source: `${providerId} model list`,
    },
  ];
}
