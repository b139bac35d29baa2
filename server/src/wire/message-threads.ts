import type { ChatRequest } from '../core/chat-request.ts';
import { asString } from '../core/json.ts';
import { SluiceError } from '../core/sluice-error.ts';

/** The code with which Anthropic refuses to hold a conversation; its SDKs then send the whole history by themselves. */
const unsupported = 'thread_unsupported_request';

/**
 * Refuses Anthropic's message threads (`thread`) for a wire that has none: the history lies at a provider, so an answer
 * without it would be an answer to another conversation. Throws `unsupported_capability`.
 */
export function refuseThreads(request: ChatRequest): void {
  const thread = request.extensions['anthropic-messages']?.thread;
  if (thread === undefined || thread === null) return;
  throw new SluiceError(
    'unsupported_capability',
    'The provider of this model holds no message threads. Send all messages and leave out `thread`.',
    { param: 'thread', upstream: { provider: '', code: unsupported } },
  );
}

/** What the SDKs read to recover from a refused thread, ours or Anthropic's own; undefined for every other error. */
export function threadDetails({ facts }: SluiceError): { error_code: string; unsupported?: string[] } | undefined {
  const code = asString(facts.upstream?.code);
  if (!code?.startsWith('thread_')) return undefined;
  return code === unsupported ? { error_code: code, unsupported: ['thread'] } : { error_code: code };
}
