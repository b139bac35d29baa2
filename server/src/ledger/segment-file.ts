import { close, closeSync, fsync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { tryParseJson } from '../core/json.ts';

const readBytes = 256 * 1024;

/** The segments in a journal's folder, oldest first. */
export const segmentPaths = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /^\d{10}\.ndjson$/.test(name))
    .sort()
    .map((name) => join(folder, name));

export const segmentPath = (folder: string, sequence: number): string =>
  join(folder, `${String(sequence).padStart(10, '0')}.ndjson`);

export const sequenceOf = (path: string): number => Number(/(\d{10})\.ndjson$/.exec(path)?.[1]);

/** Opens a segment for appending whole lines. */
export function openSegment(path: string) {
  const descriptor = openSync(path, 'a', 0o600);
  /** The last write may have left half a line behind: the next begins on a line of its own. */
  let torn = false;
  let unsynced = false;
  return {
    /** Writes one line with one write() and returns its bytes. Throws when the disk does not take all of it. */
    write(line: string): number {
      const bytes = Buffer.from(torn ? `\n${line}\n` : `${line}\n`);
      torn = true;
      const written = writeSync(descriptor, bytes);
      if (written < bytes.length) throw new Error(`The disk took ${written} of ${bytes.length} bytes.`);
      torn = false;
      unsynced = true;
      return bytes.length;
    },
    /** Starts an fsync when something was written since the last one. */
    sync(): void {
      if (!unsynced) return;
      unsynced = false;
      fsync(descriptor, () => {});
    },
    /** Lets go of the file once it is on the disk, without waiting for that. */
    release(): void {
      fsync(descriptor, () => close(descriptor, () => {}));
    },
    close(): void {
      closeSync(descriptor);
    },
  };
}

export type SegmentFile = ReturnType<typeof openSegment>;

/** The rows of a segment in batches, read as they are asked for. A line that was torn by a crash never left write() and is skipped. */
export function* readBatches(path: string, batchRows: number): Generator<string[], void, undefined> {
  const descriptor = openSync(path, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const buffer = Buffer.alloc(readBytes);
    let batch: string[] = [];
    let rest = '';
    for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
      const lines = (rest + decoder.write(buffer.subarray(0, length))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (isRow(line)) batch.push(line);
        if (batch.length < batchRows) continue;
        yield batch;
        batch = [];
      }
    }
    // A row whose line end alone was torn off is whole.
    if (isRow(rest)) batch.push(rest);
    if (batch.length > 0) yield batch;
  } finally {
    closeSync(descriptor);
  }
}

const isRow = (line: string): boolean => line !== '' && tryParseJson(line) !== undefined;
