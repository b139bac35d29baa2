import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { recording } from '../replayer/recording.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { chatBody, type TestGateway, testGateway } from '../test-gateway.ts';

// What happens to calls that a provider's own limit holds back: they wait, in turn by key.

setDefaultTimeout(databaseTimeoutMs);

const answer = recording('openai-chat/text');
const limited = (retryAfterMs: number) => ({
  status: 429,
  headers: { 'retry-after-ms': String(retryAfterMs) },
  body: { error: { message: 'Slow down.', type: 'rate_limit_error' } },
});

let replayer: Replayer;
let gateway: TestGateway;
afterEach(async () => {
  await gateway.stop();
  await replayer.stop();
});

async function start(queue: JsonObject, model: JsonObject = {}): Promise<void> {
  replayer = await startReplayer();
  gateway = await testGateway({
    config: {
      providers: {
        mock: { kind: 'openai-compatible', baseUrl: `${replayer.url}/v1`, apiKey: 'k', queue },
      },
      models: [{ id: 'mock/tiny', ...model }],
      retries: { cooldownMs: 500 },
    },
  });
}

async function createKey(name: string): Promise<string> {
  const response = await gateway.fetch('/api/v1/keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  return ((await response.json()) as { key: string }).key;
}

/** A call whose user message tells whose it is. */
function say(key: string, content: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...chatBody('openai-chat', 'mock/tiny', false), messages: [{ role: 'user', content }] }),
    signal,
  });
}

const received = (): string[] =>
  replayer.requests.map(({ json }) => (json as { messages: { content: string }[] }).messages[0]!.content);

async function waiting(count: number): Promise<void> {
  const line = `api_gateway_waiting{backend="mock"} ${count}`;
  while (!(await (await gateway.fetch('/metrics')).text()).includes(count === 0 ? 'api_gateway_waiting' : line))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a key that floods a busy provider keeps nobody else waiting for more than a turn', async () => {
  await start({ concurrent: 1, maxWaitMs: 60_000 });
  replayer.reply(answer, { holdHeaders: true });
  const [flood, other] = [await createKey('flood'), await createKey('other')];
  const answers = Array.from({ length: 30 }, () => say(flood, 'flood'));
  await waiting(29);
  answers.push(say(other, 'other 1'), say(other, 'other 2'));
  await waiting(31);
  for (let turn = 1; turn <= 32; turn++) {
    await replayer.received(turn);
    // Never more at a time than the provider allows.
    expect(replayer.requests).toHaveLength(turn);
    replayer.release();
  }
  for (const each of answers) expect((await each).status).toBe(200);
  const order = received();
  // One call ran and one of the flood had joined before: from then on they take turns.
  expect(order.indexOf('other 1')).toBeLessThanOrEqual(2);
  expect(order.indexOf('other 2')).toBeLessThanOrEqual(4);
  const [row] = await gateway.rowsOf(await answers[29]!);
  expect(row!.attempts).toHaveLength(1);
});

test("while a provider's limit lasts calls wait, one is let through to see, and all are answered without another refusal", async () => {
  await start({ maxWaitMs: 60_000 });
  const key = await createKey('k');
  // Longer than a call would wait by itself.
  replayer.script([limited(2500)]);
  replayer.reply(answer, { delayHeadersMs: 20 });
  const first = say(key, 'first');
  await waiting(1);
  const rest = Array.from({ length: 20 }, (_, index) => say(key, `call ${index}`));
  const answers = await Promise.all([first, ...rest]);
  expect(answers.map(({ status }) => status)).toEqual(Array(21).fill(200));
  expect(replayer.requests).toHaveLength(22);
  // The one that had been refused kept its place.
  expect(received().slice(0, 2)).toEqual(['first', 'first']);
  expect(answers[1]!.headers.get('x-sluice-route')).toMatch(/waited \d+ ms for its turn/);
});

test('a caller who hangs up leaves the line, and nothing is sent for it', async () => {
  await start({ concurrent: 1, maxWaitMs: 60_000 });
  replayer.reply(answer, { holdHeaders: true });
  const key = await createKey('k');
  const running = say(key, 'running');
  await replayer.received(1);
  const abort = new AbortController();
  const gone = say(key, 'gone', abort.signal);
  await waiting(1);
  const stays = say(key, 'stays');
  await waiting(2);
  abort.abort();
  await expect(gone).rejects.toThrow();
  await waiting(1);
  replayer.release();
  await replayer.received(2);
  replayer.release();
  expect([(await running).status, (await stays).status]).toEqual([200, 200]);
  expect(received()).toEqual(['running', 'stays']);
  const rows = await gateway.ledger();
  expect(rows.filter(({ outcome }) => outcome === 'aborted')).toMatchObject([{ attempts: [], costUsd: '0' }]);
});

test('nobody waits longer than the time that is set, nor in a line that is longer than it may be', async () => {
  await start({ concurrent: 1, maxWaitMs: 300, maxLength: 2 });
  replayer.reply(answer, { holdHeaders: true });
  const [flood, other] = [await createKey('flood'), await createKey('other')];
  const running = say(flood, 'running');
  await replayer.received(1);
  const [second, third] = [say(flood, 'second'), say(flood, 'third')];
  await waiting(2);
  const full = await say(flood, 'fourth');
  expect(full.status).toBe(429);
  expect(await full.text()).toContain('2 calls wait for mock already');
  // Another key is let in, and the last of the flood goes.
  const late = say(other, 'other');
  const answers = [await second, await third, await late];
  expect(answers.map(({ status }) => status)).toEqual([429, 429, 429]);
  const words = await Promise.all(answers.map((each) => each.text()));
  expect(words.filter((text) => text.includes('No turn at mock came within 0.3 s'))).toHaveLength(2);
  expect(words.filter((text) => text.includes('2 calls wait for mock already'))).toHaveLength(1);
  expect(answers[0]!.headers.get('retry-after')).toBe('1');
  replayer.release();
  expect((await running).status).toBe(200);
  expect(received()).toEqual(['running']);
});

test('a model with a line of its own does not wait in that of its provider', async () => {
  await start({ concurrent: 1 }, { queue: { concurrent: 2 } });
  replayer.reply(answer, { holdHeaders: true });
  const key = await createKey('k');
  const answers = [say(key, 'one'), say(key, 'two')];
  await replayer.received(2);
  replayer.release();
  for (const each of answers) expect((await each).status).toBe(200);
});
