import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import type { CreatedKey } from '../../../../shared/src/keys.ts';
import { databaseTimeoutMs } from '../../../test/support/databases.ts';
import { type TestGateway, testGateway } from '../../../test/test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

/** A provider that takes some keys and writes down which one each call came with. */
const taken = new Set<string>();
let used: string[] = [];
const provider = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  async fetch(request) {
    const key = request.headers.get('authorization')?.replace('Bearer ', '') ?? '';
    if (!taken.has(key))
      return Response.json(
        { error: { message: `Incorrect API key provided: ${key}`, code: 'invalid_api_key' } },
        { status: 401 },
      );
    if (request.method === 'GET') return Response.json({ object: 'list', data: [{ id: 'tiny' }] });
    used.push(key);
    return Response.json({
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'tiny',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });
  },
});

const gatewayKey = 'sk-of-the-gateway-itself';
let gateway: TestGateway;
let orgA: string;
let orgB: string;
let adminA: CreatedKey;
let memberA: CreatedKey;
let adminB: CreatedKey;

interface ProviderKey {
  id: string;
  hint: string;
  valid: boolean | null;
  userId: string | null;
  revokedAt: string | null;
}
type Answer<Body> = Body & { status: number; detail?: string; param?: string; code?: string };

async function ask<Body = ProviderKey>(
  method: string,
  path: string,
  key: string,
  body?: unknown,
): Promise<Answer<Body>> {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { ...(text === '' ? {} : JSON.parse(text)), status: response.status };
}

const bring = (by: string, key: string, wish: object = {}) =>
  ask('POST', '/api/v1/provider-keys', by, { provider: 'openai', name: 'ours', key, ...wish });

/** The key that the provider saw for a call, and the attempts of its row in the ledger. */
async function call(by: string) {
  used = [];
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/tiny', messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.text();
  const [row] = await gateway.rowsOf(response);
  return { status: response.status, saw: [...used], credentials: row!.attempts.map(({ credential }) => credential) };
}

beforeAll(async () => {
  taken.add(gatewayKey);
  gateway = await testGateway({
    config: {
      providers: {
        openai: { kind: 'openai', baseUrl: `http://127.0.0.1:${provider.port}/v1`, apiKey: gatewayKey },
        sandbox: { kind: 'sandbox' },
      },
      retries: { attempts: 1 },
    },
  });
  const organisation = async (name: string) =>
    (await ask<{ id: string }>('POST', '/api/v1/organisations', gateway.key, { name })).id;
  const key = (organisationId: string, role: string) =>
    ask<CreatedKey>('POST', '/api/v1/keys', gateway.key, { name: role, role, organisationId });
  orgA = await organisation('Tide');
  orgB = await organisation('Pool');
  adminA = await key(orgA, 'admin');
  memberA = await key(orgA, 'member');
  adminB = await key(orgB, 'admin');
});
afterAll(async () => {
  await gateway.stop();
  await provider.stop(true);
});
beforeEach(async () => {
  for (const by of [adminA.key, adminB.key]) {
    const { data } = await ask<{ data: ProviderKey[] }>('GET', '/api/v1/provider-keys', by);
    for (const { id } of data) expect((await ask('DELETE', `/api/v1/provider-keys/${id}`, by)).status).toBe(204);
  }
});

test('calls of an organisation that brought a key use it, those of others the gateway’s', async () => {
  taken.add('sk-brought-by-tide-1234');
  expect(await call(memberA.key)).toMatchObject({ saw: [gatewayKey], credentials: ['openai/key-1'] });
  const made = await bring(adminA.key, 'sk-brought-by-tide-1234');
  expect(made).toMatchObject({ status: 201, valid: true, hint: '…1234', userId: null });
  expect(await call(memberA.key)).toEqual({ status: 200, saw: ['sk-brought-by-tide-1234'], credentials: [made.id] });
  expect(await call(adminB.key)).toMatchObject({ saw: [gatewayKey] });
  expect(await call(gateway.key)).toMatchObject({ saw: [gatewayKey] });
});

test('a key is checked with the provider before it is kept, and what is said of it never repeats it', async () => {
  const refused = await bring(adminA.key, 'sk-nobody-knows-5678');
  expect(refused).toMatchObject({ status: 400, param: 'key' });
  expect(JSON.stringify(refused)).not.toContain('nobody-knows');
  const kept = await bring(adminA.key, 'sk-nobody-knows-5678', { validate: false });
  expect(kept).toMatchObject({ status: 201, valid: null });
  expect(await ask('POST', `/api/v1/provider-keys/${kept.id}/validate`, adminA.key)).toMatchObject({ valid: false });
  taken.add('sk-nobody-knows-5678');
  expect(await ask('POST', `/api/v1/provider-keys/${kept.id}/validate`, adminA.key)).toMatchObject({ valid: true });
});

