import { expect, test } from 'bun:test';
import { createPartialArguments } from './partial-arguments.ts';

const written = (...pieces: Record<string, unknown>[]): unknown => {
  const args = createPartialArguments();
  for (const piece of pieces) args.add([piece]);
  return JSON.parse(args.text());
};

test('nothing streamed is an empty object', () => {
  expect(written()).toEqual({});
});

test('names in brackets and quotes are names', () => {
  expect(written({ jsonPath: `$['a.b']["c'd"][1]`, numberValue: 0 })).toEqual({ 'a.b': { "c'd": [null, 0] } });
});

test('an empty string, false, zero and null are values', () => {
  expect(
    written(
      { jsonPath: '$.s', stringValue: '' },
      { jsonPath: '$.b', boolValue: false },
      { jsonPath: '$.n', numberValue: 0 },
      { jsonPath: '$.z', nullValue: 'NULL_VALUE' },
    ),
  ).toEqual({ s: '', b: false, n: 0, z: null });
});

test('hostile paths reach nothing', () => {
  const result = written(
    { jsonPath: '$.__proto__.polluted', boolValue: true },
    { jsonPath: '$.constructor.prototype.polluted', boolValue: true },
    { jsonPath: '$.list[4000000000]', boolValue: true },
    { jsonPath: 'no path', boolValue: true },
    { jsonPath: '$', boolValue: true },
    { jsonPath: '$.a[', boolValue: true },
  );
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.keys(result as object).sort()).toEqual(['__proto__', 'constructor']);
});
