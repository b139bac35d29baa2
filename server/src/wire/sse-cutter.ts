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
const nothing = new Uint8Array(0);

/** Server-sent events: an event ends with a blank line, in LF, CRLF or CR form. What comes out is what went in, byte for byte. */
export function createSseCutter(): Cutter {
  const pending = createPending();
  // The last byte that came out was a CR: an LF that follows is the second half of that line end, not a line of its own.
  let afterReturn = false;
  return {
    push(chunk) {
      if (chunk.length === 0) return undefined;
      const from = pending.length();
      const bytes = from === 0 ? chunk : pending.add(chunk);
      let end = lastBoundary(bytes, Math.max(0, from - 3));
      if (end === 0 && from === 0 && afterReturn && bytes[0] === lineFeed) end = 1;
      if (bytes.length - end > maxEventBytes) {
        throw new SluiceError(
          'upstream_invalid_answer',
          `The provider sent one event of more than ${maxEventBytes} bytes.`,
        );
      }
      pending.keep(end === bytes.length ? nothing : bytes.subarray(end));
      if (end === 0) return undefined;
      afterReturn = bytes[end - 1] === carriageReturn;
      return end === bytes.length ? bytes : bytes.subarray(0, end);
    },
    rest: () => pending.take(),
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

/**
 * The start of an event whose end has not come. Space doubles, so that an event of megabytes in pieces of a few bytes is not
 * copied once a piece. Bytes that came out are never written again.
 */
function createPending() {
  let held: Uint8Array | undefined;
  let room: Uint8Array | undefined;
  return {
    length: () => held?.length ?? 0,
    add(chunk: Uint8Array): Uint8Array {
      const start = held?.length ?? 0;
      const length = start + chunk.length;
      if (!room || room.length < length) {
        room = new Uint8Array(length * 2);
        if (held) room.set(held);
      }
      room.set(chunk, start);
      return room.subarray(0, length);
    },
    keep(bytes: Uint8Array): void {
      // What is left of a larger piece starts afresh: its bytes stay where they came.
      if (bytes.length === 0 || bytes.byteOffset !== room?.byteOffset || bytes.buffer !== room.buffer) room = undefined;
      held = bytes.length === 0 ? undefined : bytes;
    },
    take(): Uint8Array | undefined {
      const left = held;
      held = undefined;
      room = undefined;
      return left;
    },
  };
}
