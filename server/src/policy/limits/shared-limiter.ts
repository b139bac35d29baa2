import { newId } from '../../core/new-id.ts';
import { RedisAway, type SharedRedis } from '../../store/redis.ts';
import type { Admission, Limiter, Meter, Reading } from './limiter.ts';
import { createLocalLimiter } from './local-limiter.ts';
import { admitScript, renewScript, settleScript } from './scripts.ts';

/** A call that runs counts this long after its replica was last heard of. */
export const leaseMs = 10_000;
const renewEveryMs = 3000;
const idsARenewal = 1000;

export interface SharedLimiterDeps {
  redis: Pick<SharedRedis, 'run' | 'isUp' | 'onReady'>;
  /** How many replicas there were when they were last seen. */
  replicas(): number;
  /** Told of what is wrong with a script; that Redis is away is told elsewhere. */
  onFault?(error: unknown): void;
  nowMs?: () => number;
}

/**
 * The limits of all replicas, counted in Redis. While it is away each replica keeps its part of them, a limit divided by the
 * number of replicas, beginning with what it has admitted itself within the last minute.
 */
export function createSharedLimiter({ redis, replicas, onFault, nowMs }: SharedLimiterDeps) {
  const local = createLocalLimiter({ nowMs });
  /** Leases that run, by the key of their count. */
  const leases = new Map<string, Set<string>>();
  const settling = new Set<Promise<unknown>>();

  function fault(error: unknown): void {
    if (!(error instanceof RedisAway)) onFault?.(error);
  }

  function hold(meters: readonly Meter[], lease: string): void {
    for (const meter of meters) {
      if (meter.kind !== 'concurrent') continue;
      const key = keyOf(meter);
      const held = leases.get(key);
      if (held) held.add(lease);
      else leases.set(key, new Set([lease]));
    }
  }

  function letGo(meters: readonly Meter[], lease: string): void {
    for (const meter of meters) {
      if (meter.kind !== 'concurrent') continue;
      const key = keyOf(meter);
      const held = leases.get(key);
      if (held?.delete(lease) && held.size === 0) leases.delete(key);
    }
  }

  function settleShared(meters: readonly Meter[], lease: string, second: number, tokens: number): void {
    const changed = meters.filter(
      ({ kind, amount }) => kind === 'concurrent' || (kind === 'tokens' && tokens !== amount),
    );
    if (changed.length === 0) return;
    const args = changed.flatMap(({ kind, amount }) => (kind === 'concurrent' ? ['l', 0] : ['w', tokens - amount]));
    const sent = redis.run(settleScript, changed.map(keyOf), [lease, second, ...args]).catch(fault);
    settling.add(sent);
    void sent.finally(() => settling.delete(sent));
  }

  function alone(meters: readonly Meter[]): Admission {
    const among = Math.max(1, replicas());
    const admission = local.admit(meters.map((meter) => partOf(meter, among)));
    const running = meters.filter(({ kind }) => kind === 'concurrent');
    if (!admission.admitted || running.length === 0) return admission;
    // Redis does not know of this lease: it is told when it is back, with the renewal of all.
    const lease = newId('');
    hold(running, lease);
    return {
      ...admission,
      settle(tokens) {
        admission.settle(tokens);
        letGo(running, lease);
        if (redis.isUp()) settleShared(running, lease, 0, tokens);
      },
    };
  }

  async function together(meters: readonly Meter[]): Promise<Admission> {
    const lease = newId('');
    const args = meters.flatMap(({ kind, limit, amount }) => [kind === 'concurrent' ? 'l' : 'w', limit, amount]);
    let answer: number[];
    try {
      answer = (await redis.run(admitScript, meters.map(keyOf), [lease, leaseMs, ...args])) as number[];
    } catch (error) {
      fault(error);
      return alone(meters);
    }
    const [admitted, second = 0] = answer;
    const readings = meters.map((meter, index): Reading => {
      const [used = 0, resetMs = 0, waitMs = -1] = answer.slice(index * 3 + 2, index * 3 + 5);
      return { meter, used, resetMs, ...(waitMs >= 0 && { waitMs }) };
    });
    if (admitted !== 1) return { admitted: false, readings };
    hold(meters, lease);
    const settleLocal = local.follow(meters);
    let settled = false;
    return {
      admitted: true,
      readings,
      settle(tokens) {
        if (settled) return;
        settled = true;
        settleLocal(tokens);
        letGo(meters, lease);
        settleShared(meters, lease, second, tokens);
      },
    };
  }

  async function renew(): Promise<void> {
    for (const [key, held] of leases) {
      const ids = [...held];
      for (let from = 0; from < ids.length; from += idsARenewal)
        await redis.run(renewScript, [key], [leaseMs, ...ids.slice(from, from + idsARenewal)]);
    }
  }

  const timer = setInterval(() => void renew().catch(fault), renewEveryMs);
  timer.unref?.();
  // A Redis that starts empty learns at once what runs.
  const stop = redis.onReady(() => void renew().catch(fault));

  const limiter: Limiter = { admit: (meters) => (redis.isUp() ? together(meters) : alone(meters)) };
  return {
    ...limiter,
    /** Waits for what is being settled; at most as long as Redis is waited for. */
    async close(): Promise<void> {
      clearInterval(timer);
      stop();
      await Promise.all(settling);
    },
  };
}

/** A replica's part of a limit, at least 1. What fits under the whole limit fits under an empty part. */
function partOf(meter: Meter, among: number): Meter {
  const limit = Math.max(1, Math.floor(meter.limit / among));
  const amount = meter.amount <= meter.limit ? Math.min(meter.amount, limit) : meter.amount;
  return { ...meter, limit, amount };
}

const keyOf = ({ id, kind }: Meter): string => `limit:${kind}:${id}`;
