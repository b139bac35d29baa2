import { RedisAway, type SharedRedis, script } from './redis.ts';

/** A replica that was not heard of for so long is gone. */
const lifeMs = 10_000;
const beatEveryMs = 1000;

// KEYS: the replicas by the millisecond at which each is gone. ARGV: a replica's id, its life in ms (0: it goes now).
const beat = script(`
local time = redis.call('TIME')
local ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms)
if tonumber(ARGV[2]) > 0 then redis.call('ZADD', KEYS[1], ms + tonumber(ARGV[2]), ARGV[1])
else redis.call('ZREM', KEYS[1], ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ${lifeMs})
return redis.call('ZCARD', KEYS[1])
`);

export interface ReplicasDeps {
  redis: Pick<SharedRedis, 'run' | 'isUp' | 'onReady'>;
  /** This replica's id. */
  self: string;
  onFault?(error: unknown): void;
}

/** How many replicas share this Redis. Each says every second that it lives, which is also how one that is back is noticed. */
export function joinReplicas({ redis, self, onFault }: ReplicasDeps) {
  let count = 1;
  async function say(ms: number): Promise<void> {
    try {
      count = Math.max(1, Number(await redis.run(beat, ['replicas'], [self, ms])));
    } catch (error) {
      if (!(error instanceof RedisAway)) onFault?.(error);
    }
  }
  const timer = setInterval(() => void say(lifeMs), beatEveryMs);
  timer.unref?.();
  // Also at once when Redis is reached: the others should know of this replica by its first call.
  const stop = redis.onReady(() => void say(lifeMs));

  return {
    /** As many as were last seen, this one among them; at least 1. */
    count: () => count,
    async leave(): Promise<void> {
      clearInterval(timer);
      stop();
      if (redis.isUp()) await say(0);
    },
  };
}

export type Replicas = ReturnType<typeof joinReplicas>;
