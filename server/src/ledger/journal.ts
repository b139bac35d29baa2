import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { storableJson } from '../store/storable-json.ts';
import type { CallRow } from './call-row.ts';
import { openSegment, readBatches, segmentPath, segmentPaths, sequenceOf } from './segment-file.ts';

interface Segment {
  path: string;
  /** An earlier process wrote it. */
  left: boolean;
  /** Calls that begin in it and are not settled: it stays until they are. */
  open: Set<string>;
  bytes: number;
  /** Rows not yet in the database, as JSON text; null when too many are held and the file must be read again. */
  rows: string[] | null;
}

export interface JournalDeps {
  folder: string;
  /**
   * Writes rows (JSON text) to the database, ignoring those it has, and gives back the ones that it can never take. Rejects
   * when the database is away: they are tried again.
   */
  store(rows: string[]): Promise<string[]>;
  /** Sees the rows (JSON texts) that an earlier process left, before they are stored; after a failure, again. */
  onRecovered?(rows: string[]): Promise<void>;
  onFault?(error: unknown): void;
  flushEveryMs?: number;
  segmentBytes?: number;
  /** Rows that may wait in memory; beyond, they are read from the files again. */
  maxHeldRows?: number;
}

/** A line that begins so tells of a call that begins; its row follows, and the closing brace. */
const openMark = '{"open":';
const isRow = (line: string): boolean => !line.startsWith(openMark);
const requestIdOf = (row: string): string => (JSON.parse(row) as CallRow).requestId;

const syncEveryMs = 100;
const batchRows = 1000;

/**
 * The append-only journal that stands between a settled call and the database: one write() a row while the request still
 * runs, fsync every 100 ms, and batches to the database behind. A process that is killed at any moment loses no row that was
 * written (the next start reads the segments again) and bills none twice (the database ignores rows it has).
 */
