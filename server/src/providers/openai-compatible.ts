import { z } from 'zod';
import { SluiceError } from '../core/sluice-error.ts';
import type { WireName } from '../core/wire-name.ts';
import type { WireQuirks } from '../wire/wire.ts';
import { fetchJson } from './fetch-json.ts';
import { type ReadModel, readModelList } from './openai-models.ts';
import { passedHeaders, postJson } from './outgoing.ts';
import type { Credential, Provider, ProviderCall, ProviderFactory, ProviderSettings } from './provider.ts';
import {
  type BaseUrl,
  type Environment,
  isLocalHost,
  readBaseUrl,
  readCredentials,
  readHeaders,
  readOptions,
  settingsFault,
} from './settings.ts';

/** What sets one server of OpenAI's protocol apart from the next. */
export interface CompatibleKind {
  /** Undefined: the operator must give one. */
  baseUrl?: string | ((settings: ProviderSettings, environment: Environment) => string | undefined);
  /** Environment variables that may hold the key, in order. */
  keyVariables?: readonly string[];
  keyOptional?: boolean;
  quirks?: WireQuirks;
  catalogId?: string;
  /** The wires it speaks unless the settings say otherwise; OpenAI chat alone by default. */
  wires?: readonly CompatibleWire[];
  /** It has `/embeddings`, which is assumed unless it is known not to. */
  embeddings?: boolean;
  firstByteMs?: number;
  /** Headers of its own, e.g. for attribution. */
  headers?(options: Record<string, unknown>): Record<string, string>;
  /** How the key is shown; a bearer token by default. */
  authorise?(secret: string): Record<string, string>;
  /** Options of its own beside the common ones. */
  options?: z.ZodRawShape;
  /** What its model list tells. */
  readModel?: ReadModel;
}

export type CompatibleWire = 'openai-chat' | 'openai-responses' | 'anthropic-messages';

const paths: Record<CompatibleWire, string> = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  'anthropic-messages': '/messages',
};

const commonOptions = {
  /** On the operator's own machines: free, and the data stays home. Told from the address when not said. */
  local: z.boolean().optional(),
  embeddings: z.boolean().optional(),
  /** Corrections to what is assumed of the server. */
  quirks: z
    .strictObject({
      noDeveloperRole: z.boolean(),
      maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']),
      toolCallId: z.literal('alphanumeric-9'),
      unsupportedFields: z.array(z.string()),
      jsonSchema: z.enum(['json_schema', 'json_object', 'none']),
      imageUrls: z.boolean(),
      reasoningField: z.enum(['reasoning_content', 'reasoning', 'reasoning_details', 'none']),
    })
    .partial()
    .optional(),
};

/** Makes the factory of a provider that speaks OpenAI's protocol from a table of its differences. */
export function openAiCompatible(kind: CompatibleKind): ProviderFactory {
  const schema = z.strictObject({ ...commonOptions, ...kind.options });
  return (settings, environment) => {
    const options: CommonOptions & Record<string, unknown> = readOptions(settings, schema);
    const fallback = typeof kind.baseUrl === 'function' ? kind.baseUrl(settings, environment) : kind.baseUrl;
    const base = readBaseUrl(settings, fallback);
    const credentials = readCredentials(settings, environment, {
      variables: kind.keyVariables ?? [],
      optional: kind.keyOptional,
    });
    const headers = { ...kind.headers?.(options), ...readHeaders(settings) };
    return compatibleProvider(kind, { settings, options, base, credentials, headers });
  };
}

type CommonOptions = z.infer<z.ZodObject<typeof commonOptions>>;

interface Configured {
  settings: ProviderSettings;
  options: CommonOptions;
  base: BaseUrl;
  credentials: Credential[];
  headers: Record<string, string>;
}

function compatibleProvider(
  kind: CompatibleKind,
  { settings, options, base, credentials, headers }: Configured,
): Provider {
  const { id } = settings;
  const authorise = (secret: string): Record<string, string> =>
    secret === '' ? {} : (kind.authorise?.(secret) ?? { authorization: `Bearer ${secret}` });
  const embeddings = options.embeddings ?? kind.embeddings ?? true;
  return {
    id,
    kind: settings.kind,
    local: options.local ?? isLocalHost(base.hostname),
    wires: readWires(settings, kind.wires ?? ['openai-chat']),
    ...(embeddings && { embeddings: 'openai-embeddings' as const }),
    framing: 'sse',
    quirks: { ...kind.quirks, ...options.quirks },
    credentials,
    firstByteMs: settings.firstByteMs ?? kind.firstByteMs,
    catalogId: kind.catalogId,
    request: (call) =>
      postJson(
        base.at(pathOf(call, id)),
        call,
        protocolHeaders(call),
        passedHeaders(call),
        authorise(call.credential.secret),
        headers,
      ),
    async listModels(egress, signal) {
      const request = {
        url: base.at('/models'),
        method: 'GET' as const,
        headers: { accept: 'application/json', ...authorise(credentials[0]?.secret ?? ''), ...headers },
      };
      const body = await fetchJson(request, { provider: id, credentials, egress, signal });
      return readModelList(body, kind.catalogId ?? id, `${id} model list`, kind.readModel);
    },
  };
}

function readWires(settings: ProviderSettings, fallback: readonly CompatibleWire[]): readonly WireName[] {
  if (!settings.wires || settings.wires.length === 0) return fallback;
  const strange = settings.wires.find((wire) => !Object.hasOwn(paths, wire));
  if (strange) {
    throw settingsFault(
      settings,
      'wires',
      `A ${settings.kind} provider cannot speak ${strange}; it may be ${Object.keys(paths).join(', ')}.`,
    );
  }
  return settings.wires;
}

/** Where an operation of a wire is, below the base address. Throws `not_implemented` where OpenAI's protocol has none. */
export function pathOf({ operation, wire }: ProviderCall, provider: string): string {
  if (operation === 'embeddings' && wire === 'openai-embeddings') return '/embeddings';
  const path = paths[wire as CompatibleWire];
  if (path !== undefined && operation === 'chat') return path;
  if (operation === 'count-tokens' && wire === 'openai-responses') return '/responses/input_tokens';
  if (operation === 'count-tokens' && wire === 'anthropic-messages') return '/messages/count_tokens';
  throw new SluiceError('not_implemented', `${provider} cannot do ${operation} over ${wire}.`);
}

const protocolHeaders = ({ wire }: ProviderCall): Record<string, string> =>
  wire === 'anthropic-messages' ? { 'anthropic-version': '2023-06-01' } : {};
