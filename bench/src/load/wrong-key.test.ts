import { expect, test } from 'bun:test';
import { isWellFormed } from '../../../server/src/identity/key-format.ts';
import { wrongKey } from './wrong-key.ts';

test('an unknown key is one that the gateway takes for well-formed, and a mistyped one is not', () => {
  for (const number of [0, 1, 61, 62, 1_760_000_000_123]) {
    expect(isWellFormed(wrongKey('unknown', number))).toBe(true);
    expect(isWellFormed(wrongKey('mistyped', number))).toBe(false);
  }
});

test('no two numbers share a key', () => {
  const keys = Array.from({ length: 500 }, (_, number) => wrongKey('unknown', number));
  expect(new Set(keys).size).toBe(500);
});
