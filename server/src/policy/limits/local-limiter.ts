import type { Admission, Limiter, Meter, Reading } from './limiter.ts';
import { SlidingWindow } from './sliding-window.ts';

/** A count of running calls frees when one of them ends; nobody knows when. */
const concurrentWaitMs = 1000;
/** Threads are named by callers: what was not asked for longest goes, once there are so many. */
const maxCounts = 100_000;

interface Count {
  window?: SlidingWindow;
  running: number;
  usedAtMs: number;
}

interface Counted {
  meter: Meter;
  count: Count;
}

const idleMs = 62_000;

/** The limits of this process. `nowMs` is monotonic. */
export function createLocalLimiter({ nowMs = () => performance.now() }: { nowMs?: () => number } = {}) {
  // In the order of last use, so that the idle ones stand at the front.
  const counts = new Map<string, Count>();

  function countOf({ id, kind }: Meter, now: number): Count {
    const key = `${kind}:${id}`;
    let count = counts.get(key);
    if (count) counts.delete(key);
    else count = { running: 0, usedAtMs: now, ...(kind !== 'concurrent' && { window: new SlidingWindow() }) };
    count.usedAtMs = now;
    counts.set(key, count);
    return count;
  }

  let lookedMs = 0;
  function forgetIdle(now: number): void {
    if (now - lookedMs < 1000 && counts.size <= maxCounts) return;
    lookedMs = now;
    for (const [key, { running, usedAtMs }] of counts) {
      if (counts.size <= maxCounts && now - usedAtMs < idleMs) return;
      if (running > 0) continue;
      counts.delete(key);
    }
  }

  const countsOf = (meters: readonly Meter[], now: number): Counted[] =>
    meters.map((meter) => ({ meter, count: countOf(meter, now) }));

  /** Counts a call whether it fits or not. */
  function take(counted: readonly Counted[], now: number): (tokens: number) => void {
    const second = Math.floor(now / 1000);
    for (const { meter, count } of counted) {
      if (count.window) count.window.add(meter.amount, second);
      else count.running += 1;
    }
    forgetIdle(now);
    let settled = false;
    return (tokens) => {
      if (settled) return;
      settled = true;
      const endedMs = nowMs();
      const ended = Math.floor(endedMs / 1000);
      for (const { meter, count } of counted) {
        if (!count.window) count.running -= 1;
        else if (meter.kind === 'tokens') {
          const more = tokens - meter.amount;
          // What was taken too much goes back to its own second; what came on top was used by now.
          count.window.add(more, more < 0 ? second : ended, ended);
        }
      }
    };
  }

  const limiter = {
    admit(meters: readonly Meter[]): Admission {
      const now = nowMs();
      const second = Math.floor(now / 1000);
      let admitted = true;
      const counted = countsOf(meters, now);
      const readings = counted.map(({ meter, count }): Reading => {
        const used = count.window ? count.window.used(second) : count.running;
        const over = used + meter.amount - meter.limit;
        if (over <= 0) return { meter, used: used + meter.amount, resetMs: 0 };
        admitted = false;
        return { meter, used, resetMs: 0, waitMs: count.window?.msUntilFree(over, now) ?? concurrentWaitMs };
      });
      const settle = admitted ? take(counted, now) : undefined;
      for (const [at, reading] of readings.entries()) {
        reading.resetMs = counted[at]!.count.window?.msUntilFree(1, now) ?? 0;
        if (!admitted && reading.waitMs === undefined) reading.used -= reading.meter.amount;
      }
      return settle ? { admitted: true, readings, settle } : { admitted: false, readings };
    },
  } satisfies Limiter;
  return {
    ...limiter,
    /** Counts what was admitted elsewhere, so that this process knows its own part. Returns how to settle it. */
    follow(meters: readonly Meter[]) {
      const now = nowMs();
      return take(countsOf(meters, now), now);
    },
    /** How many counts are kept. */
    size: () => counts.size,
  };
}

export type LocalLimiter = ReturnType<typeof createLocalLimiter>;
