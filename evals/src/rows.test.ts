import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, readRows } from './rows.ts';

const good = { id: 'a', category: 'x', prompt: 'Hi', outcomes: { m: 1 }, out_tokens: { m: 5 }, split: 'train' };

function read(...lines: unknown[]) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-evals-'));
  try {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    writeFileSync(join(folder, 'some.jsonl'), `${text}\n`);
    return readRows(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('rows are read with the file as their source', () => {
  expect(read(good, '', { ...good, id: 'b', split: 'cal' })).toMatchObject([
    { id: 'a', source: 'some', outcomes: { m: 1 }, outputTokens: { m: 5 }, split: 'train' },
    { id: 'b', split: 'cal' },
  ]);
});

test.each([
  ['{', 'some.jsonl:2 is not JSON.'],
  [{ ...good, prompt: 1 }, 'some.jsonl:2: `prompt` must be a text.'],
  [{ ...good, split: 'test' }, 'some.jsonl:2: `split` must be train or cal.'],
  [{ ...good, outcomes: undefined }, 'some.jsonl:2: `outcomes` is missing.'],
  [{ ...good, outcomes: { m: 2 } }, 'some.jsonl:2: the outcome of m is not from 0 to 1.'],
  [{ ...good, outcomes: { m: '1' } }, 'some.jsonl:2: `outcomes` of m is not a number.'],
] as const)('%p is refused with its file and line', (line, message) => {
  expect(() => read(good, line)).toThrow(new DataError(message));
});

test('a folder that is not there or has no rows is said', () => {
  expect(() => readRows('/no/such/folder')).toThrow('There is no folder /no/such/folder.');
});
