import { expect, test } from 'bun:test';
import { judge, type Row } from './row.ts';
import { formatMarkdownTable, formatTable } from './table.ts';

const bare: Row = { name: 'JSON, bare proxy', cpuUs: 29.04, perSecond: 20_311.4, memoryMb: 61.2 };
const ours: Row = {
  name: 'JSON, Sluice',
  cpuUs: 38.5,
  perSecond: 15_000,
  addedP50Ms: 0.061,
  addedP99Ms: -0.2,
  compared: { value: 1.326, unit: 'x' },
  target: { most: 1.8, unit: 'x' },
};
const absent: Row = { name: 'JSON, Portkey', target: { least: 10, unit: 'x' }, failure: 'not installed' };

test('a row passes at its target and fails beyond it', () => {
  expect(judge(bare)).toBe('');
  expect(judge(ours)).toBe('pass');
  expect(judge({ ...ours, compared: { value: 1.8, unit: 'x' } })).toBe('pass');
  expect(judge({ ...ours, compared: { value: 1.81, unit: 'x' } })).toBe('FAIL');
  expect(judge({ ...ours, target: { least: 10, unit: 'x' } })).toBe('FAIL');
});

test('a row without its figure, or without one to hold it against, is never a pass', () => {
  expect(judge(absent)).toBe('NOT MEASURED');
  expect(judge({ ...ours, compared: undefined })).toBe('NOT MEASURED');
  expect(judge({ ...ours, compared: { value: Number.NaN, unit: 'x' } })).toBe('NOT MEASURED');
  expect(judge(JSON.parse('{"target":{"most":1,"unit":"x"},"compared":{"value":null,"unit":"x"}}'))).toBe(
    'NOT MEASURED',
  );
});

test('the table is aligned and says why a figure is missing', () => {
  expect(formatTable([bare, ours, absent]).split('\n')).toEqual([
    '                  CPU us  answers/s  added p50  added p99  memory  compared   target  result',
    'JSON, bare proxy    29.0      20311                         61 MB',
    'JSON, Sluice        38.5      15000   +0.06 ms   -0.20 ms             1.33x  <= 1.8x  pass',
    'JSON, Portkey          -                                                      >= 10x  NOT MEASURED  not installed',
  ]);
});

test('as Markdown it has the same cells, and a bar in one of them does not split it', () => {
  const lines = formatMarkdownTable([bare, { ...absent, failure: 'npm | said no' }]).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines.map((line) => line.replaceAll('\\|', '').split('|').length)).toEqual([12, 12, 12, 12]);
  expect(lines[3]).toContain('npm \\| said no');
});
