import { afterAll, beforeEach, expect, test } from 'bun:test';
import { connect } from 'node:net';
import type { JsonObject } from '../../src/core/json.ts';
import { type Dialect, dialects } from '../../src/core/wire-name.ts';
import { rawRequest } from '../raw-request.ts';
import { longer } from '../replayer/faults.ts';
import { recording } from '../replayer/recording.ts';
import { readSse } from '../sse-reader.ts';
import { chatBody, pathOf } from '../test-gateway.ts';
import { errorIn } from './dialect-errors.ts';
import { everyPair, type ReplayedWire, startWorld } from './world.ts';

// What callers get wrong: they hang up, read slowly, or send what cannot be read. No fault of theirs reaches a provider.

const bodyBytes = 200_000;
const stalledReaderMs = 600;
const world = await startWorld({ limits: { bodyBytes, stalledReaderMs }, retries: { breakerFailures: 1000 } });
afterAll(() => world.stop());
beforeEach(() => world.reset());

const sentInAll = () =>
  [...Object.values(world.upstream), world.spare].reduce((sum, { requests }) => sum + requests.length, 0);

function everyProviderHolds(holdAfter: number): void {
  for (const [wire, replayer] of Object.entries(world.upstream)) {
    const text = longer(recording(`${wire}/text`), places[wire as ReplayedWire], 20);
    replayer.reply(text, { holdAfter });
  }
}
const places: Record<ReplayedWire, number> = {
  'openai-chat': 2,
  'openai-responses': 6,
  'anthropic-messages': 4,
  gemini: 1,
};

test('a caller who hangs up stops the provider within 100 ms, and pays for what was seen', async () => {
  everyProviderHolds(15);
  await everyPair(
    async (caller, provider) => {
      const model = world.model(provider);
      const abort = new AbortController();
      const response = await world.gateway.chat(caller, { model, stream: true, signal: abort.signal });
      await readSse(response).take(3);
      const before = performance.now();
      abort.abort();
      const [row, ...others] = await world.gateway.rowsOf(response);
      expect(others).toHaveLength(0);
      expect(row).toMatchObject({ outcome: 'aborted', status: 499, errorCode: 'client_closed' });
      expect(world.sentFor(model)[0]!.closedAtMs! - before).toBeLessThan(100);
      const { input, output, estimated } = row!;
      // Nine deltas or more of 20 characters: 45 tokens. Gemini's chunks tell the figures so far.
      if (provider !== 'gemini')
        expect({ input, output, estimated, near: output >= 35 && output <= 110 }).toMatchObject({
          estimated: true,
          near: true,
        });
      expect(input).toBeGreaterThan(0);
    },
    { streams: [true] },
  );
});

