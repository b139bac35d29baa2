import type { ConfigFile } from './schema.ts';

/**
 * How long a provider may take, in milliseconds. A JSON answer's first byte comes when the whole answer is made: it has longer,
 * unless the file sets one deadline for both.
 */
export function deadlinesOf({ firstByteMs, answerMs, idleMs }: ConfigFile['limits']) {
  return { firstByteMs: firstByteMs ?? 60_000, answerMs: answerMs ?? firstByteMs ?? 600_000, idleMs };
}
