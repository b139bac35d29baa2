/**
 * The sandbox: a provider that answers inside the process, offline and the same every time, so that routing, streaming, cost
 * and every SDK feature can be seen at work before there is any key. It speaks OpenAI Chat Completions and embeddings.
 *
 * Texts begin with a label such as `[sandbox small] `, unless the caller asked for JSON, for exact words or for a bare value;
 * `system_fingerprint` is `sandbox` and the header `x-sandbox` names the model in every answer. Nothing is sampled:
 * `temperature` and its like are checked and have no effect, `seed` chooses other wordings, `n` gives different ones.
 * Tokens are those of `tokenizer.ts`; prompts are never cached, so `cached_tokens` is 0.
 *
 * Orders that the last user message may hold, for tests of clients, fallbacks and budgets. An order with `@name` after it
 * (`sandbox:error=500@sandbox-small`) counts only for the model, or the provider's id, of that name.
 *
 * | Order | What happens |
 * |---|---|
 * | `sandbox:error=<400-599>` | that status with OpenAI's error body; 429 carries `retry-after: 1` |
 * | `sandbox:error=timeout` | 504, at once |
 * | `sandbox:error=quota` | 429 `insufficient_quota` |
 * | `sandbox:error=context` | 400 `context_length_exceeded` |
 * | `sandbox:hang` | no answer until the caller gives up |
 * | `sandbox:slow=<ms>` | waits that long before the first byte |
 * | `sandbox:cut` | the stream, or the JSON body, breaks off in the middle |
 * | `sandbox:stream-error` | an error event after three events of a stream |
 * | `sandbox:length` | half of the text and finish_reason `length` |
 * | `sandbox:filter` | finish_reason `content_filter` |
 * | `sandbox:refuse` | a refusal (so does the sentence “please refuse”) |
 * | `sandbox:tokens=<n>` | a text of exactly n tokens, at most 100,000 |
 *
 * The one setting is `options.chunkDelayMs`: milliseconds between the events of a stream, 0 unless given, for demonstrations.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { isObject, tryParseJson } from '../../core/json.ts';
import { invalidRequest, SluiceError } from '../../core/sluice-error.ts';
import type { Provider, ProviderFactory, ProviderSettings } from '../provider.ts';
import { answerChat, type ChatDeps } from './answer-chat.ts';
import { answerEmbeddings } from './answer-embeddings.ts';
import { readChatInput } from './chat-input.ts';
import { faultResponse, SandboxFault } from './fault.ts';
import { sandboxModels } from './models.ts';
import { countPromptTokens } from './prompt-tokens.ts';

export { sandboxModels } from './models.ts';

/** Builds the sandbox. Throws `invalid_request` naming a setting that it does not know. */
export const createSandboxProvider: ProviderFactory = (settings) => {
  const deps: ChatDeps = {
    providerId: settings.id,
    chunkDelayMs: readSettings(settings),
    nowSeconds: () => Math.floor(Date.now() / 1000),
    newId: (prefix) => prefix + randomUUID().replaceAll('-', ''),
    sleep: async (milliseconds, signal) => {
      await sleepFor(milliseconds, undefined, { signal });
    },
  };
  const provider: Provider = {
    id: settings.id,
    kind: 'sandbox',
    local: true,
    wires: ['openai-chat'],
    embeddings: 'openai-embeddings',
    framing: 'sse',
    quirks: { reasoningField: 'reasoning_content' },
    credentials: [{ id: 'sandbox', weight: 1, secret: '' }],
    ...(settings.firstByteMs !== undefined && { firstByteMs: settings.firstByteMs }),
    catalogId: 'sandbox',
    request() {
      throw new SluiceError('internal', 'The sandbox answers inside the process and has no address.');
    },
    async listModels() {
      return [...sandboxModels];
    },
    countTokens(body, upstream) {
      try {
        return countPromptTokens(readChatInput(body, upstream));
      } catch (thrown) {
        if (thrown instanceof SandboxFault) return undefined;
        throw thrown;
      }
    },
    async answer(call, signal) {
      try {
        signal.throwIfAborted();
        const body = tryParseJson(call.body);
        if (!isObject(body)) throw new SandboxFault(400, 'The body is not a JSON object.', { code: 'invalid_json' });
        switch (call.operation) {
          case 'chat':
            return await answerChat(body, call.upstream, signal, deps);
          case 'embeddings':
            return answerEmbeddings(body, call.upstream);
          case 'count-tokens':
            throw new SandboxFault(404, 'The sandbox has no operation that counts tokens.', { code: 'not_found' });
        }
      } catch (thrown) {
        // The name is the caller's: a header holds no more than Latin-1.
        if (thrown instanceof SandboxFault)
          return faultResponse(thrown, { 'x-sandbox': encodeURIComponent(call.upstream) });
        // A sleep that was aborted throws its own error; the caller is told the signal's reason.
        throw signal.aborted ? signal.reason : thrown;
      }
    },
  };
  return provider;
};

const knownSettings = ['id', 'kind', 'wires', 'options', 'firstByteMs'];
const longestChunkDelayMs = 10_000;

/** The milliseconds between events. */
function readSettings(settings: ProviderSettings): number {
  for (const [name, value] of Object.entries(settings))
    if (value !== undefined && !knownSettings.includes(name))
      throw invalidRequest(`The sandbox has no setting '${name}'.`, name);
  if (settings.wires?.some((wire) => wire !== 'openai-chat'))
    throw invalidRequest('The sandbox speaks only openai-chat.', 'wires');
  const { chunkDelayMs = 0, ...unknown } = settings.options ?? {};
  for (const name of Object.keys(unknown))
    throw invalidRequest(`The sandbox has no option '${name}'.`, `options.${name}`);
  if (typeof chunkDelayMs !== 'number' || !(chunkDelayMs >= 0 && chunkDelayMs <= longestChunkDelayMs))
    throw invalidRequest(`'chunkDelayMs' is a number from 0 to ${longestChunkDelayMs}.`, 'options.chunkDelayMs');
  return chunkDelayMs;
}
