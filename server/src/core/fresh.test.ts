import { expect, test } from 'bun:test';
import { createFresh, createFreshByKey } from './fresh.ts';

function setUp() {
  const state = { clockMs: 0, value: 1, reads: 0, away: false };
  const fresh = createFresh(
    async () => {
      state.reads += 1;
      if (state.away) throw new Error('away');
      return state.value;
    },
    { nowMs: () => state.clockMs, maxAgeMs: 100, latestMs: 200 },
  );
  return { state, fresh };
}

test('the first asking waits for the first reading, and those that come meanwhile share it', async () => {
  const { state, fresh } = setUp();
  expect(await Promise.all([fresh.get(), fresh.get()])).toEqual([1, 1]);
  expect(fresh.get()).toBe(1);
  expect(state.reads).toBe(1);
});

test('an old value is given at once and read again behind', async () => {
  const { state, fresh } = setUp();
  await fresh.get();
  state.value = 2;
  state.clockMs = 101;
  expect(fresh.get()).toBe(1);
  await Bun.sleep(0);
  expect(fresh.get()).toBe(2);
});

test('a reading that fails leaves the old value, and the first one rejects', async () => {
  const { state, fresh } = setUp();
  state.away = true;
  await expect(Promise.resolve(fresh.get())).rejects.toThrow('away');
  state.away = false;
  await fresh.get();
  state.away = true;
  state.clockMs = 500;
  expect(await fresh.get()).toBe(1);
  expect(fresh.get()).toBe(1);
  expect(state.reads).toBe(3);
});

test('what was forgotten is read anew, and a reading that began before does not bring it back', async () => {
  const { state, fresh } = setUp();
  const first = fresh.get();
  fresh.forget();
  state.value = 2;
  expect(await fresh.get()).toBe(2);
  await first;
  expect(fresh.get()).toBe(2);
});

test('after a pause nobody is given what was true before it', async () => {
  const { state, fresh } = setUp();
  await fresh.get();
  state.value = 2;
  state.clockMs = 201;
  expect(await Promise.all([fresh.get(), fresh.get()])).toEqual([2, 2]);
  expect(state.reads).toBe(2);
});

test('however many wait for a reading that fails, the fault is told once', async () => {
  const faults: unknown[] = [];
  let clockMs = 0;
  let away = false;
  const load = async () => {
    if (away) throw new Error('away');
    return 1;
  };
  const fresh = createFresh(load, { nowMs: () => clockMs, onFault: (error) => faults.push(error) });
  await fresh.get();
  away = true;
  clockMs = 5000;
  expect(await Promise.all([fresh.get(), fresh.get(), fresh.get()])).toEqual([1, 1, 1]);
  expect(faults).toHaveLength(1);
});

test('every key has a value of its own, is forgotten by itself or with all, and too many keys begin anew', async () => {
  const reads: string[] = [];
  const fresh = createFreshByKey(
    async (key) => {
      reads.push(key);
      return key.toUpperCase();
    },
    { maxKeys: 2 },
  );
  expect(await Promise.all(['a', 'b', 'a'].map((key) => fresh.get(key)))).toEqual(['A', 'B', 'A']);
  expect(reads).toEqual(['a', 'b']);
  fresh.forget('a');
  expect([await fresh.get('a'), fresh.get('b')]).toEqual(['A', 'B']);
  fresh.forget();
  await fresh.get('b');
  expect(reads).toEqual(['a', 'b', 'a', 'b']);
  await fresh.get('c');
  await fresh.get('b');
  expect(reads).toEqual(['a', 'b', 'a', 'b', 'c', 'b']);
});
