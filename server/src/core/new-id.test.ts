import { expect, test } from 'bun:test';
import { newId } from './new-id.ts';

test('ids are their prefix, the time and 64 random bits, and no two are equal', () => {
  const ids = Array.from({ length: 5000 }, () => newId('req_'));
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{27}$/);
  expect(new Set(ids).size).toBe(ids.length);
  const randomParts = new Set(ids.map((id) => id.slice(-16)));
  expect(randomParts.size).toBe(ids.length);
});

test('the time of an id can be read, and later ids sort later', async () => {
  const before = Date.now();
  const first = newId('');
  await Bun.sleep(3);
  const second = newId('');
  expect(Number.parseInt(first.slice(0, 11), 16)).toBeWithin(before, Date.now() + 1);
  expect(second > first).toBe(true);
});
