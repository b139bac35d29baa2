import { Agent, request } from 'node:http';
import { adminKey } from '../support/server-process.ts';

export interface LoadWish {
  /** Where to call; asked for each call when it is a function. */
  url: string | (() => string);
  /** The body of a JSON call to Chat Completions; the model is the small sandbox unless it says otherwise. */
  body: object;
  /** Connections that are kept, as SDKs do, or a fresh one for each call. */
  connections: 'kept' | 'fresh';
  callers: number;
  key?: string;
}

const hungMs = 20_000;

/** Callers who call again and again, without retries, and note how each call ended. */
export function createLoad({ url, body, connections, callers, key = adminKey }: LoadWish) {
  const agent = new Agent({ keepAlive: connections === 'kept' });
  const answered: string[] = [];
  const failed: string[] = [];
  const text = JSON.stringify({ model: 'sandbox/sandbox-small', ...body });
  let over = false;
  let waiting: (() => void)[] = [];

  function call(): Promise<void> {
    return new Promise((resolve) => {
      const fail = (fault: string) => {
        failed.push(fault);
        resolve();
      };
      const target = new URL('/v1/chat/completions', typeof url === 'function' ? url() : url);
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const sent = request(target, { method: 'POST', agent, headers, timeout: hungMs }, (answer) => {
        let said = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          said += part;
        });
        answer.on('error', () => fail('cut'));
        answer.on('end', () => {
          if (!answer.complete) return fail('cut');
          if (answer.statusCode !== 200) return fail(`${answer.statusCode} ${said.slice(0, 200)}`);
          answered.push(String(answer.headers['x-sluice-request-id']));
          resolve();
        });
      });
      sent.on('timeout', () => {
        fail('hung');
        sent.destroy();
      });
      sent.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      sent.end(text);
    });
  }

  const all = Promise.all(
    Array.from({ length: callers }, async () => {
      while (!over) {
        const faults = failed.length;
        await call();
        for (const tell of waiting.splice(0)) tell();
        // Nobody there: a caller who asks again at once asks thousands of times.
        if (failed.length > faults) await new Promise((go) => setTimeout(go, 5));
      }
    }),
  );

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((tell) => waiting.push(tell));
  }

  return {
    /** Resolves after so many more good answers. */
    answers(count: number): Promise<void> {
      const wanted = answered.length + count;
      return until(() => answered.length >= wanted);
    },
    /** Resolves after so many more calls, however they ended. */
    ended(count: number): Promise<void> {
      const wanted = answered.length + failed.length + count;
      return until(() => answered.length + failed.length >= wanted);
    },
    /** Ends when the running calls have. The ids of the good answers, and what came of the others. */
    async stop(): Promise<{ answered: string[]; failed: string[] }> {
      over = true;
      await all;
      agent.destroy();
      waiting = [];
      return { answered, failed };
    },
  };
}
