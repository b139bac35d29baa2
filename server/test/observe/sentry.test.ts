import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { sql as query } from 'drizzle-orm';
import { scrub } from '../../src/observe/sentry/scrub.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { saying } from '../support/saying.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

let ingest: Receiver;
let upstream: Replayer;
let gateway: TestGateway;
const providerKey = 'the-key-of-the-provider';

beforeAll(async () => {
  [ingest, upstream] = await Promise.all([startReceiver(), startReplayer()]);
  gateway = await testGateway({
    config: {
      providers: { up: { kind: 'openai-compatible', baseUrl: `${upstream.url}/v1`, apiKey: providerKey } },
      models: [{ id: 'up/m', price: { input: 1, output: 1 } }],
      retries: { attempts: 1, breakerFailures: 1000 },
      telemetry: {
        sentry: { dsn: `${ingest.url.replace('//', '//publickey@')}/42`, environment: 'staging' },
      },
    },
  });
}, databaseTimeoutMs);
afterAll(async () => {
  await gateway.stop();
  await Promise.all([ingest.stop(), upstream.stop()]);
});

interface Event {
  event_id: string;
  level: string;
  environment: string;
  release: string;
  tags: { where: string; request_id?: string };
  exception: { values: { type: string; value: string; stacktrace?: { frames: { filename: string }[] } }[] };
}
const eventsOf = (receiver: Receiver): Event[] =>
  receiver.posts.map(({ body }) => JSON.parse(body.toString().split('\n')[2]!) as Event);

test('an error that nobody foresaw is reported once, with its place and without a secret', async () => {
  // What callers and providers do wrong, first: it is not to be among them.
  upstream.reply({ status: 500, body: { error: { message: `Broken: ${providerKey}` } } });
  expect((await gateway.chat('openai-chat', { model: 'up/m' })).status).toBe(503);
  expect((await gateway.chat('openai-chat', { model: 'nobody-serves-this' })).status).toBe(404);

  const database = await gateway.sql();
  await database.execute(query`alter table teams rename to teams_gone`);
  const secret = 'sl_live_0123456789abcdefghijABCDEFGHIJ';
  const failing = () => gateway.fetch(`/api/v1/teams/${secret}`);
  try {
    const answer = await failing();
    expect(answer.status).toBe(500);
    const [post] = await ingest.until((posts) => (posts.length > 0 ? posts : undefined));
    expect(post!.path).toBe('/api/42/envelope/');
    expect(post!.headers['content-type']).toBe('application/x-sentry-envelope');
    expect(post!.headers['x-sentry-auth']).toMatch(
      /^Sentry sentry_version=7, sentry_client=sluice\/\S+, sentry_key=publickey$/,
    );
    const [head, item] = post!.body
      .toString()
      .split('\n')
      .map((line) => JSON.parse(line || '{}'));
    const [event] = eventsOf(ingest);
    expect(head.event_id).toBe(event!.event_id);
    expect(item).toEqual({ type: 'event' });
    expect(event).toMatchObject({ level: 'error', environment: 'staging', tags: { where: 'platform' } });
    expect(event!.tags.request_id).toBe(answer.headers.get('x-request-id')!);
    expect(event!.tags.request_id).toMatch(/^req_/);
    const values = event!.exception.values;
    expect(values.map(({ value }) => value).join(' ')).toContain('teams');
    const frames = values.flatMap(({ stacktrace }) => stacktrace?.frames ?? []);
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.filter(({ filename }) => filename.startsWith('/'))).toEqual([]);
    for (const text of [secret, providerKey, gateway.key, 'Authorization', 'tide pool'])
      expect(post!.body.toString()).not.toContain(text);
    // The same error is told of once a minute.
    await failing();
  } finally {
    await database.execute(query`alter table teams_gone rename to teams`);
  }
});

test('Sentry that is away changes nothing', async () => {
  // Of all that went wrong before, one event came and no more.
  expect(eventsOf(ingest)).toHaveLength(1);
  await ingest.stop();
  upstream.reply(saying('Here.'));
  const database = await gateway.sql();
  await database.execute(query`alter table prompts rename to prompts_gone`);
  expect((await gateway.fetch('/api/v1/prompts')).status).toBe(500);
  await database.execute(query`alter table prompts_gone rename to prompts`);
  expect((await gateway.chat('openai-chat', { model: 'up/m' })).status).toBe(200);
});

test.each([
  ['connect to postgres://sluice:hunter2hunter2@db failed', 'hunter2hunter2'],
  ['Bearer sk-proj-abcdefghij0123456789ABCDEFGHIJ refused', 'sk-proj-abcdefghij0123456789ABCDEFGHIJ'],
  ['no such file for ada@example.com', 'ada@example.com'],
  ['Unexpected token in "Please summarise the contract with our new client"', 'contract'],
  ['fetch of https://host.example/v1/models?key=abc failed', 'key=abc'],
  ['Failed query: select 1\nparams: prompt text,another', 'prompt text'],
  ['the provider said known-secret is wrong', 'known-secret'],
])('nothing secret is left in a message: %s', (message, secret) => {
  const scrubbed = scrub(message, ['known-secret']);
  expect(scrubbed).not.toContain(secret);
  expect(scrubbed.length).toBeGreaterThan(10);
});

test('what helps is left in a message', () => {
  const message = 'Cannot read properties of undefined (reading \'length\') in table "teams"';
  expect(scrub(message, [])).toBe(message);
});
