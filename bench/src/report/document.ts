import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import { judge, type Row } from './row.ts';

/** One run: what it was measured on and with, and every row with its verdict and its rounds. */
export interface BenchDocument {
  format: 1;
  date: string;
  commit: string;
  machine: Machine;
  settings: { quick: boolean; paceMs: number; only: string[] };
  /** How long the run took. */
  seconds: number;
  rows: Row[];
}

/** The document as JSON text. Folders of the machine, which an error may name, are left out of it. */
export function formatDocument(document: BenchDocument): string {
  const rows = document.rows.map((row) => ({
    ...row,
    ...(row.failure !== undefined && { failure: withoutFolders(row.failure) }),
    ...(row.detail !== undefined && { detail: withoutFolders(row.detail) }),
    result: judge(row) || undefined,
  }));
  return `${JSON.stringify({ ...document, rows }, null, 2)}\n`;
}

/** Reads what `formatDocument` wrote; throws an Error when the text is something else. */
export function parseDocument(text: string): BenchDocument {
  const document: Partial<BenchDocument> | null = JSON.parse(text);
  if (document?.format !== 1 || !Array.isArray(document.rows) || !document.machine) {
    throw new Error('this is no result of the benchmark in a form that this version reads');
  }
  return document as BenchDocument;
}

const folders = [join(import.meta.dirname, '../../..'), tmpdir(), homedir()].filter((folder) => folder.length > 1);

function withoutFolders(text: string): string {
  return folders.reduce((rest, folder) => rest.replaceAll(folder, '…'), text);
}
