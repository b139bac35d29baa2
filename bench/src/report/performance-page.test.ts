import { afterEach, expect, test } from 'bun:test';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchDocument, formatDocument, parseDocument } from './document.ts';
import { formatResult, withResult } from './performance-page.ts';
import { readNewestResult, resultsFolder, saveResult } from './results.ts';

const document: BenchDocument = {
  format: 1,
  date: '2026-01-02T03:04:05.678Z',
  commit: 'abcdef0123',
  machine: {
    processor: 'A processor',
    cores: 2,
    memoryGb: 23.5,
    kernel: 'Linux 6.1',
    bun: '1.3.0',
    node: 'v20.1.0',
    pinned: true,
    loadBefore: 0.1,
  },
  settings: { quick: false, paceMs: 1, only: ['json'] },
  seconds: 600,
  rows: [
    { name: 'JSON, Sluice', cpuUs: 50, compared: { value: 1.5, unit: 'x' }, target: { most: 1.8, unit: 'x' } },
    { name: 'stream, Sluice', cpuUs: 900, compared: { value: 1.9, unit: 'x' }, target: { most: 1.7, unit: 'x' } },
    { name: 'JSON, Portkey', target: { least: 10, unit: 'x' }, failure: `no ${join(tmpdir(), 'x')}` },
  ],
};
const page = 'before\n<!-- bench: begin -->\nold table\n<!-- bench: end -->\nafter\n';

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-results-'));
  folders.push(folder);
  return folder;
}

test('the page takes the table between its marks and says what missed its target, and a second time changes nothing', () => {
  const filled = withResult(page, document);
  expect(filled).toStartWith('before\n<!-- bench: begin -->\n\nA full run, of 2026-01-02 at commit `abcdef0123`');
  expect(filled).toEndWith('<!-- bench: end -->\nafter\n');
  expect(filled).not.toContain('old table');
  expect(filled).toContain('1 of 3 targets are met. Missed: stream, Sluice. Not measured: JSON, Portkey.');
  expect(withResult(filled, document)).toBe(filled);
});

test('a run beside other work is marked as such', () => {
  expect(formatResult(document)).not.toContain('other work');
  expect(formatResult({ ...document, machine: { ...document.machine, loadBefore: 3 } })).toContain('other work');
});

test('docs/performance.md shows the newest result that is kept', async () => {
  // After a run: npm run bench -- report
  const shown = await readFile(join(import.meta.dirname, '../../../docs/performance.md'), 'utf8');
  const kept = await readdir(resultsFolder).catch(() => []);
  if (kept.length > 0) expect(shown).toBe(withResult(shown, await readNewestResult()));
  else expect(shown).toContain('No result is kept yet.');
});

test('a page without the marks is refused', () => {
  expect(() => withResult('no marks', document)).toThrow('no place for the table');
});

test('a document that was written and read back gives the same page, and names no folder of the machine', () => {
  const text = formatDocument(document);
  expect(text).not.toContain(tmpdir());
  const twice = formatDocument(parseDocument(text));
  expect(twice).toBe(text);
  expect(() => parseDocument('{"rows":[]}')).toThrow('no result of the benchmark');
});

test('the newest full result counts, however new a quick one is', async () => {
  const folder = await emptyFolder();
  await expect(readNewestResult(folder)).rejects.toThrow('there is no result yet');
  await saveResult({ ...document, date: '2025-01-01T00:00:00.000Z' }, folder);
  const name = await saveResult(document, folder);
  const quick = { ...document, date: '2027-01-01T00:00:00.000Z', settings: { ...document.settings, quick: true } };
  await saveResult(quick, folder);
  expect(name).toBe('2026-01-02T030405-abcdef0123.json');
  expect((await readNewestResult(folder)).date).toBe(document.date);
  expect(JSON.parse(await readFile(join(folder, name), 'utf8')).rows[1].result).toBe('FAIL');
});