test('a rotated key is used at the next call; a revoked or deleted one never again', async () => {
  for (const key of ['sk-first-of-tide-0001', 'sk-second-of-tide-0002']) taken.add(key);
  const { id } = await bring(adminA.key, 'sk-first-of-tide-0001');
  expect((await call(memberA.key)).saw).toEqual(['sk-first-of-tide-0001']);
  const rotated = await ask('POST', `/api/v1/provider-keys/${id}/rotate`, adminA.key, {
    key: 'sk-second-of-tide-0002',
  });
  expect(rotated).toMatchObject({ status: 200, id, hint: '…0002' });
  expect(await call(memberA.key)).toMatchObject({ saw: ['sk-second-of-tide-0002'], credentials: [id] });
  expect((await ask('POST', `/api/v1/provider-keys/${id}/revoke`, adminA.key)).revokedAt).toBeString();
  expect((await call(memberA.key)).saw).toEqual([gatewayKey]);
  expect(
    (await ask('POST', `/api/v1/provider-keys/${id}/rotate`, adminA.key, { key: 'sk-first-of-tide-0001' })).status,
  ).toBe(409);
});

test('a key that the provider refuses is set aside for its own organisation only, and the gateway’s is not used instead', async () => {
  taken.add('sk-soon-refused-7777');
  const { id } = await bring(adminA.key, 'sk-soon-refused-7777');
  taken.delete('sk-soon-refused-7777');
  expect(await call(memberA.key)).toEqual({ status: 502, saw: [], credentials: [id] });
  expect(await call(memberA.key)).toEqual({ status: 502, saw: [], credentials: [] });
  expect(await call(adminB.key)).toMatchObject({ status: 200, saw: [gatewayKey] });
});

test('the key itself is given back by no route and stands in no audit row', async () => {
  const secret = 'sk-secret-that-nobody-sees-again-4321';
  taken.add(secret);
  const made = await bring(adminA.key, secret);
  await ask('POST', `/api/v1/provider-keys/${made.id}/rotate`, adminA.key, { key: secret });
  const seen = [made];
  for (const path of [`/api/v1/provider-keys/${made.id}`, '/api/v1/provider-keys', '/api/v1/audit', '/api/v1/secrets'])
    seen.push(await ask('GET', path, gateway.key));
  const text = JSON.stringify(seen);
  expect(text).toContain('provider-key.rotate');
  expect(text).not.toContain('nobody-sees');
  expect(text).not.toContain('sealed"');
  expect(text).not.toContain('wrappedKey');
});

test('a provider key of another organisation is not there, by any route', async () => {
  taken.add('sk-of-tide-alone-9999');
  const { id } = await bring(adminA.key, 'sk-of-tide-alone-9999');
  const routes: [string, string, object?][] = [
    ['GET', `/api/v1/provider-keys/${id}`],
    ['POST', `/api/v1/provider-keys/${id}/validate`],
    ['POST', `/api/v1/provider-keys/${id}/rotate`, { key: 'sk-of-tide-alone-9999' }],
    ['POST', `/api/v1/provider-keys/${id}/revoke`],
    ['DELETE', `/api/v1/provider-keys/${id}`],
  ];
  for (const [method, path, body] of routes)
    expect({ path, status: (await ask(method, path, adminB.key, body)).status }).toEqual({ path, status: 404 });
  expect((await ask<{ data: unknown[] }>('GET', '/api/v1/provider-keys', adminB.key)).data).toEqual([]);
  expect((await bring(adminB.key, 'sk-of-tide-alone-9999', { organisationId: orgA })).status).toBe(404);
  expect((await call(memberA.key)).saw).toEqual(['sk-of-tide-alone-9999']);
});

test('a service key without the right brings nothing, and nobody but an operator names a secret of a manager', async () => {
  expect((await bring(memberA.key, 'sk-x-y-z-0000')).status).toBe(403);
  const reference = { provider: 'openai', name: 'x', reference: 'env:PATH' };
  expect(await ask('POST', '/api/v1/provider-keys', adminA.key, reference)).toMatchObject({
    status: 403,
    param: 'reference',
  });
  for (const wrong of [
    { key: 'a', reference: 'env:X' },
    {},
    { key: 'with space' },
    { key: 'line\nbreak' },
    { key: 'k', provider: 'nobody' },
    { key: 'k', provider: 'sandbox' },
    { key: 'k', sealed: 'x' },
  ])
    expect({
      wrong,
      status: (await ask('POST', '/api/v1/provider-keys', adminA.key, { provider: 'openai', name: 'x', ...wrong }))
        .status,
    }).toEqual({ wrong, status: 400 });
});

test('only an operator re-wraps', async () => {
  expect((await ask('POST', '/api/v1/secrets/rewrap', adminA.key)).status).toBe(403);
  expect((await ask('GET', '/api/v1/secrets', adminA.key)).status).toBe(403);
  expect(await ask<object>('POST', '/api/v1/secrets/rewrap', gateway.key)).toMatchObject({
    status: 200,
    masterVersion: 1,
    rewrapped: 0,
    failed: [],
  });
});
