import { afterAll, beforeAll, expect, setDefaultTimeout, setSystemTime, test } from 'bun:test';
import type { CreatedKey, Key } from '../../../../shared/src/keys.ts';
import { rawRequest } from '../../../test/raw-request.ts';
import { databaseTimeoutMs } from '../../../test/support/databases.ts';
import { chatBody, pathOf, type TestGateway, testGateway } from '../../../test/test-gateway.ts';
import { dialects } from '../../core/wire-name.ts';

setDefaultTimeout(databaseTimeoutMs);

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({
    config: {
      providers: { sandbox: { kind: 'sandbox' } },
      groups: {
        writers: { models: ['sandbox/sandbox-large'] },
        others: { models: ['sandbox/sandbox-small'] },
      },
      aliases: { prose: 'group/writers', talk: 'group/others' },
      trustedProxies: ['127.0.0.1'],
    },
  });
});
afterAll(() => gateway.stop());

type Answer<Body> = Body & { status: number; code?: string; param?: string; detail?: string };

async function ask<Body = Record<string, unknown>>(
  method: string,
  path: string,
  body?: unknown,
  key = gateway.key,
): Promise<Answer<Body>> {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { ...((await response.json()) as Body), status: response.status };
}
const create = (wish: object, key?: string) => ask<CreatedKey>('POST', '/api/v1/keys', { name: 'a key', ...wish }, key);

const small = 'sandbox/sandbox-small';

/** The status of a chat with a key, and the message of its error. */
async function chat(
  key: string,
  { model = small, headers = {}, dialect = dialects[0] as (typeof dialects)[number] } = {},
) {
  const response = await fetch(gateway.url + pathOf(dialect, model, false), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(chatBody(dialect, model, false)),
  });
  return { status: response.status, text: await response.text() };
}

test('a key shows everything that was asked for, and its secret once', async () => {
  const wish = {
    name: 'ci',
    role: 'admin',
    models: ['sandbox/*'],
    scopes: { dialects: ['openai-*'], groups: ['writers'], routes: ['/v1/*'] },
    addresses: ['127.0.0.1', '2001:db8::/32'],
    tags: ['team:a'],
    expiresAt: '2099-01-01T00:00:00.000Z',
  };
  const { key, ...made } = await create(wish);
  expect(made).toMatchObject({ ...wish, status: 201, organisationId: 'org_default', userId: null, teamId: null });
  const { status: _, ...shown } = made;
  const one = await ask<Key>('GET', `/api/v1/keys/${made.id}`);
  expect(one).toEqual({ ...shown, status: 200 });
  expect(JSON.stringify(one)).not.toContain(key);
  expect(JSON.stringify(one)).not.toContain('hash');
});

test.each([
  ['a role that does not exist', { role: 'boss' }, 'role'],
  ['an unknown dialect', { scopes: { dialects: ['smtp'] } }, 'scopes.dialects.0'],
  ['a star in the middle', { models: ['a*b'] }, 'models.0'],
  ['no address', { addresses: ['example.com'] }, 'addresses.0'],
  ['an ambiguous address', { addresses: ['010.0.0.1'] }, 'addresses.0'],
  ['a route without a slash', { scopes: { routes: ['v1'] } }, 'scopes.routes.0'],
  ['an empty list, which would allow nothing', { models: [] }, 'models'],
])('%s is a 400 that names the field', async (_what, wish, param) => {
  expect(await create(wish)).toMatchObject({ status: 400, param });
});

const columns = {
  id: 'key_mine',
  hash: 'x',
  hint: 'x',
  previousHash: 'x',
  previousUntil: '2099-01-01T00:00:00Z',
  createdBy: 'x',
  createdAt: '2020-01-01T00:00:00Z',
  revokedAt: null,
  lastUsedAt: null,
  operator: true,
  permissions: ['keys:write'],
};
test.each(Object.entries(columns))('%s is for nobody to set', async (column, value) => {
  const { id } = await create({});
  expect((await create({ [column]: value })).status).toBe(400);
  const before = await ask('GET', `/api/v1/keys/${id}`);
  expect((await ask('PATCH', `/api/v1/keys/${id}`, { [column]: value })).status).toBe(400);
  expect(await ask('GET', `/api/v1/keys/${id}`)).toEqual(before);
});

