import { expect, test } from 'bun:test';
import { judge, type Row } from './row.ts';
import { formatTable } from './table.ts';

const bare: Row = { name: 'JSON, bare proxy', measured: 29.04, unit: 'us' };
const ours: Row = {
  name: 'JSON, Sluice',
  measured: 38.5,
  unit: 'us',
  compared: { value: 1.326, unit: 'x' },
  target: { most: 1.8, unit: 'x' },
};
const absent: Row = {
  name: 'JSON, Portkey',
  unit: 'us',
  target: { least: 10, unit: 'x' },
  failure: 'not installed',
};

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
});

test('the table is aligned and says why a figure is missing', () => {
  expect(formatTable([bare, ours, absent]).split('\n')).toEqual([
    '                  measured  compared   target  result',
    'JSON, bare proxy   29.0 us',
    'JSON, Sluice       38.5 us     1.33x  <= 1.8x  pass',
    'JSON, Portkey            -             >= 10x  NOT MEASURED  not installed',
  ]);
});
