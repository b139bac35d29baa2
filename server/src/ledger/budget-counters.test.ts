import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { seededRandom } from '../../test/conformance/seeded-random.ts';
import { redisUrl, scratchRedis } from '../../test/money/services.ts';
import { isLong } from '../../test/money/spending.ts';
import { openRedis, type SharedRedis } from '../store/redis.ts';
import { type Counters, createProcessCounters, type Draw, type ReserveOutcome } from './budget-counters.ts';
import { createRedisCounters } from './redis-counters.ts';

/** The same, written down as simply as it can be: every hold and every settlement is kept, and each sum is taken anew. */
function naiveCounters() {
  const settled = new Map<string, Map<string, number>>();
  const holds: { key: string; requestId: string; amount: number; untilMs: number }[] = [];
  const heldAt = (key: string, nowMs: number) =>
    holds.filter((hold) => hold.key === key && hold.untilMs > nowMs).reduce((sum, { amount }) => sum + amount, 0);
  const spentAt = (key: string) => [...settled.values()].reduce((sum, amounts) => sum + (amounts.get(key) ?? 0), 0);
  const drop = (requestId: string) => {
    for (let at = holds.length - 1; at >= 0; at--) if (holds[at]!.requestId === requestId) holds.splice(at, 1);
  };
  return {
    reserve(requestId: string, untilMs: number, draws: Draw[], nowMs: number): ReserveOutcome {
      for (const { key, amount, limit, hard } of draws) {
        const [spent, held] = [spentAt(key), heldAt(key, nowMs)];
        if (hard && spent + held + amount > limit) return { outcome: 'refused', key, spent, held };
      }
      drop(requestId);
      for (const { key, amount } of draws) holds.push({ key, requestId, amount, untilMs });
      return { outcome: 'reserved' };
    },
    settle(requestId: string, amounts: Map<string, number>): void {
      if (settled.has(requestId)) return;
      settled.set(requestId, amounts);
      drop(requestId);
    },
    standing: (key: string, nowMs: number) => ({ spent: spentAt(key), held: heldAt(key, nowMs) }),
  };
}

interface Setting {
  counters: Counters;
  /** Lets time pass, where that can be done. */
  advance?(ms: number): void;
  nowMs(): number;
  leaseMs: number;
}

/** Reserves, settles, settles twice, lets lapse and settles late, in an order that the seed decides. */
async function simulate({ counters, advance, nowMs, leaseMs }: Setting, seed: number, steps: number): Promise<void> {
  const random = seededRandom(seed);
  const whole = (below: number) => Math.floor(random() * below);
  const naive = naiveCounters();
  const keys = [0, 1, 2].map((at) => `sim:{s}:${seed}:${at}`);
  for (const key of keys) {
    expect(await counters.begin(key, 'token', false)).toBe('begun');
    expect(await counters.finish(key, 'token', 0, 60_000)).toBe(true);
  }
  const open: { requestId: string; keys: string[] }[] = [];
  let made = 0;
  for (let step = 0; step < steps; step++) {
    const choice = random();
    if (choice < 0.5) {
      const used = keys.filter(() => random() < 0.7);
      const draws = (used.length > 0 ? used : [keys[0]!]).map(
        (key, at): Draw => ({ key, amount: whole(100), limit: 2000 + at * 500, hard: random() < 0.8, ttlMs: 60_000 }),
      );
      const requestId = `req_${seed}_${++made}`;
      // Where time cannot be moved, some leases are over as soon as they begin.
      const lease = advance || random() < 0.8 ? leaseMs : 0;
      const got = await counters.reserve(requestId, lease, draws);
      expect(got).toEqual(naive.reserve(requestId, nowMs() + lease, draws, nowMs()));
      if (got.outcome === 'reserved') open.push({ requestId, keys: draws.map(({ key }) => key) });
    } else if (choice < 0.9 && open.length > 0) {
      const at = whole(open.length);
      const { requestId, keys: used } = open[at]!;
      // One in ten is settled again later: as a retry whose first answer was lost.
      if (random() < 0.9) open.splice(at, 1);
      // What was reserved is no promise: a call may come to more, to less, or to nothing.
      const amounts = new Map(used.map((key) => [key, random() < 0.2 ? 0 : whole(120)]));
      await counters.settle(
        requestId,
        [...amounts].map(([key, amount]) => ({ key, amount })),
      );
      naive.settle(requestId, amounts);
    } else advance?.(whole(leaseMs / 3));
    const key = keys[whole(keys.length)]!;
    expect(await counters.read(key)).toEqual(naive.standing(key, nowMs()));
  }
  for (const key of keys) expect(await counters.read(key)).toEqual(naive.standing(key, nowMs()));
}

