import { randomBytes } from 'node:crypto';
import type { SharedRedis } from '../store/redis.ts';
import { script } from '../store/redis.ts';

export interface FlushDeps {
  redis: Pick<SharedRedis, 'announce' | 'subscribe' | 'run' | 'get'>;
  /** Brings this process's own rows into the database; the rules of the organisation are read anew from then on. */
  flushHere(organisationId: string): Promise<void>;
  sleep?: (ms: number) => Promise<unknown>;
}

const channel = 'flush';
const pollMs = 10;
const patienceMs = 3000;

// KEYS: the answers to one question. A replica that has flushed adds one; nobody asks any more after a minute.
const answerScript = script(`
redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], 60000)
return 1
`);

/**
 * Makes every replica bring its settled rows into the database: a sum of the ledger must not miss what another has only in its
 * journal. Rejects when one of those that listen could not, for then nobody knows what was spent.
 */
export function createFlushEverywhere({ redis, flushHere, sleep = wait }: FlushDeps) {
  const stop = redis.subscribe(channel, (message) => {
    const { question, organisationId } = JSON.parse(message) as { question: string; organisationId: string };
    flushHere(organisationId)
      .then(() => redis.run(answerScript, [question], []))
      .catch(() => {});
  });

  return {
    async flush(organisationId: string): Promise<void> {
      const question = `flushed:${randomBytes(8).toString('hex')}`;
      const asked = await redis.announce(channel, JSON.stringify({ question, organisationId }));
      await flushHere(organisationId);
      for (let waitedMs = 0; ; waitedMs += pollMs) {
        const answered = Number((await redis.get(question)) ?? 0);
        if (answered >= asked) return;
        if (waitedMs > patienceMs)
          throw new Error(`${asked - answered} of ${asked} replicas did not bring their rows into the database.`);
        await sleep(pollMs);
      }
    },
    close: stop,
  };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
