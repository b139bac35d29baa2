import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { dialects } from '../../src/core/wire-name.ts';
import { type LocalServer, selfSigned, serve } from '../../src/egress/testing.ts';
import { endsWell, errorIn, errorInEvent } from '../gateway/dialect-errors.ts';
import { everyPair, startWorld, type World } from '../gateway/world.ts';
import { longer } from '../replayer/faults.ts';
import { recording } from '../replayer/recording.ts';
import { readSse } from '../sse-reader.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

// Providers that cannot be reached safely, and answers that take too long in all.

setDefaultTimeout(databaseTimeoutMs);
const firstByteMs = 1500;

/** Providers that no call may get through to, by what is wrong with them. */
const unsafe = {
  'name-unknown': 'a name that nobody has',
  'self-signed': 'a certificate that nobody vouches for',
  'other-name': 'a certificate for another name',
  'plain-behind-tls': 'no TLS where TLS is expected',
  'silent-handshake': 'a handshake that is not answered',
};

let gateway: TestGateway;
let world: World;
const locals: { close(): unknown }[] = [];
let selfSignedServer: LocalServer;
let redirecting: LocalServer;
let target: LocalServer;
const heard: string[] = [];

beforeAll(async () => {
  const note = (name: string) => (_: unknown, response: { end(text: string): unknown }) => {
    heard.push(name);
    response.end('{}');
  };
  selfSignedServer = await serve(note('self-signed'), selfSigned('localhost'));
  const otherName = await serve(note('other-name'), selfSigned('somebody.test'));
  const plain = await serve(note('plain'));
  target = await serve(note('redirected'));
  redirecting = await serve((_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${target.port}/v1/chat/completions` }).end();
  });
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  locals.push(selfSignedServer, otherName, plain, target, redirecting, {
    close() {
      for (const socket of sockets) socket.destroy();
      silent.close();
    },
  });
  const { port } = silent.address() as { port: number };
  const addresses: Record<keyof typeof unsafe | 'redirecting', string> = {
    'name-unknown': 'http://nobody.invalid',
    'self-signed': `https://localhost:${selfSignedServer.port}`,
    'other-name': `https://localhost:${otherName.port}`,
    'plain-behind-tls': `https://localhost:${plain.port}`,
    'silent-handshake': `https://127.0.0.1:${port}`,
    redirecting: `http://127.0.0.1:${redirecting.port}`,
  };
  const providers = Object.fromEntries(
    Object.entries(addresses).map(([name, url]) => [
      name,
      { kind: 'openai-compatible', baseUrl: `${url}/v1`, apiKey: 'test-key' },
    ]),
  );
  const models = Object.keys(addresses).map((name) => ({ id: `${name}/model`, price: { input: 1, output: 5 } }));
  gateway = await testGateway({
    config: { providers, models, limits: { firstByteMs }, retries: { breakerFailures: 1000 } },
  });
  world = await startWorld({ limits: { totalMs: 700 }, retries: { breakerFailures: 1000 } });
}, databaseTimeoutMs);
afterAll(async () => {
  await gateway?.stop();
  await world?.stop();
  for (const local of locals) await local.close();
});

for (const [provider, fault] of Object.entries(unsafe)) {
  test(`a provider with ${fault} is a 502 or a 504 in each dialect, is sent nothing and costs nothing`, async () => {
    const status = provider === 'silent-handshake' ? 504 : 502;
    await Promise.all(
      dialects.flatMap((dialect) =>
        [false, true].map(async (stream) => {
          const response = await gateway.chat(dialect, { model: `${provider}/model`, stream });
          const body: unknown = await response.json();
          expect({ dialect, status: response.status, shown: errorIn(dialect, body) !== undefined }).toEqual({
            dialect,
            status,
            shown: true,
          });
          const [row, ...more] = await gateway.rowsOf(response);
          expect(more).toEqual([]);
          expect(row).toMatchObject({ outcome: 'failed', input: 0, output: 0, costUsd: '0', status });
          expect(row!.errorCode).toBe(status === 504 ? 'upstream_timeout' : 'upstream_unreachable');
          expect(JSON.stringify(body)).not.toContain('test-key');
        }),
      ),
    );
    expect(heard).toEqual([]);
  });
}

test('a provider that redirects elsewhere is not followed: its credential goes to no other address', async () => {
  for (const dialect of dialects) {
    const response = await gateway.chat(dialect, { model: 'redirecting/model' });
    expect({ dialect, status: response.status }).toEqual({ dialect, status: 502 });
    expect(errorIn(dialect, await response.json())).toBeDefined();
  }
  expect(redirecting.hits).toBeGreaterThan(0);
  expect(target.hits).toBe(0);
});

test('an answer that never ends is stopped when the call has had its time, with the error of the dialect', async () => {
  for (const [wire, replayer] of Object.entries(world.upstream))
    replayer.reply(longer(recording(`${wire}/text`), wire === 'openai-responses' ? 6 : wire === 'gemini' ? 1 : 3, 40), {
      endless: true,
      eventDelayMs: 10,
    });
  await everyPair(
    async (caller, provider) => {
      const model = world.model(provider);
      const response = await world.gateway.chat(caller, { model, stream: true });
      expect(response.status).toBe(200);
      const reader = readSse(response);
      const events = (await reader.rest()).filter(({ data }) => data !== '[DONE]');
      expect({ last: errorInEvent(caller, events.at(-1)) !== undefined, well: endsWell(caller, reader.text) }).toEqual({
        last: true,
        well: false,
      });
      expect(await world.gateway.rowsOf(response)).toMatchObject([
        { outcome: 'failed', errorCode: 'upstream_timeout' },
      ]);
      const [row] = await world.gateway.rowsOf(response);
      expect(row!.output).toBeGreaterThan(0);
      for (let tries = 0; world.sentFor(model)[0]?.closedAtMs === undefined && tries < 100; tries++)
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect(world.sentFor(model)[0]?.closedAtMs).toBeDefined();
    },
    { streams: [true] },
  );
});

test('a whole answer that does not come is a 504 when the call has had its time', async () => {
  world.reset();
  for (const [wire, replayer] of Object.entries(world.upstream))
    replayer.reply(recording(`${wire}/text`), { delayFirstByteMs: 5000 });
  await everyPair(
    async (caller, provider) => {
      const response = await world.gateway.chat(caller, { model: world.model(provider) });
      expect(response.status).toBe(504);
      expect(errorIn(caller, await response.json())).toBeDefined();
      expect(await world.gateway.rowsOf(response)).toMatchObject([{ errorCode: 'upstream_timeout', costUsd: '0' }]);
    },
    { streams: [false] },
  );
});