const seeds = Array.from({ length: isLong ? 200 : 10 }, (_, at) => at + 1);

test('any order of reservations, settlements, repetitions and lapses comes to what a naive model says', async () => {
  for (const seed of seeds) {
    let now = 0;
    const setting: Setting = {
      counters: createProcessCounters({ nowMs: () => now }),
      advance: (ms) => {
        now += ms;
      },
      nowMs: () => now,
      leaseMs: 1000,
    };
    await simulate(setting, seed, 2000).catch((error) => {
      throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
    });
  }
  console.log(`simulated in process: seeds ${seeds[0]} to ${seeds.at(-1)}, 2,000 steps each`);
});

describe.skipIf(!redisUrl)('in Redis', () => {
  let redis: SharedRedis;
  let scratch: Awaited<ReturnType<typeof scratchRedis>>;
  beforeAll(async () => {
    scratch = await scratchRedis();
    redis = openRedis(scratch.url);
    await new Promise<void>((ready) => {
      redis.onReady(ready);
    });
  });
  afterAll(async () => {
    await redis?.close();
    await scratch?.close();
  });

  test('the same holds', async () => {
    const few = seeds.slice(0, Math.max(4, seeds.length / 10));
    for (const seed of few) {
      const setting: Setting = { counters: createRedisCounters(redis), nowMs: () => 0, leaseMs: 3_600_000 };
      await simulate(setting, seed, 400).catch((error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
    }
    console.log(`simulated in Redis: seeds ${few[0]} to ${few.at(-1)}, 400 steps each`);
  });

  test('two processes that reserve on one counter at once cannot both have the last of it', async () => {
    const other = openRedis(scratch.url);
    await new Promise<void>((ready) => {
      other.onReady(ready);
    });
    const [here, there] = [createRedisCounters(redis), createRedisCounters(other)];
    await here.begin('race', 't', false);
    await here.finish('race', 't', 0, 60_000);
    const draw: Draw = { key: 'race', amount: 10, limit: 1000, hard: true, ttlMs: 60_000 };
    const got = await Promise.all(
      Array.from({ length: 400 }, (_, at) => (at % 2 ? here : there).reserve(`race_${at}`, 60_000, [draw])),
    );
    await other.close();
    expect(got.filter(({ outcome }) => outcome === 'reserved')).toHaveLength(100);
    expect(await here.read('race')).toEqual({ spent: 0, held: 1000 });
  });
});

describe('while a counter is derived', () => {
  const counters = createProcessCounters({ nowMs: () => 0 });

  test('nobody draws on it, and what is settled meanwhile is noted', () => {
    const draw: Draw = { key: 'k', amount: 1, limit: 10, hard: true, ttlMs: 1000 };
    expect(counters.reserve('a', 1000, [draw])).toEqual({ outcome: 'unknown', keys: ['k'] });
    expect(counters.begin('k', 'one', false)).toBe('begun');
    expect(counters.begin('k', 'two', false)).toBe('busy');
    expect(counters.reserve('a', 1000, [draw])).toEqual({ outcome: 'unknown', keys: ['k'] });
    expect(counters.settle('b', [{ key: 'k', amount: 3 }])).toEqual([undefined]);
    expect([...counters.noted('k')]).toEqual([['b', 3]]);
    expect(counters.finish('k', 'two', 5, 1000)).toBe(false);
    expect(counters.finish('k', 'one', 5, 1000)).toBe(true);
    expect(counters.read('k')).toEqual({ spent: 8, held: 0 });
  });

  test('one that failed leaves the turn to the next, and one that is known is derived anew only when that is wanted', () => {
    expect(counters.begin('k', 'three', false)).toBe('known');
    expect(counters.begin('k', 'three', true)).toBe('begun');
    counters.abandon('k', 'three');
    expect(counters.read('k')).toBeUndefined();
    expect(counters.begin('k', 'four', false)).toBe('begun');
    counters.finish('k', 'four', 8, 1000);
    expect(counters.read('k')).toEqual({ spent: 8, held: 0 });
  });
});
