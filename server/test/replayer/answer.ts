import type { Framing } from './frame-events.ts';
import type { Recording } from './recording.ts';

/** An answer of its own instead of a recording: an error, a page of HTML. */
export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  /** A string or bytes as they are; anything else as JSON. */
  body?: unknown;
}

/** How an answer is given. Nothing set: at once, whole and well. */
export interface Delivery {
  status?: number;
  /** Added to the answer's headers, or over them. */
  headers?: Record<string, string>;
  framing?: Framing;
  delayHeadersMs?: number;
  /** Between the headers and the first byte of the body. */
  delayFirstByteMs?: number;
  /** Between two events. */
  eventDelayMs?: number;
  /** Sends nothing at all, not even headers, until `release()`. */
  holdHeaders?: boolean;
  /** Sends this many events (0: the headers alone), then nothing until `release()`. Never released, it is a stall. */
  holdAfter?: number;
  /** Breaks the connection after this many events. */
  cutAfter?: number;
  /** Breaks the connection after this many bytes of the body. */
  cutAfterBytes?: number;
  /** Ends the body well-formed but early, after this many events. */
  endAfter?: number;
  /** Writes the body as two pieces, cut at this byte. */
  splitAt?: number;
  /** Writes the body in pieces of this many bytes. */
  pieceBytes?: number;
  /** Sends the middle event again and again until the caller goes away. */
  endless?: boolean;
  /** Bytes after the end of the body, and then the connection is closed. */
  bytesAfterEnd?: string;
  /** Closes the connection after the answer. */
  close?: boolean;
}

/** One entry of the script: what to answer and how. */
export interface Answer {
  what: Recording | HttpAnswer;
  delivery: Delivery;
}

export const isRecording = (what: Recording | HttpAnswer): what is Recording => 'wire' in what;
