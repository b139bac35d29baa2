import { SluiceError } from '../core/sluice-error.ts';

/** Cuts a byte stream so that no event is ever split: what comes out is one or more whole events as they arrived. */
export interface Cutter {
  /** Whole events that are complete now, or undefined while the first of them is not. Throws when one event is too long. */
  push(chunk: Uint8Array): Uint8Array | undefined;
  /** What is left when the bytes end; undefined when nothing is. */
  rest(): Uint8Array | undefined;
}

export const maxEventBytes = 4 * 1024 * 1024;

const lineFeed = 10;
const carriageReturn = 13;

/** Server-sent events: an event ends with a blank line, in LF, CRLF or CR form. */
export function createSseCutter(): Cutter {
  let pending: Uint8Array | undefined;
  return {
    push(chunk) {
      const from = pending ? Math.max(0, pending.length - 3) : 0;
      const bytes = pending ? concat(pending, chunk) : chunk;
      const end = lastBoundary(bytes, from);
      if (end === bytes.length) {
        pending = undefined;
        return bytes;
      }
      pending = end === 0 ? bytes : bytes.subarray(end);
      if (pending.length > maxEventBytes) {
        throw new SluiceError('upstream_invalid_answer', `The provider sent one event of more than ${maxEventBytes} bytes.`);
      }
      return end === 0 ? undefined : bytes.subarray(0, end);
    },
    rest() {
      const left = pending;
      pending = undefined;
      return left;
    },
  };
}

/** The index after the last blank line at or after `from`, or 0. */
function lastBoundary(bytes: Uint8Array, from: number): number {
  for (let at = bytes.length - 1; at > from; at--) {
    const byte = bytes[at];
    if (byte !== lineFeed && byte !== carriageReturn) continue;
    const before = byte === lineFeed && bytes[at - 1] === carriageReturn ? at - 2 : at - 1;
    if (before < 0) continue;
    const previous = bytes[before];
    if (previous === lineFeed || previous === carriageReturn) return at + 1;
  }
  return 0;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
