import { afterAll, expect, test } from 'bun:test';
import { openRedis, RedisAway, type SharedRedis } from '../../store/redis.ts';
import { type Attempts, createLocalAttempts, createSharedAttempts } from './attempts.ts';

test('a window takes so many tries, then says how long to wait, and is over some time', async () => {
  let nowMs = 0;
  const attempts = createLocalAttempts({ nowMs: () => nowMs });
  const take = () => attempts.take('account:a', 3, 60_000);
  expect([await take(), await take(), await take()]).toEqual([0, 0, 0]);
  nowMs = 20_000;
  expect(await take()).toBe(40_000);
  expect(await attempts.take('account:b', 3, 60_000)).toBe(0);
  nowMs = 60_000;
  expect(await take()).toBe(0);
});

test('while Redis is away, each replica counts its own', async () => {
  const redis = { run: () => Promise.reject(new RedisAway('away')) };
  const attempts = createSharedAttempts({ redis, local: createLocalAttempts() });
  expect([await attempts.take('a', 1, 1000), (await attempts.take('a', 1, 1000)) > 0]).toEqual([0, true]);
});

const redisUrl = process.env.SLUICE_TEST_REDIS_URL || undefined;
const opened: SharedRedis[] = [];
afterAll(async () => {
  for (const redis of opened) await redis.close();
});

test.skipIf(!redisUrl)('two replicas count the same tries', async () => {
  const prefix = `sluice-login-test-${process.pid}:`;
  const replica = (): Attempts => {
    const redis = openRedis(redisUrl!, { prefix });
    opened.push(redis);
    return createSharedAttempts({ redis, local: { take: () => Promise.reject(new Error('Redis is not away.')) } });
  };
  const [first, second] = [replica(), replica()];
  while (!opened.every((redis) => redis.isUp())) await new Promise((resolve) => setTimeout(resolve, 5));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? first : second).take('account:a', 10, 60_000)),
  );
  expect(answers.filter((wait) => wait === 0)).toHaveLength(10);
  expect(Math.max(...answers)).toBeLessThanOrEqual(60_000);
  await opened[0]!.remove('login:account:a');
});
