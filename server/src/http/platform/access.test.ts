import { afterAll, beforeAll, expect, test } from 'bun:test';
import { type TestGateway, testGateway } from '../../../test/test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ config: { providers: { sandbox: { kind: 'sandbox' } } } });
}, 30_000);
afterAll(() => gateway.stop());

const post = (body: string, headers: Record<string, string>) =>
  gateway.fetch('/api/v1/keys', { method: 'POST', body, headers });
const json = { 'content-type': 'application/json' };

test('whoever has no key learns nothing of what a platform route takes', async () => {
  const response = await fetch(`${gateway.url}/api/v1/keys`, { method: 'POST', body: '{}', headers: json });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: 'missing_key', status: 401 });
});

test.each([
  ['broken JSON', '{"name":', json, 400, 'invalid_request'],
  [
    'another content type',
    'name=x',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'unsupported_media_type',
  ],
  ['a field too many', '{"name":"x","hash":"y"}', json, 400, 'invalid_request'],
  ['a NUL character', '{"name":"a\\u0000b"}', json, 400, 'invalid_request'],
])('%s in a body of the platform API is a clear 4xx', async (_what, body, headers, status, code) => {
  const response = await post(body, headers);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ code });
});

test.each(['/api/v1/calls/%00', '/api/v1/calls?model=%00'])(
  'a NUL character in the address %s is a 400',
  async (path) => {
    expect((await gateway.fetch(path)).status).toBe(400);
  },
);

test.each([
  ['/api/v1/keys', 'PUT', 'GET, POST'],
  ['/v1/chat/completions', 'GET', 'POST'],
  ['/v1/messages', 'DELETE', 'POST'],
])('%s does not take %s: 405, and says what it takes', async (path, method, allow) => {
  const response = await gateway.fetch(path, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe(allow);
});

test('a path that does not exist is a 404 whatever the method', async () => {
  expect((await gateway.fetch('/v1/nothing/here', { method: 'POST', body: '{}', headers: json })).status).toBe(404);
  expect((await gateway.fetch('/api/v1/nothing')).status).toBe(404);
});
