import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { recording } from '../../test/replayer/recording.ts';
import { type Replayer, startReplayer } from '../../test/replayer/replayer.ts';
import { type TestGateway, testGateway } from '../../test/test-gateway.ts';
import type { JsonObject } from '../core/json.ts';
import type { Dialect } from '../core/wire-name.ts';
import { type LocalServer, serve } from './testing.ts';

// The whole gateway: callers name addresses, the provider takes none.

const png = Buffer.from('89504e470d0a1a0a0000', 'hex');
const inline = `data:image/png;base64,${png.toString('base64')}`;

let pictures: LocalServer;
let canary: LocalServer;
/** Allowed, but nobody listens any more. */
let gone: LocalServer;
let upstream: Replayer;
let gateway: TestGateway;

beforeAll(async () => {
  pictures = await serve((request, response) => {
    if (request.url === '/away') response.writeHead(302, { location: `http://127.0.0.1:${canary.port}/` }).end();
    else response.setHeader('content-type', 'image/png').end(png);
  });
  canary = await serve((_request, response) => response.setHeader('content-type', 'image/png').end(png));
  gone = await serve(() => {});
  await gone.close();
  upstream = await startReplayer();
  const kind = 'openai-compatible';
  const baseUrl = `${upstream.url}/v1`;
  gateway = await testGateway({
    config: {
      egress: { allow: [pictures, gone].map(({ port }) => `127.0.0.1:${port}`) },
      providers: {
        blind: { kind, baseUrl, apiKey: 'k', options: { quirks: { imageUrls: false } } },
        seeing: { kind, baseUrl, apiKey: 'k' },
      },
      models: [{ id: 'blind/model' }, { id: 'seeing/model' }],
    },
  });
});
beforeEach(() => {
  upstream.reset();
  upstream.reply(recording('openai-chat/text'));
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
  await pictures.close();
  await canary.close();
});

/** A message with a picture by address, in each dialect's words. */
const asking: Record<Dialect, (url: string) => JsonObject> = {
  'openai-chat': (url) => ({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] }),
  'openai-responses': (url) => ({ input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }] }),
  'anthropic-messages': (url) => ({
    messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url } }] }],
  }),
  gemini: (url) => ({
    contents: [{ role: 'user', parts: [{ fileData: { fileUri: url, mimeType: 'image/png' } }] }],
  }),
};
const dialects = Object.keys(asking) as Dialect[];

const ask = (dialect: Dialect, url: string, model = 'blind/model') =>
  gateway.chat(dialect, { model, body: asking[dialect](url) });

test.each(dialects)('a picture by address reaches a provider that fetches nothing, asked in %s', async (dialect) => {
  const response = await ask(dialect, `http://127.0.0.1:${pictures.port}/a.png`);
  expect([response.status, response.status === 200 ? '' : await response.text()]).toEqual([200, '']);
  expect(upstream.requests[0]!.json).toMatchObject({
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: inline } }] }],
  });
});

test('a provider that fetches by itself is sent the address', async () => {
  const before = pictures.hits;
  const url = `http://127.0.0.1:${pictures.port}/a.png`;
  expect((await ask('openai-chat', url, 'seeing/model')).status).toBe(200);
  expect(upstream.requests[0]!.json).toMatchObject({ messages: [{ content: [{ image_url: { url } }] }] });
  expect(pictures.hits).toBe(before);
});

test.each(dialects)('an address inside the network is a 400 and reaches nobody, asked in %s', async (dialect) => {
  const urls = [
    `http://127.0.0.1:${canary.port}/`,
    `http://[::ffff:7f00:1]:${canary.port}/`,
    `http://localhost:${canary.port}/`,
  ];
  for (const url of [...urls, `http://127.0.0.1:${pictures.port}/away`]) {
    const response = await ask(dialect, url);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('does not lead to a public host');
  }
  expect(upstream.requests).toHaveLength(0);
  expect(canary.hits).toBe(0);
});

test('many bad addresses do not make the provider look ill', async () => {
  for (let tries = 0; tries < 10; tries++) {
    const response = await ask('openai-chat', `http://127.0.0.1:${gone.port}/`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('could not be reached');
  }
  expect((await ask('openai-chat', `http://127.0.0.1:${pictures.port}/a.png`)).status).toBe(200);
  expect(upstream.requests).toHaveLength(1);
});
