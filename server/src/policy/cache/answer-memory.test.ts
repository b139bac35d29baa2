import { expect, test } from 'bun:test';
import { createAnswerMemory } from './answer-memory.ts';

const answer = (size: number, expiresAt = 1000) => ({ size, expiresAt });

test('it never holds more than it may: the least lately used go first', () => {
  const memory = createAnswerMemory({ maxBytes: () => 80, now: () => 0 });
  for (let index = 0; index < 8; index++) memory.put(`${index}`, answer(10));
  memory.get('0');
  memory.put('8', answer(10));
  expect(memory.get('1')).toBeUndefined();
  expect(memory.get('0')).toBeDefined();
  expect(memory.count()).toEqual({ entries: 8, bytes: 80 });
});

test('one answer may not push out most of the others', () => {
  const memory = createAnswerMemory({ maxBytes: () => 80, now: () => 0 });
  memory.put('a', answer(10));
  memory.put('b', answer(11));
  expect(memory.get('b')).toBeUndefined();
  expect(memory.get('a')).toBeDefined();
});

test('what is replaced, expired or removed is not counted', () => {
  let nowMs = 0;
  const memory = createAnswerMemory({ maxBytes: () => 800, now: () => nowMs });
  memory.put('a', answer(10));
  memory.put('a', answer(20));
  memory.put('b', answer(30, 5));
  expect(memory.count()).toEqual({ entries: 2, bytes: 50 });
  nowMs = 5;
  expect(memory.get('b')).toBeUndefined();
  expect(memory.removeWhere(({ size }) => size === 20)).toBe(1);
  expect(memory.count()).toEqual({ entries: 0, bytes: 0 });
});