test('the owner, team and organisation of a key stay what they are', async () => {
  const { id } = await create({});
  for (const change of [{ userId: 'user_1' }, { teamId: 'team_1' }, { organisationId: 'org_x' }])
    expect((await ask('PATCH', `/api/v1/keys/${id}`, change)).status).toBe(400);
});

test('a change is in force at the next call, and null takes a limit away', async () => {
  const { id, key } = await create({});
  expect((await chat(key)).status).toBe(200);
  expect(
    await ask('PATCH', `/api/v1/keys/${id}`, { name: 'new', models: ['sandbox/sandbox-large'], tags: ['t'] }),
  ).toMatchObject({
    status: 200,
    name: 'new',
    models: ['sandbox/sandbox-large'],
    tags: ['t'],
  });
  expect((await chat(key)).status).toBe(403);
  expect(await ask('PATCH', `/api/v1/keys/${id}`, { models: null })).toMatchObject({
    name: 'new',
    models: null,
    tags: ['t'],
  });
  expect((await chat(key)).status).toBe(200);
});

test('after a rotation the old secret ends at once, or with the overlap, to the second', async () => {
  const { id, key: first } = await create({});
  const { key: second, previousUntil } = await ask<CreatedKey>('POST', `/api/v1/keys/${id}/rotate`);
  expect(previousUntil).toBeNull();
  expect([(await chat(first)).status, (await chat(second)).status]).toEqual([401, 200]);

  const rotated = await ask<CreatedKey>('POST', `/api/v1/keys/${id}/rotate`, { overlapSeconds: 60 });
  const untilMs = Date.parse(rotated.previousUntil!);
  expect(Math.abs(untilMs - Date.now() - 60_000)).toBeLessThan(10_000);
  expect([(await chat(second)).status, (await chat(rotated.key)).status]).toEqual([200, 200]);
  setSystemTime(untilMs);
  try {
    expect([(await chat(second)).status, (await chat(rotated.key)).status]).toEqual([401, 200]);
  } finally {
    setSystemTime();
  }

  // Rotated again within the overlap: the oldest secret is gone, and a revoked key has neither.
  const last = await ask<CreatedKey>('POST', `/api/v1/keys/${id}/rotate`, { overlapSeconds: 60 });
  expect([(await chat(second)).status, (await chat(rotated.key)).status, (await chat(last.key)).status]).toEqual([
    401, 200, 200,
  ]);
  await ask('DELETE', `/api/v1/keys/${id}`);
  expect([(await chat(rotated.key)).status, (await chat(last.key)).status]).toEqual([401, 401]);
  expect((await ask('POST', `/api/v1/keys/${id}/rotate`, { overlapSeconds: -1 })).status).toBe(400);
});

