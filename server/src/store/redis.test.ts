import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { hasRedis, type RedisServer, sayWithoutRedis, startRedis } from '../../test/support/redis-server.ts';
import { openRedis, RedisAway, type SharedRedis, script } from './redis.ts';
import { joinReplicas } from './replicas.ts';

setDefaultTimeout(30_000);
sayWithoutRedis('the tests of Redis');
const withRedis = test.skipIf(!hasRedis);

let server: RedisServer;
const opened: SharedRedis[] = [];
beforeAll(async () => {
  if (hasRedis) server = await startRedis();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((redis) => redis.close()));
});
afterAll(() => server?.stop());

async function open(url = server.url, faults: Error[] = []): Promise<SharedRedis> {
  const redis = openRedis(url, { onFault: (error) => faults.push(error) });
  opened.push(redis);
  await new Promise<void>((resolve) => redis.onReady(resolve));
  return redis;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

const echo = script('return ARGV[1]');

withRedis('a script that Redis has never seen, or has forgotten, is sent again', async () => {
  const redis = await open();
  expect(await redis.run(echo, [], ['one'])).toBe('one');
  await server.stop();
  await server.start();
  await until(() => redis.isUp());
  expect(await redis.run(echo, [], ['two'])).toBe('two');
});

withRedis('questions that were given up never answer another one', async () => {
  const redis = await open();
  await redis.run(echo, [], ['known']);
  let crossed = 0;
  let given = 0;
  for (let round = 0; round < 4; round++) {
    server.freeze();
    const early = Array.from({ length: 500 }, (_, index) => {
      const nonce = `${round} early ${index}`;
      return redis.run(echo, [], [nonce]).then(
        (answer) => Number(answer !== nonce && ++crossed),
        (error) => {
          expect(error).toBeInstanceOf(RedisAway);
          given += 1;
        },
      );
    });
    await Promise.all(early);
    expect(redis.isUp()).toBe(false);
    server.thaw();
    const late = Array.from({ length: 500 }, async (_, index) => {
      const nonce = `${round} late ${index}`;
      if ((await redis.run(echo, [], [nonce]).catch(() => nonce)) !== nonce) crossed += 1;
    });
    await Promise.all(late);
  }
  expect({ crossed, given }).toEqual({ crossed: 0, given: 2000 });
});

withRedis(
  'while Redis is away every question is refused at once, said once, and answered when it is back',
  async () => {
    const faults: Error[] = [];
    const redis = await open(server.url, faults);
    const counter = script("return redis.call('INCR', KEYS[1])");
    expect(await redis.run(counter, ['count'], [])).toBe(1);
    await server.stop();
    await until(() => !redis.isUp());
    for (let call = 0; call < 100; call++)
      await expect(redis.run(counter, ['count'], [])).rejects.toBeInstanceOf(RedisAway);
    expect(faults).toHaveLength(1);
    await server.start();
    await until(() => redis.isUp());
    // What was asked in between was not kept for later.
    expect(await redis.run(counter, ['count'], [])).toBe(1);
  },
);

withRedis('a Redis that cannot take writes now counts as away; a script that is wrong is a fault of ours', async () => {
  const redis = await open();
  const full = script("return redis.error_reply('OOM command not allowed when used memory > maxmemory.')");
  await expect(redis.run(full, [], [])).rejects.toBeInstanceOf(RedisAway);
  await expect(redis.run(script('return nonsense()'), [], [])).rejects.not.toBeInstanceOf(RedisAway);
});

withRedis('a listener hears on after Redis was away, and is told that it may have missed something', async () => {
  const [redis, other] = [await open(), await open()];
  const heard: string[] = [];
  let resumed = 0;
  redis.subscribe('news', (message) => heard.push(message));
  redis.onResume(() => resumed++);
  const tell = (message: string) => other.publish('news', message).catch(() => {});
  await until(async () => {
    await tell('before');
    return heard.includes('before');
  });
  expect(resumed).toBe(0);
  await server.stop();
  await server.start();
  await until(async () => {
    await tell('after');
    return heard.includes('after');
  });
  expect(resumed).toBe(1);
});

withRedis('gateways in different databases of one Redis share neither keys nor news', async () => {
  const [one, two] = [await open(`${server.url}/1`), await open(`${server.url}/2`)];
  const heard: string[] = [];
  one.subscribe('news', (message) => heard.push(`one ${message}`));
  two.subscribe('news', (message) => heard.push(`two ${message}`));
  await one.set('name', 'one', 60_000);
  expect([await one.get('name'), await two.get('name')]).toEqual(['one', null]);
  await until(async () => {
    await two.publish('news', 'from two');
    return heard.length > 0;
  });
  await one.publish('news', 'from one');
  await until(() => heard.includes('one from one'));
  expect(new Set(heard)).toEqual(new Set(['two from two', 'one from one']));
});

withRedis('replicas know how many they are, also when one leaves and when Redis forgets', async () => {
  const [one, two] = [await open(), await open()];
  const first = joinReplicas({ redis: one, self: 'first' });
  const second = joinReplicas({ redis: two, self: 'second' });
  await until(() => first.count() === 2 && second.count() === 2);
  await server.stop();
  await server.start();
  await until(() => one.isUp() && two.isUp());
  await until(() => first.count() === 2 && second.count() === 2);
  await second.leave();
  await until(() => first.count() === 1);
  await first.leave();
});

withRedis('closing is no fault, and nothing keeps the process', async () => {
  const faults: Error[] = [];
  const redis = openRedis(server.url, { onFault: (error) => faults.push(error) });
  await until(() => redis.isUp());
  await redis.close();
  await expect(redis.get('name')).rejects.toBeInstanceOf(RedisAway);
  expect(faults).toEqual([]);
});
