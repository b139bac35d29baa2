import { SluiceError } from '../core/sluice-error.ts';
import { RedisAway, type SharedRedis, script } from './redis.ts';

const prefix = 'ticket:';

/** Reading and removing as one step, so that of several who ask, at whichever replica, one gets it. */
const takeOnce = script(`
local kept = redis.call('GET', KEYS[1])
if kept then redis.call('DEL', KEYS[1]) end
return kept
`);

/** Tickets in Redis, where every replica finds them. */
export function createSharedTickets({ redis }: { redis: Pick<SharedRedis, 'set' | 'run'> }) {
  return {
    /** False when Redis is away. */
    async put(name: string, sealed: string, ttlMs: number): Promise<boolean> {
      try {
        await redis.set(prefix + name, sealed, ttlMs);
        return true;
      } catch (error) {
        if (error instanceof RedisAway) return false;
        throw error;
      }
    },
    /** Throws `unavailable` when Redis is away: the ticket may be there. */
    async take(name: string): Promise<string | undefined> {
      try {
        const kept = await redis.run(takeOnce, [prefix + name], []);
        return typeof kept === 'string' ? kept : undefined;
      } catch (cause) {
        if (!(cause instanceof RedisAway)) throw cause;
        throw new SluiceError('unavailable', 'Tickets cannot be looked up just now. Ask for a new one shortly.', {
          retryAfterMs: 2000,
          cause,
        });
      }
    },
  };
}