test('the last use of a key is noted', async () => {
  const { id, key } = await create({});
  expect((await ask<Key>('GET', `/api/v1/keys/${id}`)).lastUsedAt).toBeNull();
  await chat(key);
  for (let tries = 0; tries < 100; tries++) {
    const { lastUsedAt } = await ask<Key>('GET', `/api/v1/keys/${id}`);
    if (lastUsedAt !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The use of the key was not noted.');
});

const forms = (key: string): [string, string, Record<string, string>][] => [
  ['authorization', '', { authorization: `Bearer ${key}` }],
  ['bare authorization', '', { authorization: key }],
  ['x-api-key', '', { 'x-api-key': key }],
  ['x-goog-api-key', '', { 'x-goog-api-key': key }],
  ['?key=', `?key=${key}`, {}],
];

/** The status of each dialect with the key in each header form: all the same, or the list of what differs. */
async function everywhere(key: string, model: string, only: readonly (typeof dialects)[number][] = dialects) {
  const found = new Map<number, string[]>();
  for (const dialect of only) {
    for (const [form, query, headers] of forms(key)) {
      const { status } = await fetch(gateway.url + pathOf(dialect, model, false) + query, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(chatBody(dialect, model, false)),
      });
      found.set(status, [...(found.get(status) ?? []), `${dialect} ${form}`]);
    }
  }
  return Object.fromEntries(found);
}

test('models and groups hold in every dialect and for every form of the key, aliases included', async () => {
  const { key } = await create({ models: [small], scopes: { groups: ['writers'] } });
  const all = dialects.flatMap((dialect) => forms('').map(([form]) => `${dialect} ${form}`));
  for (const model of [small, 'group/writers', 'prose']) expect(await everywhere(key, model)).toEqual({ 200: all });
  for (const model of ['sandbox/sandbox-large', 'group/others', 'talk'])
    expect(await everywhere(key, model)).toEqual({ 403: all });
  const { data } = await ask<{ data: { id: string }[] }>('GET', '/v1/models', undefined, key);
  expect(data.map(({ id }) => id).sort()).toEqual(['group/writers', small]);
});

test('a dialect that the key is not for is refused before the body is read, for every form of the key', async () => {
  const { key } = await create({ scopes: { dialects: ['anthropic-messages', 'gemini'] } });
  const others = ['openai-chat', 'openai-responses'] as const;
  const expected = others.flatMap((dialect) => forms('').map(([form]) => `${dialect} ${form}`));
  expect(await everywhere(key, small, others)).toEqual({ 403: expected });
  expect(Object.keys(await everywhere(key, small, ['anthropic-messages', 'gemini']))).toEqual(['200']);
  // A body that nobody would take is not looked at.
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: '{',
  });
  expect(response.status).toBe(403);
});

