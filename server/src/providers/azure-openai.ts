import { z } from 'zod';
import { fetchJson } from './fetch-json.ts';
import { openAiRefuses } from './openai.ts';
import { pathOf } from './openai-compatible.ts';
import { readModelList } from './openai-models.ts';
import { passedHeaders, pathSegment, postJson } from './outgoing.ts';
import type { ProviderCall, ProviderFactory, ProviderSettings } from './provider.ts';
import {
  type Environment,
  readBaseUrl,
  readCredentials,
  readHeaders,
  readOptions,
  settingsFault,
  variable,
} from './settings.ts';

const schema = z.strictObject({
  /** A dated version (`2024-10-21`) chooses the deployment addresses; without one the v1 API is spoken. */
  apiVersion: z
    .string()
    .regex(/^(\d{4}-\d{2}-\d{2}(-preview)?)$/, 'apiVersion must look like 2024-10-21 or 2025-04-01-preview.')
    .optional(),
  resource: z.string().min(1).optional(),
});

/**
 * Azure OpenAI (https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle). The model's upstream name is the
 * name of the deployment. `baseUrl` is the resource's address, with or without `/openai` or `/openai/v1` at its end.
 */
export const createAzureOpenAiProvider: ProviderFactory = (settings, environment) => {
  const options = readOptions(settings, schema);
  const apiVersion = options.apiVersion ?? variable(environment, 'AZURE_OPENAI_API_VERSION');
  const base = readBaseUrl({ ...settings, baseUrl: resourceUrl(settings, options.resource, environment) }, undefined);
  const credentials = readCredentials(settings, environment, { variables: ['AZURE_OPENAI_API_KEY'] });
  const headers = readHeaders(settings);
  const authorise = (secret: string) => ({ 'api-key': secret });

  const path = (call: ProviderCall): string => {
    const operation = pathOf(call, settings.id);
    if (apiVersion === undefined) return `/openai/v1${operation}`;
    // Responses are not bound to a deployment in the address; the body names it.
    const deployment = call.wire === 'openai-responses' ? '' : `/deployments/${pathSegment(call.upstream)}`;
    return `/openai${deployment}${operation}?api-version=${apiVersion}`;
  };

  return {
    id: settings.id,
    kind: settings.kind,
    local: false,
    wires: readWires(settings),
    embeddings: 'openai-embeddings',
    framing: 'sse',
    quirks: { maxTokensField: 'max_completion_tokens', unsupportedFields: openAiRefuses },
    credentials,
    firstByteMs: settings.firstByteMs,
    catalogId: 'azure',
    request: (call) =>
      postJson(base.at(path(call)), call, passedHeaders(call), authorise(call.credential.secret), headers),
    async listModels(egress, signal) {
      const list = apiVersion === undefined ? '/openai/v1/models' : `/openai/models?api-version=${apiVersion}`;
      const request = {
        url: base.at(list),
        method: 'GET' as const,
        headers: { accept: 'application/json', ...authorise(credentials[0]?.secret ?? ''), ...headers },
      };
      const body = await fetchJson(request, { provider: settings.id, credentials, egress, signal });
      return readModelList(body, 'azure', `${settings.id} model list`, () => ({}));
    },
  };
};

function resourceUrl(settings: ProviderSettings, resource: string | undefined, environment: Environment): string {
  const name = resource ?? variable(environment, 'AZURE_OPENAI_RESOURCE_NAME');
  const address =
    settings.baseUrl ??
    (resource === undefined ? variable(environment, 'AZURE_OPENAI_ENDPOINT') : undefined) ??
    (name === undefined ? undefined : `https://${pathSegment(name)}.openai.azure.com`);
  if (address === undefined) {
    throw settingsFault(settings, 'baseUrl', 'Set baseUrl to the address of the resource, or AZURE_OPENAI_ENDPOINT.');
  }
  return address.replace(/\/openai(\/v1)?\/?$/, '');
}

function readWires(settings: ProviderSettings) {
  const spoken = ['openai-chat', 'openai-responses'] as const;
  if (!settings.wires || settings.wires.length === 0) return spoken;
  const strange = settings.wires.find((wire) => wire !== 'openai-chat' && wire !== 'openai-responses');
  if (strange) throw settingsFault(settings, 'wires', `An azure-openai provider cannot speak ${strange}.`);
  return settings.wires;
}
