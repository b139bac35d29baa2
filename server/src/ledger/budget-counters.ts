/** A counter that a call would draw on: one budget in one window. */
export interface Draw {
  /** Names budget and window. */
  key: string;
  /** The most that the call may come to. */
  amount: number;
  limit: number;
  /** Refuse what could go beyond the limit. */
  hard: boolean;
  /** How long the counter is kept once nobody draws on it, in milliseconds. */
  ttlMs: number;
}

export interface Standing {
  spent: number;
  /** Reserved by calls that run. */
  held: number;
}

export type ReserveOutcome =
  | { outcome: 'reserved' }
  | ({ outcome: 'refused'; key: string } & Standing)
  /** Nobody knows yet what was spent: it must be derived from the ledger first. */
  | { outcome: 'unknown'; keys: string[] };

/** What came of a settled call on one counter. */
export interface Settled {
  key: string;
  amount: number;
}

/** `begun`: derive it now; `busy`: somebody else does; `known`: there is nothing to do. */
export type DeriveTurn = 'begun' | 'busy' | 'known';

/**
 * Where spent and held stand. `reserve` is one atomic step over all counters of a call: all are drawn on, or none. A counter
 * begins unknown; one process derives it from the ledger while what is settled meanwhile is noted beside it, so that
 * `finish` can add exactly what the ledger's sum did not hold yet.
 */
export interface Counters {
  reserve(requestId: string, leaseMs: number, draws: readonly Draw[]): ReserveOutcome | Promise<ReserveOutcome>;
  /**
   * Ends the request's holds and adds what it came to, once a request id whatever happens. Gives the spent of each counter
   * after it; undefined for one that is unknown, and for all when the request was settled before.
   */
  settle(requestId: string, settled: readonly Settled[]): (number | undefined)[] | Promise<(number | undefined)[]>;
  /** `force` derives a known counter anew. */
  begin(key: string, token: string, force: boolean): DeriveTurn | Promise<DeriveTurn>;
  /** What was settled since `begin`. */
  noted(key: string): Map<string, number> | Promise<Map<string, number>>;
  /** Adds the ledger's sum to what was noted. False when another token took over. */
  finish(key: string, token: string, sum: number, ttlMs: number): boolean | Promise<boolean>;
  /** The derivation failed: the next who needs the counter tries again. */
  abandon(key: string, token: string): void | Promise<void>;
  /** Undefined: unknown. */
  read(key: string): Standing | undefined | Promise<Standing | undefined>;
}

interface Counter {
  spent: number;
  held: number;
  /** Reservations by request id; in the order of their leases, which are equally long. */
  holds: Map<string, { amount: number; untilMs: number }>;
  /** Set while the spent is unknown; without a token nobody derives it just now. */
  deriving?: { token: string; noted: Map<string, number> };
  dropAtMs: number;
}

const rememberedSettles = 20_000;
const sweepEvery = 1000;

/** Counters of one process. `nowMs` is monotonic. */
export function createProcessCounters({ nowMs = () => performance.now() }: { nowMs?: () => number } = {}) {
  const counters = new Map<string, Counter>();
  // Two generations: the younger becomes the older when it is full. Taking out the oldest id of one set costs a walk.
  let settledIds = new Set<string>();
  let settledBefore = new Set<string>();
  let untilSweep = sweepEvery;

  /** A lease that is over holds nothing any more. */
  function reap(counter: Counter, now: number): void {
    for (const [requestId, { amount, untilMs }] of counter.holds) {
      if (untilMs > now) break;
      counter.holds.delete(requestId);
      counter.held -= amount;
    }
  }

  function sweep(now: number): void {
    untilSweep = sweepEvery;
    for (const [key, counter] of counters)
      if (counter.dropAtMs <= now && counter.holds.size === 0) counters.delete(key);
  }

  return {
    reserve(requestId: string, leaseMs: number, draws: readonly Draw[]): ReserveOutcome {
      const now = nowMs();
      if (--untilSweep === 0) sweep(now);
      let unknown: string[] | undefined;
      for (const { key, amount, limit, hard } of draws) {
        const counter = counters.get(key);
        if (!counter || counter.deriving) {
          unknown ??= [];
          unknown.push(key);
          continue;
        }
        reap(counter, now);
        const { spent, held } = counter;
        if (hard && !unknown && spent + held + amount > limit) return { outcome: 'refused', key, spent, held };
      }
      if (unknown) return { outcome: 'unknown', keys: unknown };
      for (const { key, amount, ttlMs } of draws) {
        const counter = counters.get(key)!;
        const before = counter.holds.get(requestId);
        counter.holds.delete(requestId);
        counter.holds.set(requestId, { amount, untilMs: now + leaseMs });
        counter.held += amount - (before?.amount ?? 0);
        counter.dropAtMs = now + ttlMs;
      }
      return { outcome: 'reserved' };
    },
    settle(requestId: string, settled: readonly Settled[]): (number | undefined)[] {
      if (settledIds.has(requestId) || settledBefore.has(requestId)) return settled.map(() => undefined);
      if (settledIds.size >= rememberedSettles) {
        settledBefore = settledIds;
        settledIds = new Set();
      }
      settledIds.add(requestId);
      return settled.map(({ key, amount }) => {
        const counter = counters.get(key);
        if (!counter) return undefined;
        const hold = counter.holds.get(requestId);
        if (hold) {
          counter.holds.delete(requestId);
          counter.held -= hold.amount;
        }
        counter.spent += amount;
        counter.deriving?.noted.set(requestId, amount);
        return counter.deriving ? undefined : counter.spent;
      });
    },
    begin(key: string, token: string, force: boolean): DeriveTurn {
      const counter = counters.get(key);
      if (counter?.deriving?.token) return 'busy';
      if (counter && !counter.deriving && !force) return 'known';
      counters.set(key, {
        held: counter?.held ?? 0,
        holds: counter?.holds ?? new Map(),
        dropAtMs: Number.POSITIVE_INFINITY,
        spent: 0,
        deriving: { token, noted: new Map() },
      });
      return 'begun';
    },
    noted: (key: string): Map<string, number> => counters.get(key)?.deriving?.noted ?? new Map(),
    finish(key: string, token: string, sum: number, ttlMs: number): boolean {
      const counter = counters.get(key);
      if (counter?.deriving?.token !== token) return false;
      counter.spent += sum;
      counter.deriving = undefined;
      counter.dropAtMs = nowMs() + ttlMs;
      return true;
    },
    abandon(key: string, token: string): void {
      const counter = counters.get(key);
      if (counter?.deriving?.token === token) counter.deriving.token = '';
    },
    read(key: string): Standing | undefined {
      const counter = counters.get(key);
      if (!counter || counter.deriving) return undefined;
      reap(counter, nowMs());
      return { spent: counter.spent, held: counter.held };
    },
  };
}
