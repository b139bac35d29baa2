import { closeSync, fsync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tryParseJson } from '../core/json.ts';
import type { CallRow } from './call-row.ts';

interface Segment {
  path: string;
  bytes: number;
  /** Rows not yet in the database, as JSON text; null when too many are held and the file must be read again. */
  rows: string[] | null;
}

export interface JournalDeps {
  folder: string;
  /** Writes rows (JSON text) to the database, ignoring those it has. Rejects when the database is away: they are tried again. */
  store(rows: string[]): Promise<void>;
  onFault?(error: unknown): void;
  flushEveryMs?: number;
  segmentBytes?: number;
}

const syncEveryMs = 100;
const maxHeldRows = 20_000;
const batchRows = 1000;

/**
 * The append-only journal that stands between a settled call and the database: one write() a row while the request still
 * runs, fsync every 100 ms, and batches to the database behind. A process that is killed at any moment loses no row that was
 * written (the next start reads the segments again) and bills none twice (the database ignores rows it has).
 */
export function openJournal({ folder, store, onFault, flushEveryMs = 500, segmentBytes = 8 * 1024 * 1024 }: JournalDeps) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // What an earlier process left: its rows are read from the files.
  const segments: Segment[] = segmentFiles(folder).map((path) => ({ path, bytes: 0, rows: null }));
  let sequence = segments.length === 0 ? 0 : sequenceOf(segments.at(-1)!.path);
  let current = begin();
  let descriptor = openSync(current.path, 'a', 0o600);
  let heldRows = 0;
  let unsynced = false;
  let writable = true;
  let flushing: Promise<void> | undefined;

  function begin(): Segment {
    sequence += 1;
    const segment: Segment = { path: join(folder, `${String(sequence).padStart(10, '0')}.ndjson`), bytes: 0, rows: [] };
    segments.push(segment);
    return segment;
  }

  function rotate(): void {
    closeSync(descriptor);
    current = begin();
    descriptor = openSync(current.path, 'a', 0o600);
  }

  function hold(row: string): void {
    if (current.rows && heldRows < maxHeldRows) {
      current.rows.push(row);
      heldRows += 1;
    } else if (current.rows) {
      heldRows -= current.rows.length;
      current.rows = null;
    }
  }

  async function flushOnce(): Promise<void> {
    for (const segment of [...segments]) {
      const rows = segment.rows ? [...segment.rows] : readRows(segment.path);
      for (let from = 0; from < rows.length; from += batchRows) await store(rows.slice(from, from + batchRows));
      // Rows that arrived meanwhile stay for the next round.
      segment.rows?.splice(0, rows.length);
      if (segment !== current) {
        segments.splice(segments.indexOf(segment), 1);
        rmSync(segment.path, { force: true });
      } else if (segment.rows === null) {
        rotate();
      }
    }
    heldRows = segments.reduce((sum, { rows }) => sum + (rows?.length ?? 0), 0);
    if (current.bytes > segmentBytes) rotate();
  }

  const syncTimer = setInterval(() => {
    if (!unsynced) return;
    unsynced = false;
    fsync(descriptor, () => {});
  }, syncEveryMs);
  const flushTimer = setInterval(() => void flush().catch(() => {}), flushEveryMs);
  syncTimer.unref?.();
  flushTimer.unref?.();

  function flush(): Promise<void> {
    flushing ??= flushOnce()
      .catch((error) => {
        onFault?.(error);
        throw error;
      })
      .finally(() => {
        flushing = undefined;
      });
    return flushing;
  }

  return {
    /** Appends a row. It is durable against the process's death when this returns. */
    append(row: CallRow): void {
      const json = JSON.stringify(row);
      try {
        writeSync(descriptor, `${json}\n`);
        writable = true;
        unsynced = true;
        current.bytes += json.length + 1;
      } catch (error) {
        // A full disk: the row is still held and goes to the database; new calls are refused until a write works again.
        writable = false;
        onFault?.(error);
      }
      hold(json);
    },
    /** False after a failed write; asking tries again. */
    isWritable(): boolean {
      if (writable) return true;
      try {
        writeSync(descriptor, '\n');
        writable = true;
      } catch {}
      return writable;
    },
    /** Brings every row appended so far into the database. */
    async flush(): Promise<void> {
      if (flushing) await flushing.catch(() => {});
      await flush();
    },
    async close(): Promise<void> {
      clearInterval(syncTimer);
      clearInterval(flushTimer);
      await this.flush().catch(() => {});
      closeSync(descriptor);
      // Everything is in the database: an empty last segment need not stay.
      if (segments.length === 1 && current.rows?.length === 0) rmSync(current.path, { force: true });
    },
  };
}

export type Journal = ReturnType<typeof openJournal>;

function segmentFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{10}\.ndjson$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

const sequenceOf = (path: string): number => Number(/(\d{10})\.ndjson$/.exec(path)?.[1]);

/** Rows of a segment; a last line that was torn by a crash never left write() and is skipped. */
function readRows(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && tryParseJson(line) !== undefined);
}
