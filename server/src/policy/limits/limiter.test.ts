import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { seededRandom } from '../../../test/conformance/seeded-random.ts';
import { hasRedis, type RedisServer, sayWithoutRedis, startRedis } from '../../../test/support/redis-server.ts';
import { openRedis, type SharedRedis, script } from '../../store/redis.ts';
import type { Admission, Limiter, Meter } from './limiter.ts';
import { createLocalLimiter } from './local-limiter.ts';
import { createSharedLimiter } from './shared-limiter.ts';

sayWithoutRedis('the tests of limits that are counted in Redis, beside those counted in the process');

let clockMs = 0;
let counts = 0;
let server: RedisServer | undefined;
let redis: SharedRedis | undefined;

beforeAll(async () => {
  if (!hasRedis) return;
  server = await startRedis();
  redis = openRedis(server.url);
  await new Promise<void>((resolve) => redis!.onReady(resolve));
  // A script that Redis does not know yet is sent again, and comes after what was asked meanwhile: here, once.
  const limiter = createSharedLimiter({ redis: onOurClock, replicas: () => 1 });
  settle(await limiter.admit([running(1, 'first')]));
  await limiter.close();
});
afterAll(async () => {
  await Promise.all(shared.map((limiter) => limiter.close()));
  await redis?.close();
  await server?.stop();
});

const ourTime = `(function()
  local ms = tonumber(redis.call('GET', 'sluice:clock'))
  return { string.format('%d', math.floor(ms / 1000)), string.format('%d', ms % 1000 * 1000) }
end)()`;

/** Redis asks its own clock; here it asks ours. */
const onOurClock: Pick<SharedRedis, 'run' | 'isUp' | 'onReady'> = {
  isUp: () => redis!.isUp(),
  onReady: () => () => {},
  run: ({ source }, keys, args) => {
    redis!.set('clock', String(Math.floor(clockMs)), 600_000).catch(() => {});
    return redis!.run(script(source.replaceAll("redis.call('TIME')", ourTime)), keys, args);
  },
};

const shared: ReturnType<typeof createSharedLimiter>[] = [];
function createOnOurClock(): Limiter {
  const limiter = createSharedLimiter({ redis: onOurClock, replicas: () => 1, nowMs: () => clockMs });
  shared.push(limiter);
  return limiter;
}

const kinds: [string, () => Limiter][] = [['in this process', () => createLocalLimiter({ nowMs: () => clockMs })]];
if (hasRedis) kinds.push(['in Redis', createOnOurClock]);

const requests = (limit: number, id = `count-${counts}`): Meter => ({
  id,
  kind: 'requests',
  limit,
  amount: 1,
  label: '',
});
const tokens = (limit: number, amount: number, id = `count-${counts}`): Meter => ({
  id,
  kind: 'tokens',
  limit,
  amount,
  label: '',
});
const running = (limit: number, id = `count-${counts}`): Meter => ({
  id,
  kind: 'concurrent',
  limit,
  amount: 1,
  label: '',
});

/** Settled through Redis a moment later: the next question comes after it on the same connection. */
function settle(admission: Admission, tokensUsed = 0): void {
  if (!admission.admitted) throw new Error('was not admitted');
  admission.settle(tokensUsed);
}

