import { expect, test } from 'bun:test';
import { createFresh } from './fresh.ts';

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
