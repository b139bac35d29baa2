import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { defaultOrganisationId } from '../../src/core/principal.ts';
import { SluiceError } from '../../src/core/sluice-error.ts';
import { type Counters, createProcessCounters } from '../../src/ledger/budget-counters.ts';
import { createRules } from '../../src/ledger/budget-rules.ts';
import { type Budgets, createBudgets } from '../../src/ledger/budgets.ts';
import type { CallRow } from '../../src/ledger/call-row.ts';
import { createRedisCounters } from '../../src/ledger/redis-counters.ts';
import type { Budget } from '../../src/store/budget-store.ts';
import { openRedis } from '../../src/store/redis.ts';
import { seededRandom } from '../conformance/seeded-random.ts';
import { redisUrl, scratchRedis } from '../money/services.ts';
import { isLong } from '../money/spending.ts';
import { callRow } from '../support/rows.ts';

// Calls reserve, run, settle or are cut off with their process, in an order that a seed draws. What the provider was paid is
// kept beside it, and must never come to more than the budget.

setDefaultTimeout(isLong ? 3_600_000 : 120_000);
const firstSeed = Number(process.env.SLUICE_SEED ?? 20_261_129);
const closing: (() => Promise<unknown> | unknown)[] = [];
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const atMs = Date.UTC(2026, 5, 1);
const limit = 3000;
const worstOf = 100;

interface Setting {
  name: string;
  processes: number;
  /** Counters as a process finds them when it starts. */
  counters(): Counters;
  leaseMs: number;
  /** Resolves when every lease that is left is over. */
  leasesOver(): Promise<void>;
}

interface Process {
  budgets: Budgets;
  /** What it has written to its disk, which outlives it. */
  journal: CallRow[];
  /** Calls that reserved and run, with what cutting them off costs. */
  running: Map<string, number>;
  dead: boolean;
}

