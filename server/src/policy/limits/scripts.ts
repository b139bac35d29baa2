import { script } from '../../store/redis.ts';
import { windowSeconds } from './limiter.ts';

// A window is a hash: a count by second, `s` their sum, `o` the oldest second that may still hold one. Running calls are a
// sorted set of leases by the millisecond at which each lapses. Time is Redis's own, so replicas need not agree on theirs.
const common = `
local time = redis.call('TIME')
local second = tonumber(time[1])
local ms = second * 1000 + math.floor(tonumber(time[2]) / 1000)
local seconds = ${windowSeconds}

local function advance(key)
  local known = redis.call('HMGET', key, 'o', 's')
  if not known[1] then return nil, 0 end
  local oldest, sum = tonumber(known[1]), tonumber(known[2])
  local first = oldest
  while first < second do
    local count = tonumber(redis.call('HGET', key, first) or 0)
    if first > second - seconds and count > 0 then break end
    if count ~= 0 then sum = sum - count end
    redis.call('HDEL', key, first)
    first = first + 1
  end
  if first ~= oldest then redis.call('HSET', key, 'o', first, 's', sum) end
  return first, sum
end

local function add(key, amount, at)
  local oldest = advance(key)
  if not oldest then
    oldest = at
    redis.call('HSET', key, 'o', at, 's', 0)
  elseif at < oldest then
    redis.call('HSET', key, 'o', at)
  end
  redis.call('HINCRBY', key, at, amount)
  redis.call('HINCRBY', key, 's', amount)
  redis.call('PEXPIRE', key, (seconds + 1) * 1000)
end

local function untilFree(key, oldest, amount)
  local freed = 0
  for at = oldest or second, second do
    freed = freed + tonumber(redis.call('HGET', key, at) or 0)
    if freed > 0 and freed >= amount then return (at + seconds) * 1000 - ms end
  end
  return 0
end
`;

/**
 * KEYS: one a meter. ARGV: the lease's id, its life in ms, then for each meter `w` (window) or `l` (leases), limit, amount.
 * Gives whether it fits, the second, then for each meter what is used, the reset in ms, and the wait in ms (-1: it has room).
 */
export const admitScript = script(`${common}
local answer = {1, second}
for index, key in ipairs(KEYS) do
  local kind, limit, amount = ARGV[index * 3], tonumber(ARGV[index * 3 + 1]), tonumber(ARGV[index * 3 + 2])
  local used, wait, oldest
  if kind == 'l' then
    redis.call('ZREMRANGEBYSCORE', key, '-inf', ms)
    used = redis.call('ZCARD', key)
  else
    oldest, used = advance(key)
  end
  local over = used + amount - limit
  wait = -1
  if over > 0 then
    answer[1] = 0
    wait = kind == 'l' and 1000 or untilFree(key, oldest, over)
  end
  answer[index * 3] = used
  answer[index * 3 + 1] = kind == 'w' and oldest and used > 0 and math.max(0, (oldest + seconds) * 1000 - ms) or 0
  answer[index * 3 + 2] = wait
end
if answer[1] == 0 then return answer end
for index, key in ipairs(KEYS) do
  local amount = tonumber(ARGV[index * 3 + 2])
  if ARGV[index * 3] == 'l' then
    redis.call('ZADD', key, ms + tonumber(ARGV[2]), ARGV[1])
    redis.call('PEXPIRE', key, ARGV[2])
  elseif amount > 0 then
    add(key, amount, second)
  end
  answer[index * 3] = answer[index * 3] + amount
  if ARGV[index * 3] == 'w' and answer[index * 3 + 1] == 0 then answer[index * 3 + 1] = (second + seconds) * 1000 - ms end
end
return answer
`);

/** KEYS: one a meter. ARGV: the lease's id, the second of admission, then for each meter `w` or `l` and the change in tokens. */
export const settleScript = script(`${common}
local taken = tonumber(ARGV[2])
for index, key in ipairs(KEYS) do
  if ARGV[index * 2 + 1] == 'l' then
    redis.call('ZREM', key, ARGV[1])
  else
    local change = tonumber(ARGV[index * 2 + 2])
    if change > 0 then
      add(key, change, second)
    elseif taken > second - seconds then
      local there = tonumber(redis.call('HGET', key, taken) or 0)
      if there > 0 then add(key, math.max(change, -there), taken) end
    end
  end
end
return 1
`);

/** KEYS: the leases of one count. ARGV: a lease's life in ms, then ids of leases that go on. Puts back what Redis has lost. */
export const renewScript = script(`
local time = redis.call('TIME')
local until_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])
for index = 2, #ARGV do redis.call('ZADD', KEYS[1], until_ms, ARGV[index]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`);
