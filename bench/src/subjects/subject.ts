import type { Target } from '../load/batch.ts';

/** Something that answers, with its process where that is known, or why there is nothing. */
export type Subject = { target: Target; pid?: number } | { failure: string };
