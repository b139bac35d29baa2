import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { recording } from '../replayer/recording.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { canReplicate, type Replicas, sayWithoutReplicas, startReplicas } from '../support/replicas.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';

// A provider that limits or refuses a key says it to one replica, and all of them let that key rest.

setDefaultTimeout(databaseTimeoutMs);
sayWithoutReplicas('the tests of what replicas know of providers');
const together = test.skipIf(!canReplicate);

let upstream: Replayer;
let replicas: Replicas;
let first: ServerProcess;
let second: ServerProcess;
beforeAll(async () => {
  if (!canReplicate) return;
  upstream = await startReplayer();
  upstream.reply(recording('openai-chat/text'));
  const baseUrl = `${upstream.url}/v1`;
  const config = JSON.stringify({
    providers: {
      limited: { kind: 'openai-compatible', baseUrl, apiKey: 'k' },
      refused: { kind: 'openai-compatible', baseUrl, apiKey: 'k' },
      broken: { kind: 'openai-compatible', baseUrl, apiKey: 'k' },
    },
    models: ['limited', 'refused', 'broken'].map((provider) => ({ id: `${provider}/tiny`, provider })),
    retries: { attempts: 1, breakerFailures: 1, breakerOpenMs: 60_000 },
  });
  replicas = await startReplicas(2, { config });
  [first, second] = replicas.servers as [ServerProcess, ServerProcess];
}, databaseTimeoutMs);
afterAll(async () => {
  await replicas?.stop();
  await upstream?.stop();
});

async function ask(server: ServerProcess, model: string): Promise<{ status: number; asked: number; text: string }> {
  const before = upstream.requests.length;
  const answer = await server.ask('/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
  });
  return { text: await answer.text(), status: answer.status, asked: upstream.requests.length - before };
}

/** How many credentials rest there. */
async function resting(server: ServerProcess): Promise<number> {
  const text = await (await server.ask('/metrics')).text();
  return Number(/^api_gateway_cooldowns (\d+)$/m.exec(text)?.[1]);
}

const failing = (status: number, headers: Record<string, string> = {}) => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ error: { message: 'no', type: 'error' } }),
});

together('a key that a provider limits or refuses at one replica rests at the other, which does not ask', async () => {
  for (const [model, answer, wanted] of [
    ['limited/tiny', failing(429, { 'retry-after': '45' }), 429],
    ['refused/tiny', failing(401), 502],
  ] as const) {
    const before = await resting(second);
    upstream.script([answer]);
    expect(await ask(first, model)).toMatchObject({ status: wanted, asked: 1 });
    await until(async () => (await resting(second)) === before + 1);
    expect(await ask(second, model)).toMatchObject({ status: wanted, asked: 0 });
  }
});

together(
  'a deployment that fails at one replica is still asked by the other: the fault may be the way to it',
  async () => {
    upstream.script([failing(503)]);
    expect(await ask(first, 'broken/tiny')).toMatchObject({ asked: 1 });
    expect(await ask(first, 'broken/tiny')).toMatchObject({ asked: 0 });
    expect(await ask(second, 'broken/tiny')).toMatchObject({ status: 200, asked: 1 });
  },
);
