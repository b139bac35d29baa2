import { z } from 'zod';
import { asNumber, asObject, asString, tryParseJson } from '../../core/json.ts';
import { invalidRequest, SluiceError } from '../../core/sluice-error.ts';
import { openaiChatInbound } from '../../wire/openai-chat/index.ts';
import { parseOpenAiError } from '../../wire/openai-error.ts';
import { upstreamError } from '../../wire/upstream-error.ts';
import { withoutSecrets } from '../fetch-json.ts';
import type { Credential, ProviderFactory } from '../provider.ts';
import { retryAfterMs } from '../retry-after.ts';
import { readCredentials, readHeaders, readOptions, settingsFault } from '../settings.ts';
import { bridge } from './answer.ts';
import { inexpressible } from './build-call.ts';
import { createModelLoader } from './load-model.ts';
import type { LoadModule } from './sdk-types.ts';

const schema = z.strictObject({
  /** The npm package, e.g. `@ai-sdk/cohere`. A package name only: what is loaded is what the operator installed. */
  package: z
    .string()
    .regex(/^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/, 'package must be the name of an npm package.'),
  /** The export that makes the provider; found by its name `create…` when not said. */
  factory: z.string().min(1).optional(),
  /** Arguments for it, beside apiKey, baseURL and headers, which come from the settings. */
  create: z.record(z.string(), z.unknown()).optional(),
  /** Sent with every call, e.g. `{cohere: {…}}`. */
  providerOptions: z.record(z.string(), z.unknown()).optional(),
});

/**
 * Any provider that has an AI SDK package (https://ai-sdk.dev/providers), for the long tail. Fidelity is reduced: no n, no
 * log probabilities, no thinking replayed, no raw events; answers carry `x-sluice-fidelity: reduced`. The package opens its
 * own connections.
 */
export const createAiSdkProvider: ProviderFactory = (settings, environment) =>
  aiSdkProviderFactory((name) => import(name))(settings, environment);

/** As the factory, with the way packages are loaded. */
export function aiSdkProviderFactory(load: LoadModule): ProviderFactory {
  return (settings, environment) => {
    const options = readOptions(settings, schema);
    if (settings.wires && settings.wires.length > 0) {
      throw settingsFault(settings, 'wires', 'An ai-sdk provider is always spoken to in openai-chat.');
    }
    const credentials = readCredentials(settings, environment, { variables: [], optional: true });
    const sentHeaders = readHeaders(settings);
    const { id } = settings;
    const modelOf = createModelLoader({ providerId: id, packageName: options.package, factory: options.factory, load });
    const createArguments = ({ secret }: Credential) => ({
      ...options.create,
      ...(settings.baseUrl !== undefined && { baseURL: settings.baseUrl }),
      ...(Object.keys(sentHeaders).length > 0 && { headers: sentHeaders }),
      ...(secret !== '' && { apiKey: secret }),
    });
    return {
      id,
      kind: settings.kind,
      local: false,
      fidelity: 'reduced',
      wires: ['openai-chat'],
      framing: 'sse',
      quirks: { maxTokensField: 'max_completion_tokens', imageUrls: false, unsupportedFields: inexpressible },
      credentials,
      firstByteMs: settings.firstByteMs,
      request() {
        throw new SluiceError(
          'not_implemented',
          `${id} answers through ${options.package} and has no address of its own.`,
        );
      },
      // The AI SDK has no list of models: those in the configuration are the ones there are.
      listModels: async () => [],
      async answer(call, signal) {
        if (call.operation !== 'chat' || call.wire !== 'openai-chat') {
          throw new SluiceError('not_implemented', `${id} cannot do ${call.operation} over ${call.wire}.`);
        }
        const body = tryParseJson(call.body);
        if (body === undefined) throw invalidRequest('The body is not valid JSON.');
        const request = openaiChatInbound.parseRequest(body);
        const asError = (thrown: unknown) =>
          withoutSecrets(sdkError(thrown, signal), { provider: id, credentials: [call.credential] });
        // The secret too: a key that was rotated keeps its id.
        const { id: name, secret } = call.credential;
        const model = await modelOf(call.upstream, `${name} ${secret}`, createArguments(call.credential));
        return bridge({
          model,
          request,
          upstream: call.upstream,
          providerOptions: options.providerOptions,
          signal,
          asError,
        });
      },
    };
  };
}

/** The AI SDK's APICallError carries the provider's status and body; a failed connection has neither. */
function sdkError(thrown: unknown, signal: AbortSignal): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  if (signal.aborted && signal.reason instanceof SluiceError) return signal.reason;
  const fault = asObject(thrown) ?? {};
  const status = asNumber(fault.statusCode);
  const message = thrown instanceof Error ? thrown.message : asString(fault.message);
  if (status === undefined) {
    return new SluiceError('upstream_unreachable', `The call failed: ${message ?? 'no reason was given'}`, {
      cause: thrown,
    });
  }
  const said = parseOpenAiError(status, asString(fault.responseBody) ?? '');
  const error = /^The provider answered with status/.test(said.message) ? upstreamError(status, { message }) : said;
  const headers = asObject(fault.responseHeaders);
  const wait = headers && retryAfterMs(new Headers(headers as Record<string, string>), Date.now());
  return new SluiceError(error.code, error.message, {
    ...error.facts,
    ...(wait !== undefined && { retryAfterMs: wait }),
  });
}
