import type { Question } from '../traffic.ts';

/** Where a subject listens: `base` as in `http://127.0.0.1:8080` (with a path prefix if it has one), and its headers. */
export interface Target {
  base: string;
  headers: Record<string, string>;
}

/** So many equal questions to one target, at most `concurrency` of them at a time. */
export interface Batch {
  target: Target;
  question: Question;
  /** The text that every answer must hold. */
  reply: string;
  requests: number;
  concurrency: number;
}

/** What a batch that was answered correctly throughout came to. */
export interface BatchResult {
  requests: number;
  elapsedMs: number;
  /** Mean size of an answer's body and mean number of socket reads it took. */
  bytes: number;
  reads: number;
  /** From the request's first byte out to the answer's first body byte in, one figure a request. */
  firstByteMs: number[];
  /** The most answers that were under way at once, from their first body byte to their last. */
  peakUnderWay: number;
}
