import { expect, test } from 'bun:test';
import { cacheSettings } from '../test-cache.ts';
import { type CacheStanding, createCacheStanding } from './standing.ts';

function setUp({ isOpen = true }: { isOpen?: boolean } = {}) {
  const state = {
    nowMs: 0,
    loads: 0,
    fails: false,
    standing: { overrides: new Map(), invalidations: [] } as CacheStanding,
  };
  const voided: string[] = [];
  const standing = createCacheStanding({
    base: () => cacheSettings(),
    isOpen: () => isOpen,
    load: async () => {
      state.loads += 1;
      if (state.fails) throw new Error('away');
      return state.standing;
    },
    onInvalidated: (fresh) => voided.push(...fresh.map(({ value }) => value)),
    nowMs: () => state.nowMs,
    sleep: () => new Promise(() => {}),
  });
  const enabled = async () => (await standing.settings('org_a')).exact.enabled;
  return { state, standing, enabled, voided };
}

const off = new Map([['org_a', { exact: { enabled: false } }]]);

test('until the database is open nothing is cached, and nobody waits for it', () => {
  const { standing, state } = setUp({ isOpen: false });
  expect(standing.settings('org_a')).toMatchObject({ exact: { enabled: false } });
  expect(state.loads).toBe(0);
});

test('what an organisation says goes before the file, and holds for it alone', async () => {
  const { state, standing, enabled } = setUp();
  state.standing = { overrides: off, invalidations: [] };
  expect(await enabled()).toBe(false);
  expect((await standing.settings('org_b')).exact.enabled).toBe(true);
});

test('a change is in force within a second, also when nobody asked for an hour', async () => {
  const { state, standing, enabled } = setUp();
  expect(await enabled()).toBe(true);
  state.standing = { overrides: off, invalidations: [] };
  state.nowMs = 800;
  expect(standing.settings('org_a')).not.toBeInstanceOf(Promise);
  await standing.refresh();
  expect(await enabled()).toBe(false);
  state.standing = { overrides: new Map(), invalidations: [] };
  state.nowMs += 3_600_000;
  expect(await enabled()).toBe(true);
});

test('while the database is away the last that is known holds, and it is not asked at every call', async () => {
  const { state, enabled } = setUp();
  state.standing = { overrides: off, invalidations: [] };
  await enabled();
  state.fails = true;
  state.nowMs = 60_000;
  expect(await enabled()).toBe(false);
  const { loads } = state;
  expect(await enabled()).toBe(false);
  expect(state.loads).toBe(loads);
});

test('an invalidation is told once', async () => {
  const { state, standing, voided } = setUp();
  const invalidation = { organisationId: 'org_a', kind: 'model' as const, value: 'm', at: 1 };
  state.standing = { overrides: new Map(), invalidations: [invalidation] };
  await standing.refresh();
  await standing.refresh();
  expect(voided).toEqual(['m']);
  expect(standing.invalidations()).toEqual([invalidation]);
});
