import { Redis as Client } from 'ioredis';
import type { Settings } from '../../config/settings.ts';
import { compareClocks } from './clock.ts';
import { type Finding, fail, ok, saidBy, warn } from './finding.ts';

const oldestMajor = 6;

/** Redis or Valkey, where replicas share one. */
export async function checkRedis({ redisUrl, databaseUrl }: Settings): Promise<Finding[]> {
  if (redisUrl === undefined) return [ok('redis', withoutRedis(databaseUrl))];
  const client = new Client(redisUrl, {
    lazyConnect: true,
    connectTimeout: 3000,
    commandTimeout: 3000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let fault: Error | undefined;
  client.on('error', (error) => {
    fault = error;
  });
  try {
    await client.connect();
    const version = /(?:valkey|redis)_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown';
    const askedMs = Date.now();
    const [seconds, micros] = await client.time();
    const theirsMs = Number(seconds) * 1000 + Number(micros) / 1000;
    return [
      Number.parseInt(version, 10) >= oldestMajor
        ? ok('redis', `Redis ${version} answers.`)
        : warn('redis', `Redis ${version} is older than ${oldestMajor}.`, 'Use Redis 6, Valkey 7 or newer.'),
      compareClocks('redis clock', 'Redis', theirsMs, askedMs, Date.now()),
    ];
  } catch (error) {
    return [
      fail(
        'redis',
        `Redis does not answer: ${saidBy(fault ?? error)}`,
        'Start it, or mend REDIS_URL. Without it hard budgets are refused, and replicas do not hear of each other.',
      ),
    ];
  } finally {
    client.disconnect();
  }
}

const withoutRedis = (databaseUrl: string | undefined): string =>
  databaseUrl === undefined
    ? 'No REDIS_URL is set, and one process needs none.'
    : 'No REDIS_URL is set: run one process on this database, or set it for all of them.';