describe.each(kinds)('limits counted %s', (_name, createLimiter) => {
  let limiter: Limiter;
  const at = (ms: number, ...meters: Meter[]) => {
    clockMs = ms;
    return limiter.admit(meters);
  };
  const begin = () => {
    counts += 1;
    limiter = createLimiter();
    // Far from the last test, for Redis's own expiry does not know of this clock.
    clockMs = 1_000_000_000;
  };

  test('in no 60 s is more admitted than the limit, and nobody waits a second longer than a list of calls would make them', async () => {
    for (let round = 0; round < 6; round++) {
      begin();
      const random = seededRandom(round + 1);
      const limit = 1 + Math.floor(random() * 20);
      const log: number[] = [];
      let ms = clockMs;
      for (let call = 0; call < 300; call++) {
        ms += Math.floor(random() ** 4 * 30_000);
        const { admitted } = await at(ms, requests(limit));
        const exact = log.filter((then) => then > ms - 60_000).length;
        const late = log.filter((then) => then > ms - 61_000).length;
        if (exact >= limit) expect(admitted).toBe(false);
        if (late < limit) expect(admitted).toBe(true);
        if (admitted) log.push(ms);
      }
      expect(log.length).toBeGreaterThan(limit);
    }
  });

  test('who waits as long as told is admitted, and not a millisecond earlier', async () => {
    begin();
    const start = clockMs + 345;
    for (let call = 0; call < 5; call++) expect((await at(start + call * 2000, requests(5))).admitted).toBe(true);
    const refused = await at(start + 20_000, requests(5));
    const waitMs = refused.readings[0]!.waitMs!;
    expect(refused.admitted).toBe(false);
    // The first call stands in a second that began 345 ms before it.
    expect(waitMs).toBe(61_000 - 345 - 20_000);
    expect((await at(start + 20_000 + waitMs - 1, requests(5))).admitted).toBe(false);
    expect((await at(start + 20_000 + waitMs, requests(5))).admitted).toBe(true);
  });

  test('what is used, and when it leaves, is said of every limit', async () => {
    begin();
    const first = await at(clockMs, requests(3), tokens(100, 40));
    expect(first.readings).toMatchObject([
      { used: 1, resetMs: 61_000 },
      { used: 40, resetMs: 61_000 },
    ]);
    const second = await at(clockMs + 10_000, requests(3), tokens(100, 40));
    expect(second.readings).toMatchObject([
      { used: 2, resetMs: 51_000 },
      { used: 80, resetMs: 51_000 },
    ]);
    const third = await at(clockMs, requests(3), tokens(100, 40));
    expect(third).toMatchObject({ admitted: false, readings: [{ used: 2 }, { used: 80, waitMs: 51_000 }] });
    expect(third.readings[0]).not.toHaveProperty('waitMs');
  });

  test('a call that one limit refuses is counted by none', async () => {
    begin();
    const other = `other-${counts}`;
    expect((await at(clockMs, requests(1))).admitted).toBe(true);
    for (let call = 0; call < 5; call++)
      expect((await at(clockMs, requests(2, other), running(2, other), requests(1))).admitted).toBe(false);
    expect((await at(clockMs, requests(2, other), running(2, other))).readings).toMatchObject([
      { used: 1 },
      { used: 1 },
    ]);
  });

  test('tokens that were not used are given back, and those on top are counted', async () => {
    begin();
    const call = await at(clockMs, tokens(100, 80));
    expect((await at(clockMs + 1000, tokens(100, 30))).admitted).toBe(false);
    settle(call, 20);
    const next = await at(clockMs + 1000, tokens(100, 30));
    expect(next.readings[0]!.used).toBe(50);
    settle(next, 90);
    settle(next, 500);
    expect(await at(clockMs, tokens(100, 1))).toMatchObject({ admitted: false, readings: [{ used: 110 }] });
    // The first 20 are two seconds older than the rest; what came on top was used when the call ended.
    expect((await at(clockMs - 2000 + 61_000, tokens(100, 1))).admitted).toBe(true);
  });

  test('what is given back after its minute is over takes nothing from the running one', async () => {
    begin();
    const slow = await at(clockMs, tokens(100, 80));
    expect((await at(clockMs + 70_000, tokens(100, 60))).admitted).toBe(true);
    settle(slow, 10);
    expect((await at(clockMs, tokens(100, 60))).admitted).toBe(false);
  });

  test('a call that is larger than the limit is never admitted, not even alone', async () => {
    begin();
    expect((await at(clockMs, tokens(100, 101))).admitted).toBe(false);
    expect((await at(clockMs, tokens(100, 100))).admitted).toBe(true);
  });

  test('as many run at a time as may; each that ends lets one in, once', async () => {
    begin();
    const calls = [await at(clockMs, running(2)), await at(clockMs, running(2))];
    expect((await at(clockMs, running(2))).admitted).toBe(false);
    settle(calls[0]!);
    settle(calls[0]!);
    expect((await at(clockMs, running(2))).admitted).toBe(true);
    expect((await at(clockMs, running(2))).admitted).toBe(false);
  });

  test('of a hundred calls at the same moment as many are admitted as may be', async () => {
    begin();
    const meters = [requests(40), tokens(1000, 30), running(35)];
    const answers = await Promise.all(Array.from({ length: 100 }, () => at(clockMs, ...meters)));
    expect(answers.filter(({ admitted }) => admitted)).toHaveLength(33);
  });

  test('a limit that is changed keeps its count', async () => {
    begin();
    for (let call = 0; call < 3; call++) await at(clockMs, requests(3));
    expect((await at(clockMs, requests(3))).admitted).toBe(false);
    expect((await at(clockMs, requests(5))).readings[0]!.used).toBe(4);
    expect((await at(clockMs, requests(2))).admitted).toBe(false);
  });
});

test('counts that nobody asks for are forgotten, those that run are not', () => {
  const limiter = createLocalLimiter({ nowMs: () => clockMs });
  clockMs = 0;
  const long = limiter.admit([running(1, 'long')]);
  for (let thread = 0; thread < 1000; thread++) limiter.admit([requests(1, `thread-${thread}`)]);
  expect(limiter.size()).toBe(1001);
  clockMs = 70_000;
  limiter.admit([requests(1, 'late')]);
  expect(limiter.size()).toBe(2);
  expect(limiter.admit([running(1, 'long')]).admitted).toBe(false);
  settle(long);
  expect(limiter.admit([running(1, 'long')]).admitted).toBe(true);
});