test('a key works on its routes only, whatever form the path has', async () => {
  const { key } = await create({ role: 'admin', scopes: { routes: ['/v1/embeddings', '/api/v1/usage*'] } });
  expect((await ask('GET', '/api/v1/usage?by=key', undefined, key)).status).toBe(200);
  const embed = { model: 'sandbox/sandbox-embed', input: 'x' };
  expect((await ask('POST', '/v1/embeddings', embed, key)).status).not.toBe(403);
  for (const path of ['/api/v1/keys', '/v1/models', '/v1/responses/x'])
    expect({ path, status: (await ask('GET', path, undefined, key)).status }).toEqual({ path, status: 403 });
  expect((await chat(key)).status).toBe(403);

  for (const path of [
    '/api/v1/usage/../keys',
    '/api/v1/usage/..%2fkeys',
    '/api/v1/usage%2f..%2fkeys',
    '/api/v1/usage/%2e%2e/keys',
    '/api/v1/usage\\..\\keys',
    '//api/v1/keys',
    '/api/v1//keys',
    '/api/v1/%6beys',
    '/api/v1/usage?/../keys',
    '/api/v1/keys?x=/api/v1/usage',
    '/api/v1/keys#/api/v1/usage',
    'http://other/api/v1/keys',
  ]) {
    const answer = await rawRequest(
      gateway.url,
      `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 \d/);
    expect({ path, keys: answer.includes('"hint"') }).toEqual({ path, keys: false });
  }
});

test('a key with an allow-list works from there only: 403 from elsewhere, 401 for an unknown key', async () => {
  const { key } = await create({ role: 'admin', addresses: ['192.0.2.0/24', '2001:db8::/32'] });
  const from = async (forwarded: string, used = key) =>
    (await chat(used, { headers: { 'x-forwarded-for': forwarded } })).status;
  expect(await from('192.0.2.77')).toBe(200);
  expect(await from('2001:db8::7')).toBe(200);
  expect(await from('::ffff:192.0.2.77')).toBe(200);
  expect(await from('198.51.100.1')).toBe(403);
  expect(await from('192.0.2.77, 198.51.100.1')).toBe(403);
  expect(await from('nonsense')).toBe(403);
  expect((await chat(key)).status).toBe(403);
  expect(await from('192.0.2.77', `${key.slice(0, -1)}x`)).toBe(401);
  // The platform API and the lists ask the same.
  expect((await ask('GET', '/api/v1/keys', undefined, key)).status).toBe(403);
  expect((await ask('GET', '/v1/models', undefined, key)).status).toBe(403);
  const local = await create({ addresses: ['127.0.0.0/8', '::1'] });
  expect((await chat(local.key)).status).toBe(200);
});

test('nobody makes, widens or renews a key that may do more than their own', async () => {
  const own = await create({
    role: 'admin',
    models: ['sandbox/*'],
    scopes: { groups: ['writers'], dialects: ['openai-*'] },
    addresses: ['127.0.0.0/8'],
    tags: ['cost:a'],
    expiresAt: '2090-01-01T00:00:00.000Z',
  });
  const less = {
    models: [small],
    addresses: ['127.0.0.1'],
    tags: ['cost:a', 'x'],
    expiresAt: '2080-01-01T00:00:00.000Z',
  };
  const made = await create({ ...less, scopes: { dialects: ['openai-chat'] } }, own.key);
  expect(made).toMatchObject({ status: 201, ...less, scopes: { groups: ['writers'], dialects: ['openai-chat'] } });
  // What is not said is inherited.
  expect(await create({}, own.key)).toMatchObject({
    status: 201,
    models: ['sandbox/*'],
    scopes: { groups: ['writers'], dialects: ['openai-*'] },
    addresses: ['127.0.0.0/8'],
    tags: ['cost:a'],
    expiresAt: '2090-01-01T00:00:00.000Z',
  });

  const more: [string, object][] = [
    ['role', { role: 'owner' }],
    ['models', { models: ['*'] }],
    ['models', { models: ['other/model'] }],
    ['scopes.groups', { scopes: { groups: ['*'] } }],
    ['scopes.dialects', { scopes: { dialects: ['gemini'] } }],
    ['addresses', { addresses: ['0.0.0.0/0'] }],
    ['expiresAt', { expiresAt: '2099-01-01T00:00:00Z' }],
  ];
  for (const [param, wish] of more)
    expect(await create(wish, own.key)).toMatchObject({ status: 403, code: 'forbidden', param });
  const changes: [string, object][] = [
    ...more,
    ['models', { models: null }],
    ['scopes.groups', { scopes: null }],
    ['addresses', { addresses: null }],
    ['tags', { tags: [] }],
    ['expiresAt', { expiresAt: null }],
  ];
  for (const id of [made.id, own.id]) {
    const before = await ask('GET', `/api/v1/keys/${id}`);
    // Scopes are replaced whole, so that what is left out is asked for too.
    for (const [param, change] of changes)
      expect(await ask('PATCH', `/api/v1/keys/${id}`, change, own.key)).toMatchObject({
        status: 403,
        param: param.startsWith('scopes') ? expect.stringMatching(/^scopes\./) : param,
      });
    expect(await ask('GET', `/api/v1/keys/${id}`)).toEqual(before);
  }

  // The secret of a greater key would be more than one's own.
  const greater = await create({ role: 'owner' });
  expect((await ask('POST', `/api/v1/keys/${greater.id}/rotate`, {}, own.key)).status).toBe(403);
  expect((await ask('PATCH', `/api/v1/keys/${greater.id}`, { name: 'mine' }, own.key)).status).toBe(403);
  expect((await chat(greater.key)).status).toBe(200);
  expect((await ask('POST', `/api/v1/keys/${made.id}/rotate`, {}, own.key)).status).toBe(200);
});

test('owners must be there, and only operators reach into other organisations', async () => {
  expect(await create({ userId: 'user_nobody' })).toMatchObject({ status: 404, param: 'userId' });
  expect(await create({ teamId: 'team_nobody' })).toMatchObject({ status: 404, param: 'teamId' });
  expect(await create({ organisationId: 'org_nobody' })).toMatchObject({ status: 404, param: 'organisationId' });
  const admin = await create({ role: 'admin' });
  expect(await create({ organisationId: 'org_other' }, admin.key)).toMatchObject({ status: 404 });
  expect(await create({}, (await create({ role: 'member' })).key)).toMatchObject({ status: 403 });
});
