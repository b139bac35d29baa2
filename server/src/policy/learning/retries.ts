import type { ChatRequest } from '../../core/chat-request.ts';

const withinMs = 600_000;
const mostKept = 5000;
const charactersKept = 500;

/** Notices who asks the very same conversation again, as people do when an answer was no good. In this process. */
export function createRetries({ now = Date.now }: { now?: () => number } = {}) {
  const asked = new Map<string, { requestId: string; at: number }>();
  return {
    /** The call in which this key asked the same within the last ten minutes, if it did. */
    note(keyId: string, request: ChatRequest, requestId: string): string | undefined {
      const key = `${keyId}\n${fingerprint(request)}`;
      const before = asked.get(key);
      asked.delete(key);
      // The oldest goes: a map keeps the order in which keys came.
      if (asked.size >= mostKept) asked.delete(asked.keys().next().value!);
      asked.set(key, { requestId, at: now() });
      return before && now() - before.at <= withinMs ? before.requestId : undefined;
    },
  };
}

/** Equal for conversations of as many messages that end with the same words. */
function fingerprint({ messages }: ChatRequest): string {
  const last = messages.at(-1);
  const text = (last?.parts ?? []).map((part) => (part.type === 'text' ? part.text : part.type)).join('\n');
  return `${messages.length} ${last?.role} ${text.length} ${text.slice(-charactersKept)}`;
}
