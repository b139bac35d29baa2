import { asArray, asObject, asString } from '../core/json.ts';
import { fetchJson } from './fetch-json.ts';
import { createOllamaAdmin } from './ollama-admin.ts';
import { openAiCompatible } from './openai-compatible.ts';
import type { ProviderFactory } from './provider.ts';
import { type Environment, readBaseUrl, variable } from './settings.ts';

const compatible = openAiCompatible({
  baseUrl: (_, environment) => `${ollamaAddress(environment)}/v1`,
  keyVariables: ['OLLAMA_API_KEY'],
  keyOptional: true,
  quirks: {
    noDeveloperRole: true,
    maxTokensField: 'max_tokens',
    reasoningField: 'reasoning',
    imageUrls: false,
    // Read and ignored, which would be a quiet change (https://docs.ollama.com/api/openai-compatibility).
    unsupportedFields: [
      'allowed_tools',
      'audio_url',
      'cache_control',
      'file',
      'images',
      'input_audio',
      'logit_bias',
      'metadata',
      'min_p',
      'n',
      'parallel_tool_calls',
      'service_tier',
      'store',
      'tool_choice',
      'top_k',
      'user',
      'video_url',
    ],
  },
});

/** Ollama: chat and embeddings over its OpenAI form, the models from its own API. `baseUrl` may end in `/v1` or not. */
export const createOllamaProvider: ProviderFactory = (settings, environment) => {
  const given = settings.baseUrl?.replace(/(\/v1)?\/*$/, '/v1');
  const provider = compatible({ ...settings, baseUrl: given }, environment);
  const base = readBaseUrl({ ...settings, baseUrl: given?.replace(/\/v1$/, '') }, ollamaAddress(environment));
  const { id, credentials } = provider;
  const secret = credentials[0]?.secret ?? '';
  return {
    ...provider,
    pullModel(model, egress, signal) {
      const headers = { ...(secret !== '' && { authorization: `Bearer ${secret}` }), ...settings.headers };
      return createOllamaAdmin({ baseUrl: base.at(''), egress, headers, id }).pull(model, signal);
    },
    async listModels(egress, signal) {
      const request = {
        url: base.at('/api/tags'),
        method: 'GET' as const,
        headers: {
          accept: 'application/json',
          ...(secret !== '' && { authorization: `Bearer ${secret}` }),
          ...settings.headers,
        },
      };
      const body = await fetchJson(request, { provider: id, credentials, egress, signal });
      return asArray(body.models).flatMap((item) => {
        const entry = asObject(item);
        const name = asString(entry?.model) ?? asString(entry?.name);
        if (!name) return [];
        const family = asString(asObject(entry?.details)?.family);
        return [{ provider: id, id: name, openWeights: true, ...(family && { family }), source: `${id} model list` }];
      });
    },
  };
};

/**
 * OLLAMA_HOST as Ollama itself reads it: host, port or address, any part left out. Without a scheme the port is 11434; the
 * address that a server listens on everywhere (0.0.0.0) is reached over loopback.
 */
export function ollamaAddress(environment: Environment): string {
  const text = (variable(environment, 'OLLAMA_HOST') ?? '').replace(/\/+$/, '');
  const scheme = /^(https?):\/\//i.exec(text)?.[1]?.toLowerCase();
  const rest = scheme === undefined ? text : text.slice(scheme.length + 3);
  const [authority = '', ...path] = rest.split('/');
  const port = /:(\d+)$/.exec(authority)?.[1];
  const host = (port === undefined ? authority : authority.slice(0, -port.length - 1)) || '127.0.0.1';
  const reachable = host === '0.0.0.0' || host === '[::]' || host === '::' ? '127.0.0.1' : host;
  const shownPort = port ?? (scheme === undefined ? '11434' : undefined);
  return [`${scheme ?? 'http'}://${reachable}${shownPort === undefined ? '' : `:${shownPort}`}`, ...path].join('/');
}