export function openJournal(deps: JournalDeps) {
  const {
    folder,
    store,
    onRecovered,
    onFault,
    flushEveryMs = 500,
    segmentBytes = 8 * 1024 * 1024,
    maxHeldRows = 20_000,
  } = deps;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // What an earlier process left: its rows are read from the files.
  const segments: Segment[] = segmentPaths(folder).map((path) => ({
    path,
    left: true,
    open: new Set(),
    bytes: 0,
    rows: null,
  }));
  let sequence = segments.length === 0 ? 0 : sequenceOf(segments.at(-1)!.path);
  let current = begin();
  let file = openSegment(current.path);
  let heldRows = 0;
  /** Where the calls that run now begin. */
  const openCalls = new Map<string, Segment>();
  /** Of earlier processes: calls that began and of which no row was found so far, and calls with a row. */
  const orphans = new Map<string, string>();
  /** Rows that the disk refused: they are nowhere but here. */
  let unwritten: string[] = [];
  let writable = true;
  let flushing: Promise<void> | undefined;

  function begin(): Segment {
    sequence += 1;
    const segment: Segment = { path: segmentPath(folder, sequence), left: false, open: new Set(), bytes: 0, rows: [] };
    segments.push(segment);
    return segment;
  }

  function rotate(): void {
    const full = file;
    const next = begin();
    file = openSegment(next.path);
    current = next;
    full.release();
  }

  function hold(row: string): void {
    if (!current.rows) return;
    if (heldRows < maxHeldRows) {
      current.rows.push(row);
      heldRows += 1;
    } else {
      heldRows -= current.rows.length;
      current.rows = null;
    }
  }

  /** A call has its row in a file: it is no longer open. */
  function close(requestId: string): void {
    const segment = openCalls.get(requestId);
    if (!segment) return;
    openCalls.delete(requestId);
    segment.open.delete(requestId);
  }

  async function storeRows(rows: string[]): Promise<void> {
    for (let from = 0; from < rows.length; from += batchRows) await storeBatch(rows.slice(from, from + batchRows));
  }

  async function storeBatch(rows: string[]): Promise<void> {
    const refused = await store(rows);
    if (refused.length === 0) return;
    // One row that the database cannot take must not hold up those behind it.
    appendFileSync(join(folder, 'refused.ndjson'), refused.map((row) => `${row}\n`).join(''), { mode: 0o600 });
    onFault?.(new Error(`The database refused ${refused.length} rows of the ledger; they are kept in refused.ndjson.`));
  }

  async function flushOnce(): Promise<void> {
    const lost = unwritten;
    await storeRows(lost);
    unwritten = unwritten.slice(lost.length);
    for (const row of lost) close(requestIdOf(row));
    await recover();
    for (const segment of [...segments]) {
      if (segment.left) continue;
      // A file is read when nobody writes to it any more.
      if (segment.rows === null && segment === current) rotate();
      if (segment.rows === null) {
        for (const batch of readBatches(segment.path, batchRows)) await storeBatch(batch.filter(isRow));
        segment.rows = [];
      }
      if (segment.rows.length > 0 || segment === current) {
        const rows = [...segment.rows];
        await storeRows(rows);
        // Rows that arrived meanwhile stay for the next round; when too many did, the whole file is read then.
        (segment.rows as string[] | null)?.splice(0, rows.length);
        if (segment === current || segment.rows === null || segment.rows.length > 0) continue;
      }
      // The only trace of a call that runs: the file stays until the call has its row.
      if (segment.open.size === 0) drop(segment);
    }
  }

  function drop(segment: Segment): void {
    segments.splice(segments.indexOf(segment), 1);
    rmSync(segment.path, { force: true });
  }

  /** Brings what earlier processes left into the database: their rows, and a row for every call that was cut off with them. */
  async function recover(): Promise<void> {
    const left = segments.filter((segment) => segment.left);
    if (left.length === 0) return;
    for (const segment of left) {
      for (const lines of readBatches(segment.path, batchRows)) {
        const rows: string[] = [];
        for (const line of lines) {
          if (isRow(line)) {
            rows.push(line);
            orphans.delete(requestIdOf(line));
          } else {
            const row = line.slice(openMark.length, -1);
            orphans.set(requestIdOf(row), row);
          }
        }
        await onRecovered?.(rows);
        await storeBatch(rows);
      }
    }
    const cutOff = [...orphans.values()];
    if (cutOff.length > 0) await onRecovered?.(cutOff);
    await storeRows(cutOff);
    orphans.clear();
    for (const segment of left) drop(segment);
  }

  const syncTimer = setInterval(() => file.sync(), syncEveryMs);
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
        heldRows = segments.reduce((sum, { rows }) => sum + (rows?.length ?? 0), 0);
        flushing = undefined;
      });
    return flushing;
  }

  return {
    /** Appends a row. It is durable against the process's death when this returns, unless the disk refused it. */
    append(row: CallRow): void {
      const json = storableJson(row);
      try {
        current.bytes += file.write(json);
        writable = true;
        hold(json);
        close(row.requestId);
        if (current.bytes > segmentBytes) rotate();
      } catch (error) {
        // A full disk: the row is held and goes to the database; new calls are refused until a write works again.
        if (writable) onFault?.(error);
        writable = false;
        unwritten.push(json);
      }
    },
    /**
     * Notes that a call begins, with the row that it has if nobody settles it before the process dies. False when the disk
     * refused it.
     */
    open(row: CallRow): boolean {
      try {
        current.bytes += file.write(`${openMark}${storableJson(row)}}`);
        writable = true;
      } catch (error) {
        if (writable) onFault?.(error);
        writable = false;
        return false;
      }
      openCalls.set(row.requestId, current);
      current.open.add(row.requestId);
      if (current.bytes > segmentBytes) rotate();
      return true;
    },
    /** False after a failed write; asking tries again. */
    isWritable(): boolean {
      if (writable) return true;
      try {
        file.write('');
        writable = true;
      } catch {}
      return writable;
    },
    /** Brings every row appended so far into the database. Rejects when the database is away. */
    async flush(): Promise<void> {
      if (flushing) await flushing.catch(() => {});
      await flush();
    },
    /** Stops, with as much in the database as can be; the rest waits in the files for the next start. */
    async close(): Promise<void> {
      clearInterval(syncTimer);
      clearInterval(flushTimer);
      await this.flush().catch(() => {});
      file.close();
      // Everything is in the database: an empty last segment need not stay.
      if (segments.length === 1 && current.rows?.length === 0) rmSync(current.path, { force: true });
    },
  };
}

export type Journal = ReturnType<typeof openJournal>;
