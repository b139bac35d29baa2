import { expect, test } from 'bun:test';
import { createKey, hashKey, isWellFormed, keyHint } from './key-format.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

test('a new key is well-formed, of one length, and never made twice', () => {
  const keys = Array.from({ length: 2000 }, createKey);
  for (const key of keys) {
    expect(key).toMatch(/^sl_live_[0-9A-Za-z]{33}$/);
    expect(isWellFormed(key)).toBe(true);
  }
  expect(new Set(keys).size).toBe(keys.length);
});

test('every place of the secret takes many letters, so that its bits are random', () => {
  const keys = Array.from({ length: 2000 }, createKey);
  for (let at = 'sl_live_'.length + 1; at < 'sl_live_'.length + 27; at++) {
    expect(new Set(keys.map((key) => key[at])).size).toBeGreaterThan(50);
  }
});

test('a key with any one letter changed is not well-formed', () => {
  const key = createKey();
  for (let at = 0; at < key.length; at++) {
    for (const letter of alphabet) {
      if (letter === key[at]) continue;
      expect(isWellFormed(key.slice(0, at) + letter + key.slice(at + 1))).toBe(false);
    }
  }
});

test('a key that is cut, lengthened, or of another alphabet is not well-formed', () => {
  const key = createKey();
  for (const other of [
    '',
    'sl_live_',
    key.slice(0, -1),
    `${key}0`,
    ` ${key}`,
    `${key}\n`,
    key.replace('sl_live_', 'sl_test_'),
    key.toUpperCase(),
  ]) {
    expect(isWellFormed(other)).toBe(false);
  }
  expect(isWellFormed(`sl_live_${'é'.repeat(33)}`)).toBe(false);
});

test('what is stored does not hold the key, and what is shown holds a few letters of it', () => {
  const key = createKey();
  expect(hashKey(key)).toMatch(/^[0-9a-f]{64}$/);
  expect(hashKey(key)).toBe(hashKey(key));
  expect(hashKey(createKey())).not.toBe(hashKey(key));
  const hint = keyHint(key);
  expect(hint).toStartWith('sl_live_');
  expect(hint.replace(/^sl_live_|…/g, '')).toHaveLength(8);
});
