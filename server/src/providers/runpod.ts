import { z } from 'zod';
import { asNumber, asObject, type JsonObject } from '../core/json.ts';
import { fetchJson } from './fetch-json.ts';
import { openAiCompatible } from './openai-compatible.ts';
import { pathSegment } from './outgoing.ts';
import type { Egress, ProviderSettings } from './provider.ts';
import { type Environment, readBaseUrl, readCredentials, readHeaders, settingsFault, variable } from './settings.ts';

/** A sleeping worker loads its model before it answers: minutes, not seconds. */
const coldStartMs = 600_000;

/** A RunPod serverless endpoint with a vLLM worker. `options.endpointId` (or RUNPOD_ENDPOINT_ID) says which. */
export const createRunpodProvider = openAiCompatible({
  baseUrl: (settings, environment) => `${endpointUrl(settings, environment)}/openai/v1`,
  keyVariables: ['RUNPOD_API_KEY'],
  firstByteMs: coldStartMs,
  options: { endpointId: z.string().min(1).optional() },
  quirks: {
    noDeveloperRole: true,
    maxTokensField: 'max_tokens',
    reasoningField: 'reasoning_content',
    unsupportedFields: ['cache_control', 'file', 'images'],
  },
});

export interface RunpodHealth {
  workers: { idle: number; initializing: number; ready: number; running: number; throttled: number; unhealthy: number };
  jobs: { completed: number; failed: number; inProgress: number; inQueue: number; retried: number };
}

/** Whether workers are awake, from the endpoint's `/health`. A `baseUrl` that ends in `/openai/v1` is understood. */
export function createRunpodAdmin(settings: ProviderSettings, environment: Environment, egress: Egress) {
  const credentials = readCredentials(settings, environment, { variables: ['RUNPOD_API_KEY'] });
  const endpoint = settings.baseUrl
    ? readBaseUrl(settings, undefined).href.replace(/\/openai\/v1$/, '')
    : endpointUrl(settings, environment);
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${credentials[0]?.secret ?? ''}`,
    ...readHeaders(settings),
  };
  return {
    async health(signal: AbortSignal): Promise<RunpodHealth> {
      const request = { url: `${endpoint}/health`, method: 'GET' as const, headers };
      const body = await fetchJson(request, { provider: settings.id, credentials, egress, signal });
      const workers = counts(body.workers);
      const jobs = counts(body.jobs);
      return {
        workers: {
          idle: workers('idle'),
          initializing: workers('initializing'),
          ready: workers('ready'),
          running: workers('running'),
          throttled: workers('throttled'),
          unhealthy: workers('unhealthy'),
        },
        jobs: {
          completed: jobs('completed'),
          failed: jobs('failed'),
          inProgress: jobs('inProgress'),
          inQueue: jobs('inQueue'),
          retried: jobs('retried'),
        },
      };
    },
  };
}

const counts = (value: unknown) => {
  const object: JsonObject = asObject(value) ?? {};
  return (field: string) => asNumber(object[field]) ?? 0;
};

function endpointUrl(settings: ProviderSettings, environment: Environment): string {
  if (settings.baseUrl) return settings.baseUrl;
  const given = settings.options?.endpointId;
  const endpointId = typeof given === 'string' ? given : variable(environment, 'RUNPOD_ENDPOINT_ID');
  if (endpointId === undefined) {
    throw settingsFault(settings, 'options.endpointId', 'Set options.endpointId or RUNPOD_ENDPOINT_ID.');
  }
  return `https://api.runpod.ai/v2/${pathSegment(endpointId)}`;
}
