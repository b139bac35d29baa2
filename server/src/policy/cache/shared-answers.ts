import type { StoredAnswer } from './stored-answer.ts';

/** What of Redis the caches use. It rejects when Redis is away; then nothing is found and nothing kept. */
export interface SharedTexts {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** Answers that all replicas share. A key holds the scope as it is; it is compared again with what was stored. */
export function createSharedAnswers(texts: SharedTexts, now: () => number = Date.now) {
  const keyOf = (scope: string, hash: string) => `cache:${scope}:${hash}`;
  return {
    async get(scope: string, hash: string): Promise<StoredAnswer | undefined> {
      const text = await texts.get(keyOf(scope, hash)).catch(() => null);
      if (text === null) return undefined;
      const { text: body, ...answer } = JSON.parse(text) as StoredAnswer & { text?: string };
      if (answer.scope !== scope || answer.hash !== hash || answer.expiresAt <= now()) return undefined;
      return body === undefined ? answer : { ...answer, bytes: encoder.encode(body) };
    },
    async put({ bytes, ...answer }: StoredAnswer): Promise<void> {
      try {
        const text = JSON.stringify(bytes ? { ...answer, text: utf8.decode(bytes) } : answer);
        await texts.set(keyOf(answer.scope, answer.hash), text, answer.expiresAt - now());
      } catch {
        // Redis is away, or the provider's bytes are no text: then this replica has it alone.
      }
    },
  };
}

export type SharedAnswers = ReturnType<typeof createSharedAnswers>;
