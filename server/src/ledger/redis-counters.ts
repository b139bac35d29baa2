import { type SharedRedis, script } from '../store/redis.ts';
import type { Counters, DeriveTurn, Draw, ReserveOutcome, Settled, Standing } from './budget-counters.ts';

// A counter is a hash and, beside it (`:leases`), a sorted set of request ids by the end of their leases. Fields of the hash:
// `s` spent, `h` held, `r:<request>` what one request holds; while the spent is derived also `d` the token of who does,
// `e` until when that is believed, `n:<request>` what was settled since. Time is Redis's own.

const time = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function whole(value) return string.format('%.0f', value) end
local function number(key, field) return tonumber(redis.call('HGET', key, field) or '0') end
local function release(key, request)
  local amount = redis.call('HGET', key, 'r:' .. request)
  redis.call('ZREM', key .. ':leases', request)
  if amount then
    redis.call('HDEL', key, 'r:' .. request)
    redis.call('HINCRBY', key, 'h', whole(0 - tonumber(amount)))
  end
end
local function reap(key)
  local over = redis.call('ZRANGEBYSCORE', key .. ':leases', '-inf', now, 'LIMIT', 0, 1000)
  for _, request in ipairs(over) do release(key, request) end
end
`;

// KEYS: the counters. ARGV: request, lease in ms, then amount, limit, hard and life in ms of each counter.
const reserveScript = script(`${time}
local unknown = {}
for i, key in ipairs(KEYS) do
  if redis.call('HEXISTS', key, 's') == 0 or redis.call('HEXISTS', key, 'd') == 1 then table.insert(unknown, i) end
end
if #unknown > 0 then return {'unknown', unknown} end
for i, key in ipairs(KEYS) do
  reap(key)
  local at = 3 + (i - 1) * 4
  local spent, held = number(key, 's'), number(key, 'h')
  if ARGV[at + 2] == '1' and spent + held + tonumber(ARGV[at]) > tonumber(ARGV[at + 1]) then
    return {'refused', i, whole(spent), whole(held)}
  end
end
for i, key in ipairs(KEYS) do
  local at = 3 + (i - 1) * 4
  release(key, ARGV[1])
  redis.call('HSET', key, 'r:' .. ARGV[1], ARGV[at])
  redis.call('HINCRBY', key, 'h', ARGV[at])
  redis.call('ZADD', key .. ':leases', now + tonumber(ARGV[2]), ARGV[1])
  redis.call('PEXPIRE', key, ARGV[at + 3])
  redis.call('PEXPIRE', key .. ':leases', ARGV[at + 3])
end
return {'reserved'}
`);

// KEYS: what marks the request as settled, then the counters. ARGV: request, how long the mark stays in ms, then the amounts.
const settleScript = script(`${time}
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[2]) then return {} end
local spent = {}
for i = 2, #KEYS do
  local key, amount = KEYS[i], ARGV[i + 1]
  if redis.call('HEXISTS', key, 's') == 1 then
    release(key, ARGV[1])
    local after = redis.call('HINCRBY', key, 's', amount)
    if redis.call('HEXISTS', key, 'd') == 1 then
      redis.call('HSET', key, 'n:' .. ARGV[1], amount)
      table.insert(spent, '')
    else
      table.insert(spent, whole(after))
    end
  else
    table.insert(spent, '')
  end
end
return spent
`);

// KEYS: the counter. ARGV: token, whether a known one is derived anew, ms that the derivation may take.
const beginScript = script(`${time}
local key = KEYS[1]
if redis.call('HEXISTS', key, 'd') == 1 then
  if number(key, 'e') > now then return 'busy' end
elseif redis.call('HEXISTS', key, 's') == 1 and ARGV[2] == '0' then
  return 'known'
end
local held = 0
local fields = redis.call('HGETALL', key)
for i = 1, #fields, 2 do
  local kind = string.sub(fields[i], 1, 2)
  if kind == 'n:' then redis.call('HDEL', key, fields[i]) end
  if kind == 'r:' then held = held + tonumber(fields[i + 1]) end