test('a caller who hangs up before the first byte stops the provider, and leaves one row', async () => {
  for (const replayer of Object.values(world.upstream)) replayer.reply({ status: 200 }, { holdHeaders: true });
  const before = (await world.gateway.ledger()).length;
  let calls = 0;
  await everyPair(async (caller, provider, stream) => {
    calls += 1;
    const model = world.model(provider);
    const abort = new AbortController();
    const pending = world.gateway.chat(caller, { model, stream, signal: abort.signal }).catch(() => 'gone');
    const arrived = async (): Promise<void> => {
      while (world.sentFor(model).length === 0)
        await world.upstream[provider].received(world.upstream[provider].requests.length + 1);
    };
    await arrived();
    const [sent] = world.sentFor(model);
    const left = performance.now();
    abort.abort();
    expect(await pending).toBe('gone');
    for (let tries = 0; sent?.closedAtMs === undefined && tries < 100; tries++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(sent!.closedAtMs! - left).toBeLessThan(100);
  });
  let rows = await world.gateway.ledger();
  for (let tries = 0; rows.length < before + calls && tries < 100; tries++) rows = await world.gateway.ledger();
  expect(rows.slice(before).map(({ outcome }) => outcome)).toEqual(Array(calls).fill('aborted'));
  expect(rows.slice(before).every(({ output }) => output === 0)).toBe(true);
});

test('a caller who reads nothing pauses the provider, and is dropped in the end', async () => {
  for (const [caller, provider] of [
    ['openai-chat', 'openai-chat'],
    ['openai-chat', 'anthropic-messages'],
  ] as const) {
    world.reset();
    const replayer = world.upstream[provider];
    replayer.reply(longer(recording(`${provider}/text`), places[provider], 30, 16 * 1024), { endless: true });
    const before = (await world.gateway.ledger()).length;
    const body = JSON.stringify(chatBody(caller, world.model(provider), true));
    const socket = connect(Number(new URL(world.gateway.url).port), '127.0.0.1');
    socket.pause();
    socket.write(
      `POST ${pathOf(caller, '', true)} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${world.gateway.key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    // The sockets of this machine hold some megabytes on the way; what counts is that it ends there.
    expect(await replayer.full).toBeLessThan(32 * 1024 * 1024);
    const sent = await replayer.closed;
    expect(sent.answered).toBe(false);
    socket.destroy();
    expect(await world.gateway.ledgerAfter(before)).toMatchObject([{ outcome: 'aborted', errorCode: 'client_closed' }]);
  }
}, 20_000);

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

const unreadable: [name: string, status: number, make: (good: string) => string | Uint8Array][] = [
  ['no JSON', 400, () => '{"model": "x", '],
  ['nothing', 400, () => ''],
  ['a bare string', 400, () => '"hello"'],
  ['an array', 400, () => '[]'],
  [
    'bad UTF-8',
    400,
    (good) =>
      Buffer.concat([
        Buffer.from(good.slice(0, -1)),
        Buffer.from(',"user":"'),
        Buffer.from([0xff, 0xc0]),
        Buffer.from('"}'),
      ]),
  ],
  ['65 levels', 400, (good) => good.replace('{', `{"metadata":${deep(65)},`)],
  ['a million levels', 413, (good) => good.replace('{', `{"metadata":${deep(1_000_000)},`)],
  ['ninety thousand levels', 400, (good) => good.replace('{', `{"metadata":${deep(90_000)},`)],
  ['a key twice', 400, (good) => good.replace('{', '{"model":"other","model":"third",')],
  ['a key twice, once in escapes', 400, (good) => good.replace('{', '{"stop":[],"st\\u006fp":[],')],
  ['a key twice, deep inside', 400, (good) => good.replace('{', '{"metadata":{"a":{"b":1,"b":2}},')],
  ['too much', 413, (good) => good.replace('{', `{"user":"${'x'.repeat(bodyBytes)}",`)],
];

for (const dialect of dialects) {
  for (const [name, status, make] of unreadable) {
    test(`${name} is a ${status} in ${dialect}, and no provider hears of it`, async () => {
      const good = JSON.stringify(chatBody(dialect, 'openai-chat/openai-chat-0', false));
      const before = performance.now();
      const response = await world.gateway.fetch(pathOf(dialect, 'openai-chat/openai-chat-0', false), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: make(good) as BodyInit,
      });
      expect(response.status).toBe(status);
      expect(performance.now() - before).toBeLessThan(500);
      expect(errorIn(dialect, await response.json())).toBeDefined();
      expect(sentInAll()).toBe(0);
      expect(await world.gateway.rowsOf(response)).toMatchObject([
        { outcome: 'rejected', status, output: 0, attempts: [] },
      ]);
    });
  }

  test(`64 levels are read in ${dialect}`, async () => {
    world.upstream['openai-chat'].reply(recording('openai-chat/text'));
    const good = JSON.stringify({ ...chatBody(dialect, 'openai-chat/openai-chat-0', false), unknown_field: 0 });
    const response = await world.gateway.fetch(pathOf(dialect, 'openai-chat/openai-chat-0', false), {
      method: 'POST',
      body: good.replace('"unknown_field":0', `"unknown_field":${deep(63)}`),
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(200);
  });

  test(`a body that says no length and grows too long is a 413 in ${dialect}`, async () => {
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(50_000).fill(120));
      },
    });
    const response = await world.gateway.fetch(pathOf(dialect, 'openai-chat/openai-chat-0', false), {
      method: 'POST',
      body: endless,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(413);
    expect(errorIn(dialect, await response.json())).toBeDefined();
  });

  const wrongFields: JsonObject[] =
    dialect === 'gemini'
      ? [{ contents: 'x' }, { contents: [{ parts: 7 }] }, { generationConfig: { temperature: 'hot' } }]
      : [
          { temperature: 'hot' },
          { tools: 'all' },
          { [dialect === 'openai-responses' ? 'input' : 'messages']: 7 },
          { model: 7 },
        ];
  test(`wrong types are a 400 that names the field in ${dialect}`, async () => {
    for (const body of wrongFields) {
      const response = await world.gateway.chat(dialect, { model: 'openai-chat/openai-chat-0', body });
      expect({ body, status: response.status }).toEqual({ body, status: 400 });
      const said = JSON.stringify(await response.json());
      const [field] = Object.keys(body);
      expect(said).toContain(field === 'generationConfig' ? 'temperature' : field!);
    }
    expect(sentInAll()).toBe(0);
  });

  test(`a model that nobody serves is a 404 in ${dialect}`, async () => {
    const response = await world.gateway.chat(dialect, { model: 'nobody/nothing' });
    expect([response.status, errorIn(dialect, await response.json()) !== undefined]).toEqual([404, true]);
    expect(await world.gateway.rowsOf(response)).toMatchObject([{ outcome: 'rejected', errorCode: 'model_not_found' }]);
  });

  test(`without a key, or with a wrong one, ${dialect} says 401`, async () => {
    for (const authorization of ['', 'Bearer sl_live_nonsense', 'Bearer ']) {
      const response = await fetch(world.gateway.url + pathOf(dialect, 'openai-chat/openai-chat-0', false), {
        method: 'POST',
        body: JSON.stringify(chatBody(dialect, 'openai-chat/openai-chat-0', false)),
        headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      });
      expect([response.status, errorIn(dialect, await response.json()) !== undefined]).toEqual([401, true]);
    }
    expect(sentInAll()).toBe(0);
  });
}

const head = (fields: string, key = world.gateway.key) =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n${fields}\r\n\r\n`;
const smallBody = JSON.stringify(chatBody('openai-chat', 'openai-chat/openai-chat-0', false));
const asChunk = `${smallBody.length.toString(16)}\r\n${smallBody}\r\n0\r\n\r\n`;

const smuggled: [string, () => string][] = [
  [
    'two ways to say the length',
    () => `${head(`content-length: ${smallBody.length}\r\ntransfer-encoding: chunked`)}${asChunk}`,
  ],
  ['two lengths', () => `${head(`content-length: ${smallBody.length}\r\ncontent-length: 3`)}${smallBody}`],
  ['a length that is no number', () => `${head('content-length: abc')}${smallBody}`],
  ['a chunk whose size is no number', () => `${head('transfer-encoding: chunked')}zz\r\n${smallBody}\r\n0\r\n\r\n`],
  ['a header without a name', () => `${head(`: nothing\r\ncontent-length: ${smallBody.length}`)}${smallBody}`],
];

for (const [name, make] of smuggled) {
  test(`a request with ${name} is refused and the connection closed`, async () => {
    world.upstream['openai-chat'].reply(recording('openai-chat/text'));
    const answer = await rawRequest(world.gateway.url, make(), /HTTP\/1\.1 2/);
    expect(answer).toMatch(/^(HTTP\/1\.1 400|$)/);
    expect(sentInAll()).toBe(0);
  });
}

test("a caller's own hop-by-hop and credential headers go no further", async () => {
  world.upstream['openai-chat'].reply(recording('openai-chat/text'));
  const model = world.model('openai-chat');
  await world.gateway.chat('openai-chat', {
    model,
    headers: {
      'x-forwarded-for': '10.0.0.1',
      cookie: 'a=b',
      te: 'trailers',
      'openai-organization': 'org-x',
      'x-sluice-tags': 'a',
    },
  });
  const { headers } = world.sentFor(model)[0]!;
  expect(headers.authorization).toBe('Bearer test-key');
  for (const name of ['x-forwarded-for', 'cookie', 'te', 'openai-organization', 'x-sluice-tags'])
    expect(headers[name]).toBeUndefined();
  expect(JSON.stringify(headers)).not.toContain(world.gateway.key);
});

test('the dialects of one caller do not mix: an error of each has its own shape', async () => {
  const shapes = await Promise.all(
    dialects.map(async (dialect: Dialect) =>
      Object.keys((await (await world.gateway.chat(dialect, { model: 'no/such' })).json()) as JsonObject),
    ),
  );
  expect(shapes).toEqual([['error'], ['error'], ['type', 'error', 'request_id'], ['error']]);
});
