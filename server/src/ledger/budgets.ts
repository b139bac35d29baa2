import { SluiceError } from '../core/sluice-error.ts';
import type { Budget } from '../store/budget-store.ts';
import type { SpendStore } from '../store/spend-store.ts';
import type { Counters, Draw, Settled, Standing } from './budget-counters.ts';
import type { Rules, Spender } from './budget-rules.ts';
import { type Span, windowAt } from './budget-window.ts';
import type { CallRow } from './call-row.ts';
import { exceeded } from './exceeded.ts';

export interface BudgetsDeps {
  counters: Counters;
  rulesOf(organisationId: string): Rules | Promise<Rules>;
  spent: SpendStore['spent'];
  /** Brings every row that was settled so far, on any replica, into the database. Rejects when that cannot be. */
  flushEverywhere(organisationId: string): Promise<void>;
  /** How long a reservation holds when nobody settles it, in milliseconds: longer than any call takes. */
  leaseMs(): number;
  newToken(): string;
  /** Told of a budget's spent after each call that drew on it. */
  onSpent?(budget: Budget, span: Span, spent: number): void;
  onFault?(error: unknown): void;
  /** Wall clock, milliseconds since 1970. */
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
}

/** What a call may come to at the most. `nanos` null: its price is unknown. */
export interface WorstCase {
  tokens: number;
  nanos: number | null;
}

export interface ReserveWish {
  requestId: string;
  /** Time of arrival: it decides the windows. */
  atMs: number;
  budgets: readonly Budget[];
  worst: WorstCase;
}

interface Place {
  budget: Budget;
  span: Span;
  key: string;
}

const dayMs = 86_400_000;
const totalLifeMs = 40 * dayMs;
const pollMs = 15;
const patienceMs = 10_000;
const retryMs = 1000;
const rememberedPlaces = 50_000;

/**
 * Reserves the worst case of a call on every budget that it counts on, in one atomic step, and settles what it came to, once
 * a request id. Where a budget stands is derived from the ledger when it is first needed, and kept up from then on.
 */
