import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BenchDocument, formatDocument, parseDocument } from './document.ts';

/** Where results are kept. */
export const resultsFolder = join(import.meta.dirname, '../../results');

/** Writes the document into the folder under its date and commit, and returns the file's name. */
export async function saveResult(document: BenchDocument, folder = resultsFolder): Promise<string> {
  const stamp = document.date.slice(0, 19).replaceAll(':', '');
  const name = `${stamp}-${document.commit.replace('+', '')}${document.settings.quick ? '-quick' : ''}.json`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), formatDocument(document));
  return name;
}

/** The newest result of the folder, a full one rather than a quick one; rejects when there is none. */
export async function readNewestResult(folder = resultsFolder): Promise<BenchDocument> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const name = names.findLast((candidate) => !candidate.endsWith('-quick.json')) ?? names.at(-1);
  if (name === undefined) throw new Error('there is no result yet: run `npm run bench` first, or name a file');
  return readResult(join(folder, name));
}

/** Reads one result; rejects with the file's name when it is none. */
export async function readResult(file: string): Promise<BenchDocument> {
  try {
    return parseDocument(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
