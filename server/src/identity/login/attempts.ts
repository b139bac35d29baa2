import { RedisAway, type SharedRedis, script } from '../../store/redis.ts';

/** Counts attempts to log in, in windows that begin with the first attempt. */
export interface Attempts {
  /** Takes one of `most` in the window: 0 when there was one left, else the milliseconds until the window is over. */
  take(key: string, most: number, windowMs: number): Promise<number>;
}

const mostKeys = 100_000;

/** Attempts that this process saw. */
export function createLocalAttempts({ nowMs = () => performance.now() }: { nowMs?: () => number } = {}): Attempts {
  const windows = new Map<string, { count: number; untilMs: number }>();
  return {
    async take(key, most, windowMs) {
      let window = windows.get(key);
      if (!window || window.untilMs <= nowMs()) {
        if (windows.size >= mostKeys) tidy();
        window = { count: 0, untilMs: nowMs() + windowMs };
        windows.set(key, window);
      }
      if (window.count >= most) return Math.max(1, window.untilMs - nowMs());
      window.count += 1;
      return 0;
    },
  };

  /** Windows that are over go; if that does not help, the oldest do. */
  function tidy(): void {
    for (const [key, { untilMs }] of windows) if (untilMs <= nowMs()) windows.delete(key);
    for (const key of windows.keys()) {
      if (windows.size < mostKeys) break;
      windows.delete(key);
    }
  }
}

const takeScript = script(`
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count >= tonumber(ARGV[1]) then return math.max(1, redis.call('PTTL', KEYS[1])) end
if redis.call('INCR', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
`);

/** Attempts that all replicas saw together; while Redis is away, each counts its own. */
export function createSharedAttempts({ redis, local }: { redis: Pick<SharedRedis, 'run'>; local: Attempts }): Attempts {
  return {
    async take(key, most, windowMs) {
      try {
        return Number(await redis.run(takeScript, [`login:${key}`], [most, windowMs]));
      } catch (error) {
        if (error instanceof RedisAway) return local.take(key, most, windowMs);
        throw error;
      }
    },
  };
}
