import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = readFileSync(join(import.meta.dirname, '../../../docs/reliability.md'), 'utf8');

/** `file: name` of each test that the page names. */
const named = [...page.matchAll(/`([\w./-]+)`: ([^|<]+?)(?= *(?:<br>|\|))/g)].map(([, file, name]) => ({
  file: file!,
  name: name!.trim(),
}));

/** Names of tests as the source has them, each as a pattern: what is filled in may be anything. */
function namesIn(source: string): RegExp[] {
  const found = source.matchAll(/(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1,\s*(?:async\b|\()/g);
  return [...found].map(([, , text]) => {
    const parts = text!.replaceAll(/\\(['"`])/g, '$1').split(/\$\{[^}]*\}/);
    return new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`);
  });
}

test('each test that the page of faults names is there', () => {
  expect(named.length).toBeGreaterThan(50);
  const missing = named.filter(({ file, name }) => {
    const path = join(import.meta.dirname, '..', `${file}.test.ts`);
    return !existsSync(path) || !namesIn(readFileSync(path, 'utf8')).some((pattern) => pattern.test(name));
  });
  expect(missing).toEqual([]);
});

test('each row of the page has a test', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| Fault \|/.test(line));
  expect(rows.length).toBeGreaterThan(35);
  expect(rows.filter((row) => !/`[\w./-]+`: \w/.test(row))).toEqual([]);
});
