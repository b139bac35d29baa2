import { afterAll, describe, expect, test } from 'bun:test';
import type { Dialect } from '../../src/core/wire-name.ts';
import { createKey } from '../../src/identity/key-format.ts';
import { rawRequest } from '../raw-request.ts';
import { expectError, postRouteNames, postRoutes } from './dialects.ts';
import { startGateway } from './gateway-process.ts';

const gateway = await startGateway();
afterAll(gateway.stop);

interface Route {
  method: string;
  path: string;
  body?: string;
  /** The dialect of the answer, by the way the key is sent where the route is shared. */
  dialect(way: Way): Dialect;
}

const ways = ['bearer', 'x-api-key', 'x-goog-api-key', 'query'] as const;
type Way = (typeof ways)[number];

const listDialect: Record<Way, Dialect> = {
  bearer: 'openai-chat',
  'x-api-key': 'anthropic-messages',
  'x-goog-api-key': 'gemini',
  query: 'gemini',
};
const get = (path: string, dialect: Route['dialect']): Route => ({ method: 'GET', path, dialect });
const routes: Route[] = [
  ...postRouteNames.map((name) => {
    const { path, body, dialect } = postRoutes[name];
    return { method: 'POST', path, body: JSON.stringify(body), dialect: () => dialect };
  }),
  get('/v1/models', (way) => listDialect[way]),
  get('/v1/models/sandbox/sandbox-small', (way) => listDialect[way]),
  get('/v1beta/models', () => 'gemini'),
  get('/v1beta/models/sandbox/sandbox-small', () => 'gemini'),
  get('/v1/responses/resp_none', () => 'openai-responses'),
  get('/v1/responses/resp_none/input_items', () => 'openai-responses'),
  { method: 'DELETE', path: '/v1/responses/resp_none', dialect: () => 'openai-responses' },
];

async function send({ method, path, body }: Route, way: Way, key: string) {
  const query = way === 'query' ? `${path.includes('?') ? '&' : '?'}key=${encodeURIComponent(key)}` : '';
  const header: Record<string, string> =
    way === 'query' ? {} : way === 'bearer' ? { authorization: `Bearer ${key}` } : { [way]: key };
  const response = await fetch(gateway.url + path + query, {
    method,
    headers: { 'content-type': 'application/json', ...header },
    ...(body && { body }),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, body: await response.text() };
}

const { id: liveId, key: liveKey } = await gateway.createKey({ name: 'live' });
const revoked = await gateway.createKey({ name: 'revoked' });
await gateway.revokeKey(revoked.id);
const expired = await gateway.createKey({ name: 'expired', expiresAt: '2020-01-01T00:00:00Z' });
const refused: [string, string][] = [
  ['an unknown key', createKey()],
  ['a mistyped key', `${liveKey.slice(0, -1)}${liveKey.endsWith('0') ? '1' : '0'}`],
  ['a malformed key', 'sk-proj-not-ours'],
  ['a revoked key', revoked.key],
  ['an expired key', expired.key],
];

describe.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_name, route) => {
  test('a live key is known, whichever of the four ways it comes', async () => {
    for (const way of ways) expect((await send(route, way, liveKey)).status).not.toBe(401);
  });

  test.each(refused)(`%s is a 401 of the dialect, whichever way it comes`, async (_what, key) => {
    for (const way of ways) {
      const answer = await send(route, way, key);
      expect(expectError(route.dialect(way), answer, 401)).toMatch(/unknown or revoked|has expired/);
      expect(answer.body).not.toContain(key);
    }
  });

  test('no key, or an empty one, is a 401 that says how to send it', async () => {
    for (const [name, way] of [
      ['x-nothing', 'bearer'],
      ['authorization', 'bearer'],
      ['x-api-key', 'x-api-key'],
      ['x-goog-api-key', 'x-goog-api-key'],
    ] as const) {
      const { method, path, body } = route;
      const response = await fetch(gateway.url + path, { method, headers: { [name]: '' }, ...(body && { body }) });
      const answer = { status: response.status, body: await response.text() };
      expect(expectError(route.dialect(way), answer, 401)).toContain('authorization: Bearer');
    }
  });
});

const hostile = [
  "' or '1'='1",
  "sl_live_'; drop table keys; --",
  'sl_live_',
  'sl_live_%00',
  'sl_live_\u0000\u0000',
  `sl_live_${'0'.repeat(33)}`,
  `sl_live_${'ü'.repeat(33)}`,
  'sl_live_🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑x',
  `${liveKey} `.repeat(2),
  `${liveKey},${liveKey}`,
  liveKey.toLowerCase(),
  liveKey.slice(0, -1),
  `${liveKey}A`,
  ` ${liveKey.slice(8)}`,
  'Bearer',
  'undefined',
  'null',
  '[object Object]',
  '{"$ne":null}',
  '../../admin-key',
  '$SLUICE_ADMIN_KEY',
  'a'.repeat(4000),
  '%',
  '%E0%A4%A',
  '\\',
  '"',
  '*',
];

test('hostile keys are the same 401 as any unknown one', async () => {
  const chat = routes[0]!;
  for (const key of hostile) {
    expectError('openai-chat', await send(chat, 'query', key), 401);
    // A header holds neither control characters nor letters beyond Latin-1.
    if (/[^\x20-\x7e]/.test(key)) continue;
    for (const way of ['bearer', 'x-api-key', 'x-goog-api-key'] as const)
      expectError('openai-chat', await send(chat, way, key), 401);
  }
});

test('four thousand invented keys, well formed ones among them, are four thousand times the same 401', async () => {
  const invented = Array.from({ length: 4000 }, (_, index) => {
    const key = createKey();
    if (index % 4 === 0) return key;
    const at = (index * 7) % key.length;
    return index % 4 === 1 ? key.slice(0, at) : `${key.slice(0, at)}${index.toString(36)}${key.slice(at + 1)}`;
  });
  const seen = new Map<number, number>();
  for (let start = 0; start < invented.length; start += 100) {
    const batch = invented.slice(start, start + 100).map(async (key, index) => {
      const { status } = await send(routes[index % routes.length]!, ways[index % ways.length]!, key || 'x');
      seen.set(status, (seen.get(status) ?? 0) + 1);
    });
    await Promise.all(batch);
  }
  expect(Object.fromEntries(seen)).toEqual({ 401: 4000 });
  expect((await send(routes[0]!, 'bearer', liveKey)).status).toBe(200);
});

test('bytes that no HTTP library would send never open the door', async () => {
  const headers = [
    'authorization: Bearer \xff\xfe\xfd',
    'authorization: Bearer \x01\x02',
    `authorization: Bearer\t${revoked.key}`,
    `authorization: ${'Bearer '.repeat(50)}${revoked.key}`,
    `authorization: Basic ${btoa(`:${revoked.key}`)}`,
    `x-api-key: ${revoked.key}\r\nx-api-key: ${revoked.key}`,
    `x-api-key: ${'k'.repeat(100_000)}`,
  ];
  for (const header of headers) {
    const request = `GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${header}\r\n\r\n`;
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(await rawRequest(gateway.url, Buffer.from(request, 'latin1')))?.[1]);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  }
});

test('the way a key comes makes no difference to what it is charged for', async () => {
  const before = (await gateway.calls(liveId)).length;
  for (const way of ways) expect((await send(routes[0]!, way, liveKey)).status).toBe(200);
  const rows = await gateway.calls(liveId);
  rows.splice(rows.length - before);
  expect(rows.map(({ keyId, outcome }) => [keyId, outcome])).toEqual(ways.map(() => [liveId, 'ok']));
});