export function createBudgets(deps: BudgetsDeps) {
  const { counters, rulesOf, leaseMs, newToken, onSpent, onFault, now = Date.now, sleep = wait } = deps;
  /** Calls that hold something, by request id. */
  const open = new Map<string, Place[]>();
  /** Counters that this process has derived or seen derived since it started. */
  const derivedHere = new Set<string>();
  const deriving = new Map<string, Promise<void>>();
  /** Settlements that the counters could not take. */
  const pending: { requestId: string; settled: Settled[] }[] = [];
  /** Settlements on their way to the counters. */
  const settling = new Set<Promise<void>>();
  let draining: Promise<void> | undefined;

  function placeAt(budget: Budget, atMs: number): Place {
    const span = windowAt(budget.window, atMs, budget.createdAt.getTime());
    // One slot of a cluster for all budgets of an organisation, so that one script may touch them.
    return {
      budget,
      span,
      key: `budget:{${budget.organisationId}}:${budget.id}:${budget.unit}:${budget.window}:${span.startMs}`,
    };
  }

  const lifeMs = ({ span: { endMs } }: Place): number =>
    endMs === undefined ? totalLifeMs : Math.max(endMs - now(), 0) + dayMs;

  const drawOf = (place: Place, { tokens, nanos }: WorstCase): Draw => ({
    key: place.key,
    amount: place.budget.unit === 'usd' ? (nanos ?? 0) : tokens,
    limit: place.budget.limit,
    hard: place.budget.hard,
    ttlMs: lifeMs(place),
  });

  /** Throws `budget_exceeded`, or `unavailable` when nobody can say where a hard budget stands. */
  function reserve(wish: ReserveWish): undefined | Promise<void> {
    const { requestId, atMs, budgets, worst } = wish;
    const places = budgets.map((budget) => placeAt(budget, atMs));
    // Before the step itself: if its answer is lost, settling the call's row still releases what it may hold.
    open.set(requestId, places);
    const draws = places.map((place) => drawOf(place, worst));
    if (!places.every(({ key }) => derivedHere.has(key))) return reserveSlowly(requestId, places, draws);
    const answer = counters.reserve(requestId, leaseMs(), draws);
    if (!(answer instanceof Promise)) {
      if (answer.outcome === 'reserved') return undefined;
      if (answer.outcome === 'refused') throw refusal(answer.key, answer, places, draws);
    }
    return reserveSlowly(requestId, places, draws, answer);
  }

  async function reserveSlowly(
    requestId: string,
    places: readonly Place[],
    draws: readonly Draw[],
    first?: ReturnType<Counters['reserve']>,
  ): Promise<void> {
    try {
      for (let answer = first; ; answer = undefined) {
        if (!answer) for (const place of places) if (!derivedHere.has(place.key)) await derive(place, true);
        const got = await (answer ?? counters.reserve(requestId, leaseMs(), draws));
        if (got.outcome === 'reserved') return;
        if (got.outcome === 'refused') throw refusal(got.key, got, places, draws);
        for (const place of places) if (got.keys.includes(place.key)) await derive(place, false);
      }
    } catch (cause) {
      if (cause instanceof SluiceError && cause.code === 'budget_exceeded') throw cause;
      // What others hold and spend is not known: a hard budget that may be used up refuses, a soft one only tells.
      if (places.some(({ budget }) => budget.hard)) throw unknownStanding(cause);
      onFault?.(cause);
    }
  }

  const refusal = (key: string, standing: Standing, places: readonly Place[], draws: readonly Draw[]) => {
    const at = places.findIndex((place) => place.key === key);
    return exceeded(places[at]!.budget, places[at]!.span, standing, draws[at]!.amount);
  };

  function derive(place: Place, force: boolean): Promise<void> {
    const running = deriving.get(place.key);
    if (running) return running;
    const made = deriveOnce(place, force).finally(() => deriving.delete(place.key));
    deriving.set(place.key, made);
    return made;
  }

  async function deriveOnce(place: Place, force: boolean): Promise<void> {
    const { key, budget, span } = place;
    await drain();
    const token = newToken();
    for (let waitedMs = 0; ; waitedMs += pollMs) {
      const turn = await counters.begin(key, token, force);
      if (turn === 'known') break;
      if (turn === 'begun' && (await sumUp(place, token))) break;
      if (waitedMs > patienceMs) throw new Error(`The budget ${budget.id} is being summed up for too long.`);
      await sleep(pollMs);
    }
    if (derivedHere.size > rememberedPlaces) derivedHere.clear();
    derivedHere.add(key);
    const standing = await counters.read(key);
    if (standing) onSpent?.(budget, span, standing.spent);
  }

  /** False when somebody else took over. */
  async function sumUp(place: Place, token: string): Promise<boolean> {
    const { key, budget, span } = place;
    try {
      await deps.flushEverywhere(budget.organisationId);
      let noted = new Map<string, number>();
      const { spent, included } = await deps.spent({ budget, fromMs: span.startMs, toMs: span.endMs }, async () => {
        noted = new Map(await counters.noted(key));
        return [...noted.keys()];
      });
      // What was noted and is in the sum already must not count twice.
      let sum = spent;
      for (const requestId of included) sum -= noted.get(requestId) ?? 0;
      return await counters.finish(key, token, sum, lifeMs(place));
    } catch (error) {
      await Promise.resolve(counters.abandon(key, token)).catch(() => {});
      throw error;
    }
  }

  /** Settles what a row of the ledger came to, and lets go of what its call held. */
  function settle(row: CallRow): void {
    const places = open.get(row.requestId);
    open.delete(row.requestId);
    const rules = rulesOf(row.organisationId);
    if (rules instanceof Promise) {
      track(
        rules.then(
          (known) => settleOn(row, places, known.budgetsOf(spenderOf(row))),
          () => settleOn(row, places, []),
        ),
      );
    } else if (places || !rules.free) settleOn(row, places, rules.free ? [] : rules.budgetsOf(spenderOf(row)));
  }

  function settleOn(row: CallRow, held: readonly Place[] | undefined, now: readonly Budget[]): void {
    const amounts = amountsOf(row);
    const places = [...(held ?? [])];
    // A budget that was made while the call ran has it too: what it came to is in the ledger, by its time of arrival.
    if (amounts.tokens > 0 || amounts.nanos > 0) {
      for (const budget of now) {
        if (budget.window === 'total' && row.at < budget.createdAt.getTime()) continue;
        const place = placeAt(budget, row.at);
        if (!places.some(({ key }) => key === place.key)) places.push(place);
      }
    }
    if (places.length === 0) return;
    const settled = places.map(({ key, budget: { unit } }) => ({
      key,
      amount: unit === 'usd' ? amounts.nanos : amounts.tokens,
    }));
    const told = (spent: (number | undefined)[]) => {
      for (const [at, { budget, span }] of places.entries()) {
        const value = spent[at];
        if (value !== undefined && settled[at]!.amount > 0) onSpent?.(budget, span, value);
      }
    };
    const answer = counters.settle(row.requestId, settled);
    if (!(answer instanceof Promise)) {
      told(answer);
      return;
    }
    track(
      answer.then(told, (error) => {
        onFault?.(error);
        pending.push({ requestId: row.requestId, settled });
        // Whatever becomes of it: the next who needs these derives them from the ledger, which has the row.
        for (const { key } of settled) derivedHere.delete(key);
      }),
    );
  }

  function track(settlement: Promise<void>): void {
    settling.add(settlement);
    settlement.finally(() => settling.delete(settlement)).catch(() => {});
  }

  /** Waits for settlements on their way, and settles what could not be when its time was. Rejects when it still cannot. */
  function drain(): Promise<void> {
    if (pending.length === 0 && settling.size === 0) return Promise.resolve();
    draining ??= (async () => {
      while (settling.size > 0) await Promise.allSettled([...settling]);
      for (let next = pending[0]; next; next = pending[0]) {
        await counters.settle(next.requestId, next.settled);
        pending.shift();
      }
    })().finally(() => {
      draining = undefined;
    });
    return draining;
  }

  const timer = setInterval(() => void drain().catch(() => {}), retryMs);
  timer.unref?.();

  return {
    reserve,
    settle,
    drain,
    /** Where a budget stands now; derived from the ledger if nobody knows. Rejects with `unavailable`. */
    async standing(budget: Budget, atMs: number): Promise<Standing & { span: Span }> {
      const place = placeAt(budget, atMs);
      try {
        for (;;) {
          const standing = derivedHere.has(place.key) ? await counters.read(place.key) : undefined;
          if (standing) return { ...standing, span: place.span };
          await derive(place, !derivedHere.has(place.key));
        }
      } catch (cause) {
        throw unknownStanding(cause);
      }
    },
    close: () => clearInterval(timer),
  };
}

export type Budgets = ReturnType<typeof createBudgets>;

const spenderOf = (row: CallRow): Spender => ({ ...row, tags: row.tags });

const fromCache = new Set(['exact', 'semantic', 'shared']);

/** What a row came to; an answer out of a cache is nobody's expense. */
export function amountsOf(row: CallRow): { nanos: number; tokens: number } {
  if (row.cache && fromCache.has(row.cache)) return { nanos: 0, tokens: 0 };
  const tokens =
    row.input + row.cacheRead + row.cacheWrite + row.cacheWrite1h + row.audioInput + row.output + row.audioOutput;
  return { nanos: row.costNanos ?? 0, tokens };
}

const unknownStanding = (cause: unknown) =>
  new SluiceError(
    'unavailable',
    'A budget applies to this call, and where it stands cannot be read just now (the database or Redis is away). Try again shortly.',
    { retryAfterMs: 2000, cause },
  );

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