end
redis.call('HSET', key, 's', '0', 'h', whole(held), 'd', ARGV[1], 'e', whole(now + tonumber(ARGV[3])))
redis.call('PEXPIRE', key, 86400000)
return 'begun'
`);

const notedScript = script(`
local noted = {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 2) == 'n:' then
    table.insert(noted, string.sub(fields[i], 3))
    table.insert(noted, fields[i + 1])
  end
end
return noted
`);

// KEYS: the counter. ARGV: token, what the ledger's sum adds, life in ms.
const finishScript = script(`
local key = KEYS[1]
if redis.call('HGET', key, 'd') ~= ARGV[1] then return 0 end
redis.call('HINCRBY', key, 's', ARGV[2])
redis.call('HDEL', key, 'd', 'e')
local fields = redis.call('HKEYS', key)
for _, field in ipairs(fields) do
  if string.sub(field, 1, 2) == 'n:' then redis.call('HDEL', key, field) end
end
redis.call('PEXPIRE', key, ARGV[3])
return 1
`);

const abandonScript = script(`
if redis.call('HGET', KEYS[1], 'd') == ARGV[1] then redis.call('HSET', KEYS[1], 'e', '0') end
return 1
`);

const readScript = script(`${time}
local key = KEYS[1]
if redis.call('HEXISTS', key, 's') == 0 or redis.call('HEXISTS', key, 'd') == 1 then return {} end
reap(key)
return {redis.call('HGET', key, 's'), redis.call('HGET', key, 'h') or '0'}
`);

/** A settlement is tried again within seconds; afterwards the counter is derived anew. */
const settledMarkMs = 3_600_000;
const derivationMs = 10_000;

/** Counters that all replicas share. Rejects with RedisAway while Redis does not answer. */
export function createRedisCounters(redis: Pick<SharedRedis, 'run'>): Counters {
  return {
    async reserve(requestId: string, leaseMs: number, draws: readonly Draw[]): Promise<ReserveOutcome> {
      const args = draws.flatMap(({ amount, limit, hard, ttlMs }) => [amount, limit, hard ? 1 : 0, Math.ceil(ttlMs)]);
      const keys = draws.map(({ key }) => key);
      const answer = (await redis.run(reserveScript, keys, [requestId, Math.ceil(leaseMs), ...args])) as [
        ReserveOutcome['outcome'],
        number | number[],
        string,
        string,
      ];
      const [outcome, which] = answer;
      if (outcome === 'unknown') return { outcome, keys: (which as number[]).map((at) => keys[at - 1]!) };
      if (outcome === 'refused')
        return { outcome, key: keys[(which as number) - 1]!, spent: Number(answer[2]), held: Number(answer[3]) };
      return { outcome };
    },
    async settle(requestId: string, settled: readonly Settled[]): Promise<(number | undefined)[]> {
      const spent = (await redis.run(
        settleScript,
        [`settled:${requestId}`, ...settled.map(({ key }) => key)],
        [requestId, settledMarkMs, ...settled.map(({ amount }) => amount)],
      )) as string[];
      return settled.map((_, at) => (spent[at] ? Number(spent[at]) : undefined));
    },
    async begin(key: string, token: string, force: boolean): Promise<DeriveTurn> {
      return (await redis.run(beginScript, [key], [token, force ? 1 : 0, derivationMs])) as DeriveTurn;
    },
    async noted(key: string): Promise<Map<string, number>> {
      const flat = (await redis.run(notedScript, [key], [])) as string[];
      const noted = new Map<string, number>();
      for (let at = 0; at < flat.length; at += 2) noted.set(flat[at]!, Number(flat[at + 1]));
      return noted;
    },
    async finish(key: string, token: string, sum: number, ttlMs: number): Promise<boolean> {
      return (await redis.run(finishScript, [key], [token, sum, Math.ceil(ttlMs)])) === 1;
    },
    async abandon(key: string, token: string): Promise<void> {
      await redis.run(abandonScript, [key], [token]);
    },
    async read(key: string): Promise<Standing | undefined> {
      const [spent, held] = (await redis.run(readScript, [key], [])) as (string | undefined)[];
      return spent === undefined ? undefined : { spent: Number(spent), held: Number(held) };
    },
  };
}
