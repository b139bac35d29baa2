import { availableParallelism, cpus } from 'node:os';
import { canPin } from '../subjects/processors.ts';
import { judge, type Row } from './row.ts';

/** The run as one JSON document: the machine, the settings and every row with its verdict. */
export function formatDocument(rows: Row[], settings: object): string {
  return JSON.stringify({ machine: describeMachine(), settings, rows: rows.map(plain) }, null, 2);
}

/** The machine in one line. */
export function describeMachine(): string {
  const pinning = canPin() ? 'subjects pinned to one core, mock and load to another' : 'not pinned';
  return `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${pinning}, Bun ${Bun.version}`;
}

function plain(row: Row) {
  return { ...row, result: judge(row) || undefined };
}
