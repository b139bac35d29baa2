import { type SharedRedis, script } from '../store/redis.ts';
import type { SharedLines } from './generation-log.ts';

// A log is a list; its last element is empty once it has ended. Lines that are there already (a command that was tried again) are
// left out: ARGV[1] says how many came before these.
const append = script(`
local there = redis.call('LLEN', KEYS[1])
for at = 4, #ARGV do
  if tonumber(ARGV[1]) + at - 4 >= there then redis.call('RPUSH', KEYS[1], ARGV[at]) end
end
if ARGV[2] == '1' then redis.call('RPUSH', KEYS[1], '') end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`);
const read = script(`return redis.call('LRANGE', KEYS[1], ARGV[1], -1)`);
const exists = script(`return redis.call('EXISTS', KEYS[1])`);

const runningMs = 60 * 60_000;
const endedMs = 60_000;

/** The lines of answers in Redis, so that a reader may come to another replica than the one that makes them. */
export function createRedisLines(redis: SharedRedis): SharedLines {
  const key = (id: string) => `generation:${id}`;
  return {
    async append(id, from, lines, ended) {
      await redis.run(append, [key(id)], [from, ended ? 1 : 0, ended ? endedMs : runningMs, ...lines]);
      await redis.publish(key(id), '');
    },
    async read(id, from) {
      const found = (await redis.run(read, [key(id)], [from])) as string[];
      if (found.length === 0 && (await redis.run(exists, [key(id)], [])) !== 1) return undefined;
      const ended = found.at(-1) === '';
      return { lines: ended ? found.slice(0, -1) : found, ended };
    },
    onAppend: (id, handler) => redis.subscribe(key(id), handler),
  };
}
