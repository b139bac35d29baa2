import { asObject, type JsonObject, tryParseJson } from '../core/json.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { parseOpenAiError } from '../wire/openai-error.ts';
import type { Credential, Egress, OutgoingRequest } from './provider.ts';
import { readLimited } from './read-limited.ts';

const maxBytes = 16 * 1024 * 1024;

export interface FetchJsonDeps {
  /** The provider's id, for errors. */
  provider: string;
  /** Their secrets are struck from whatever the provider says. */
  credentials: readonly Credential[];
  egress: Egress;
  signal: AbortSignal;
}

/** One small request to a provider beside the chat (lists, health) and its JSON object. Throws SluiceError, never with a secret in it. */
export async function fetchJson(request: OutgoingRequest, deps: FetchJsonDeps): Promise<JsonObject> {
  const { provider } = deps;
  const { status, text } = await fetchText(request, deps);
  if (status < 200 || status > 299) throw withoutSecrets(parseOpenAiError(status, text), deps, status);
  const value = tryParseJson(text);
  const object = Array.isArray(value) ? { data: value } : asObject(value);
  if (object) return object;
  throw new SluiceError('upstream_invalid_answer', `${provider} answered with something that is not a JSON object.`, {
    upstream: { provider, status },
  });
}

async function fetchText(
  request: OutgoingRequest,
  { provider, egress, signal }: FetchJsonDeps,
): Promise<{ status: number; text: string }> {
  try {
    const response = await egress(request, { signal });
    return { status: response.status, text: await readLimited(response, maxBytes) };
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    if (signal.aborted) {
      if (signal.reason instanceof SluiceError) throw signal.reason;
      throw new SluiceError('upstream_timeout', `${provider} did not answer in time.`, { upstream: { provider } });
    }
    const code = (thrown as { code?: unknown } | null)?.code;
    const words = typeof code === 'string' ? ` (${code})` : '';
    throw new SluiceError('upstream_unreachable', `${provider} could not be reached${words}.`, {
      upstream: { provider },
    });
  }
}

/** The error again, with the provider named and every secret struck out (some providers quote the key they refuse). */
export function withoutSecrets(
  error: SluiceError,
  { provider, credentials }: Pick<FetchJsonDeps, 'provider' | 'credentials'>,
  status = error.facts.upstream?.status,
): SluiceError {
  let message = error.message;
  for (const { secret } of credentials) {
    // A Bedrock credential is several secrets, joined by colons.
    for (const part of [secret, ...secret.split(':')]) {
      if (part.length >= 8) message = message.replaceAll(part, '***');
    }
  }
  const upstream = { ...error.facts.upstream, provider, ...(status !== undefined && { status }) };
  return new SluiceError(error.code, message, { ...error.facts, upstream });
}
