import type { Question } from '../traffic.ts';
import type { WrongKey } from './wrong-key.ts';

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
  /** How long each connection rests between an answer and its next question; absent or 0 asks at once. */
  restMs?: number;
  /** Every request carries a wrong key of its own in place of the target's, and must be refused. */
  wrongKey?: WrongKey;
}

/** What a batch that was answered correctly throughout came to. */
export interface BatchResult {
  /** How many were answered: as many as were asked for, unless the batch was stopped. */
  requests: number;
  elapsedMs: number;
  /** Mean size of an answer's body and mean number of socket reads it took. */
  bytes: number;
  reads: number;
  /** From the request's first byte out to the answer's first body byte in, one figure a request. */
  firstByteMs: number[];
  /** From one socket read of a stream to its next one; empty for JSON answers. */
  gapMs: number[];
  /** The most answers that were under way at once, from their first body byte to their last. */
  peakUnderWay: number;
}