async function simulate({ name, processes, counters, leaseMs, leasesOver }: Setting, seed: number, steps: number) {
  const random = seededRandom(seed);
  const whole = (below: number) => Math.floor(random() * below);
  const jitter = async () => {
    for (let turns = whole(4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  };
  const budget = {
    id: `bud_${name}_${seed}`,
    organisationId: defaultOrganisationId,
    name: 'simulated',
    scope: 'organisation',
    target: null,
    unit: 'usd',
    limit,
    window: 'total',
    hard: true,
    thresholds: [],
    createdAt: new Date(atMs - 1000),
  } as unknown as Budget;
  const rules = createRules(defaultOrganisationId, undefined, [budget]);
  /** The ledger in the database. */
  const stored = new Map<string, number>();
  const all: Process[] = [];
  let made = 0;

  function bring(process: Process): void {
    for (const row of process.journal.splice(0)) stored.set(row.requestId, row.costNanos ?? 0);
  }

  function begin(left: CallRow[]): Process {
    const budgets = createBudgets({
      counters: counters(),
      rulesOf: () => rules,
      async spent(_wanted, settled) {
        await jitter();
        const seen = new Map(stored);
        const ids = await settled();
        const sum = [...seen.values()].reduce((total, each) => total + each, 0);
        return { spent: sum, included: new Set(ids.filter((id) => seen.has(id))) };
      },
      async flushEverywhere() {
        for (const each of all) {
          await jitter();
          if (each.dead) continue;
          await each.budgets.drain();
          bring(each);
        }
      },
      leaseMs: () => leaseMs,
      newToken: () => `token_${seed}_${++made}`,
      now: () => atMs,
      sleep: () => new Promise((resolve) => setImmediate(resolve)),
    });
    const process: Process = { budgets, journal: left, running: new Map(), dead: false };
    // What an earlier process left is settled before it is brought into the database.
    for (const row of left) if (!stored.has(row.requestId)) budgets.settle(row);
    return process;
  }
  for (let each = 0; each < processes; each++) all.push(begin([]));

  const rowOf = (requestId: string, costNanos: number) =>
    callRow({ requestId, at: atMs, costNanos, organisationId: defaultOrganisationId });

  async function call(): Promise<'reserved' | 'refused' | 'unknown' | 'cut off'> {
    const at = whole(processes);
    const process = all[at]!;
    const requestId = `req_${name}_${seed}_${++made}`;
    const worst = 1 + whole(worstOf);
    try {
      await process.budgets.reserve({ requestId, atMs, budgets: [budget], worst: { nanos: worst, tokens: 0 } });
    } catch (error) {
      if (process.dead) return 'cut off';
      if (!(error instanceof SluiceError)) throw error;
      process.budgets.settle(rowOf(requestId, 0));
      // On a busy machine Redis may take longer than it is waited for: then a call is refused as well.
      return error.code === 'budget_exceeded' ? 'refused' : 'unknown';
    }
    if (process.dead) return 'cut off';
    process.running.set(requestId, whole(worst + 1));
    await jitter();
    await jitter();
    if (process.dead) return 'cut off';
    process.running.delete(requestId);
    const row = rowOf(requestId, random() < 0.2 ? 0 : whole(worst + 1));
    process.journal.push(row);
    process.budgets.settle(row);
    // A retry whose first answer was lost.
    if (random() < 0.1) process.budgets.settle(row);
    return 'reserved';
  }

  function crash(): void {
    const at = whole(processes);
    const dead = all[at]!;
    dead.dead = true;
    dead.budgets.close();
    const left = [...dead.journal, ...[...dead.running].map(([requestId, cost]) => rowOf(requestId, cost))];
    all[at] = begin(left);
  }

  async function standingOf({ budgets }: Pick<Process, 'budgets'>) {
    for (;;) {
      const standing = await budgets.standing(budget, atMs).catch(() => undefined);
      if (standing) return standing;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const paid = () => {
    const costs = new Map(stored);
    for (const { journal } of all) for (const row of journal) costs.set(row.requestId, row.costNanos ?? 0);
    return [...costs.values()].reduce((total, each) => total + each, 0);
  };

  const outcomes = { reserved: 0, refused: 0, unknown: 0, 'cut off': 0 };
  let crashes = 0;
  const open = new Set<Promise<void>>();
  for (let step = 0; step < steps; step++) {
    const running = call().then((outcome) => {
      outcomes[outcome] += 1;
    });
    open.add(running);
    running.finally(() => open.delete(running)).catch(() => {});
    if (random() < 0.01) {
      crash();
      crashes += 1;
    }
    if (random() < 0.05) for (const each of all) if (random() < 0.5) bring(each);
    if (open.size > 12) await Promise.race(open);
    if (random() < 0.1) {
      const { spent, held } = await standingOf(all[0]!);
      expect(spent + held).toBeLessThanOrEqual(limit);
      expect(Math.min(spent, held)).toBeGreaterThanOrEqual(0);
    }
    expect(paid()).toBeLessThanOrEqual(limit);
  }
  await Promise.all(open);
  for (const each of all) {
    for (let drained = false; !drained; )
      drained = await each.budgets.drain().then(
        () => true,
        () => false,
      );
    bring(each);
  }
  await leasesOver();
  for (const { budgets } of all) expect(await standingOf({ budgets })).toMatchObject({ spent: paid(), held: 0 });
  for (const { budgets } of all) budgets.close();
  return { ...outcomes, crashes, paid: paid() };
}

async function simulateAll(setting: () => Setting, seeds: number, steps: number): Promise<void> {
  const sum = { reserved: 0, refused: 0, unknown: 0, 'cut off': 0, crashes: 0 };
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const result = await simulate(setting(), seed, steps).catch((error) => {
      throw new Error(`seed ${seed} (SLUICE_SEED=${seed}): ${error.message}`, { cause: error });
    });
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += result[name];
  }
  console.log(`${setting().name}: seeds ${firstSeed} to ${firstSeed + seeds - 1}: ${JSON.stringify(sum)}`);
  expect(sum.crashes).toBeGreaterThan(0);
  expect(sum.refused).toBeGreaterThan(0);
}

test('in any order of calls, crashes and late settlements no budget is overspent, and nothing stays held', async () => {
  await simulateAll(
    () => {
      let now = 0;
      return {
        name: 'one process',
        processes: 1,
        counters: () => createProcessCounters({ nowMs: () => now }),
        leaseMs: 60_000,
        async leasesOver() {
          now += 60_001;
        },
      };
    },
    isLong ? 2000 : 40,
    400,
  );
});

test.skipIf(!redisUrl)('nor with two processes and Redis', async () => {
  const scratch = await scratchRedis();
  closing.push(scratch.close);
  const redis = openRedis(scratch.url);
  closing.push(redis.close);
  await new Promise<void>((ready) => {
    redis.onReady(ready);
  });
  const leaseMs = 1500;
  await simulateAll(
    () => ({
      name: 'two processes',
      processes: 2,
      counters: () => createRedisCounters(redis),
      leaseMs,
      leasesOver: () => new Promise((resolve) => setTimeout(resolve, leaseMs + 100)),
    }),
    isLong ? 200 : 4,
    300,
  );
});
