import type { Setup } from './setup.ts';

/** A JSON answer's first byte comes when the whole answer is made: it has longer, unless the file sets one deadline for both. */
export function deadlinesOf({ config: { limits } }: Setup) {
  const { firstByteMs, idleMs } = limits;
  return { firstByteMs: firstByteMs ?? 60_000, answerMs: limits.answerMs ?? firstByteMs ?? 600_000, idleMs };
}
