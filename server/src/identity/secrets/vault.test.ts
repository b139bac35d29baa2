import { afterAll, beforeEach, expect, test } from 'bun:test';
import { SluiceError } from '../../core/sluice-error.ts';
import { parseReference } from './reference.ts';
import { createVault } from './vault.ts';

interface Seen {
  method: string;
  path: string;
  token: string | null;
  namespace: string | null;
  marked: string | null;
  body: unknown;
}
type Reply = { status?: number; body?: unknown; headers?: Record<string, string> };

let seen: Seen[] = [];
let replies: Record<string, (Reply | (() => Reply))[]> = {};

/** Plays Vault's answers, as its API documentation gives them; the last one of a path stays. */
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    seen.push({
      method: request.method,
      path: pathname,
      token: request.headers.get('x-vault-token'),
      namespace: request.headers.get('x-vault-namespace'),
      marked: request.headers.get('x-vault-request'),
      body: text === '' ? undefined : JSON.parse(text),
    });
    const queue = replies[pathname] ?? [];
    const next = queue.length > 1 ? queue.shift() : queue[0];
    const {
      status = 200,
      body = {},
      headers,
    } = (typeof next === 'function' ? next() : next) ?? { status: 404, body: { errors: [] } };
    return Response.json(body, { status, ...(headers && { headers }) });
  },
});
const address = `http://127.0.0.1:${server.port}`;
afterAll(() => server.stop(true));
beforeEach(() => {
  seen = [];
  replies = {};
});

// In the form of https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#sample-response-1
const secretOf = (data: unknown) => ({
  request_id: '6cc0f6c3-7e84-a5c8-ef2a-9a0f3bd2d8ba',
  lease_id: '',
  renewable: false,
  lease_duration: 0,
  data: {
    data,
    metadata: {
      created_time: '2018-03-22T02:24:06.945319214Z',
      custom_metadata: { owner: 'jdoe' },
      deletion_time: '',
      destroyed: false,
      version: 2,
    },
  },
  wrap_info: null,
  warnings: null,
  auth: null,
});
// In the form of https://developer.hashicorp.com/vault/api-docs/auth/approle#login-with-approle
const login = (token: string, seconds = 1200, renewable = true) => ({
  body: {
    auth: {
      renewable,
      lease_duration: seconds,
      metadata: null,
      token_policies: ['default'],
      accessor: 'fd6c9a00-d2dc-3b11-0be5-af7ae0e1d374',
      client_token: token,
    },
    warnings: null,
    wrap_info: null,
    data: null,
    lease_duration: 0,
    renewable: false,
    lease_id: '',
  },
});
// In the form of https://developer.hashicorp.com/vault/api-docs/auth/token#lookup-a-token-self
const lookup = (ttl: number, renewable: boolean) => ({
  body: {
    data: {
      accessor: '8609694a-cdbc-db9b-d345-e782dbb562ed',
      creation_time: 1523979354,
      creation_ttl: 2764800,
      display_name: 'ldap2-tesla',
      entity_id: '7d2e3179-f69b-450c-7179-ac8ee8bd8ca9',
      expire_time: '2018-05-19T11:35:54.466476215-04:00',
      explicit_max_ttl: 0,
      id: 'cf64a70b-3a12-3f6c-791d-6cef6d390eed',
      num_uses: 0,
      orphan: true,
      path: 'auth/ldap2/login/tesla',
      policies: ['default', 'testgroup2-policy'],
      renewable,
      ttl,
    },
  },
});
const denied = { status: 403, body: { errors: ['1 error occurred:\n\t* permission denied\n\n'] } };

let clockMs = 0;
const vault = (environment: Record<string, string>) =>
  createVault({
    environment: { VAULT_ADDR: address, ...environment },
    send: (request) => fetch(request),
    nowMs: () => clockMs,
  });
const withToken = { VAULT_TOKEN: 's.given-token' };
const withRole = { VAULT_ROLE_ID: 'role-1', VAULT_SECRET_ID: 'secret-id-1' };
const read = (reader: ReturnType<typeof vault>, text: string) => reader(parseReference(text)!);
const paths = () => seen.map(({ method, path }) => `${method} ${path}`);

async function refusal(promise: Promise<string>): Promise<string> {
  const error: unknown = await promise.then(
    (value) => new Error(`gave ${value}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SluiceError);
  expect((error as SluiceError).code).toBe('unavailable');
  return (error as SluiceError).message;
}

test('a field of a KV version 2 secret is read with the token that was given', async () => {
  replies['/v1/auth/token/lookup-self'] = [lookup(0, false)];
  replies['/v1/secret/data/openai'] = [{ body: secretOf({ key: 'sk-from-vault', port: 8200 }) }];
  const reader = vault({ ...withToken, VAULT_NAMESPACE: 'team-a' });
  expect(await read(reader, 'vault:secret/openai#key')).toBe('sk-from-vault');
  expect(await read(reader, 'vault:secret/openai#port')).toBe('8200');
  expect(seen.at(-1)).toEqual({
    method: 'GET',
    path: '/v1/secret/data/openai',
    token: 's.given-token',
    namespace: 'team-a',
    marked: 'true',
    body: undefined,
  });
  // One look at the token, and one reading each.
  expect(paths().filter((path) => path.includes('lookup'))).toHaveLength(1);
});

test('a mount of several parts is told by writing data where it belongs; every part is escaped', async () => {
  replies['/v1/auth/token/lookup-self'] = [denied];
  replies['/v1/team/kv/data/a/b'] = [{ body: secretOf({ key: 'one' }) }];
  replies['/v1/kv/data/a%20b%3Fx'] = [{ body: secretOf({ key: 'two' }) }];
  expect(await read(vault(withToken), 'vault:team/kv/data/a/b#key')).toBe('one');
  expect(await read(vault(withToken), 'vault:kv/a b?x#key')).toBe('two');
  for (const path of ['vault:secret#key', 'vault:secret/../sys/seal#key', 'vault:secret/openai'])
    expect(await refusal(read(vault(withToken), path))).toContain('need');
});

test('AppRole logs in once, however many ask, and again when two thirds of a lease that cannot be renewed are over', async () => {
  replies['/v1/auth/approle/login'] = [login('hvs.first', 1200, false), login('hvs.second', 1200, false)];
  replies['/v1/secret/data/a'] = [{ body: secretOf({ key: 'x' }) }];
  const reader = vault(withRole);
  clockMs = 0;
  await Promise.all(Array.from({ length: 5 }, () => read(reader, 'vault:secret/a#key')));
  expect(paths().filter((path) => path.includes('login'))).toHaveLength(1);
  expect(seen[0]).toMatchObject({ method: 'POST', token: null, body: { role_id: 'role-1', secret_id: 'secret-id-1' } });
  clockMs = 799_000;
  await read(reader, 'vault:secret/a#key');
  expect(seen.at(-1)!.token).toBe('hvs.first');
  clockMs = 801_000;
  await read(reader, 'vault:secret/a#key');
  expect(seen.at(-1)!.token).toBe('hvs.second');
});

test('a renewable token is renewed when two thirds of its lease are over', async () => {
  replies['/v1/auth/approle/login'] = [login('hvs.lasting', 900)];
  replies['/v1/auth/token/renew-self'] = [login('hvs.lasting', 900)];
  replies['/v1/secret/data/a'] = [{ body: secretOf({ key: 'x' }) }];
  const reader = vault(withRole);
  for (clockMs = 0; clockMs <= 3_000_000; clockMs += 610_000) await read(reader, 'vault:secret/a#key');
  expect(paths().filter((path) => path.includes('login'))).toHaveLength(1);
  expect(paths().filter((path) => path === 'POST /v1/auth/token/renew-self')).toHaveLength(4);
  // A renewal that is refused, or a lease that is over, means a new login.
  replies['/v1/auth/token/renew-self'] = [denied];
  clockMs += 610_000;
  await read(reader, 'vault:secret/a#key');
  expect(paths().filter((path) => path.includes('login'))).toHaveLength(2);
  const renewals = paths().filter((path) => path.includes('renew')).length;
  clockMs += 10_000_000;
  await read(reader, 'vault:secret/a#key');
  expect(paths().filter((path) => path.includes('renew'))).toHaveLength(renewals);
  expect(paths().filter((path) => path.includes('login'))).toHaveLength(3);
});

test('a token that was given is renewed by what its lookup says of it', async () => {
  clockMs = 0;
  replies['/v1/auth/token/lookup-self'] = [lookup(300, true)];
  replies['/v1/auth/token/renew-self'] = [login('s.given-token', 300)];
  replies['/v1/secret/data/a'] = [{ body: secretOf({ key: 'x' }) }];
  const reader = vault(withToken);
  await read(reader, 'vault:secret/a#key');
  clockMs = 201_000;
  await read(reader, 'vault:secret/a#key');
  expect(paths().filter((path) => path.includes('renew'))).toEqual(['POST /v1/auth/token/renew-self']);
});

test('a 403 in the middle of a lease means one new login and one more try', async () => {
  clockMs = 0;
  replies['/v1/auth/approle/login'] = [login('hvs.revoked'), login('hvs.new')];
  replies['/v1/secret/data/a'] = [denied, { body: secretOf({ key: 'again' }) }];
  expect(await read(vault(withRole), 'vault:secret/a#key')).toBe('again');
  expect(seen.filter(({ path }) => path.includes('/data/')).map(({ token }) => token)).toEqual([
    'hvs.revoked',
    'hvs.new',
  ]);

  seen = [];
  replies['/v1/secret/data/a'] = [denied];
  expect(await refusal(read(vault(withRole), 'vault:secret/a#key'))).toContain('permission denied');
  expect(seen.filter(({ path }) => path.includes('/data/'))).toHaveLength(2);
});

test('a standby node that points elsewhere is followed once', async () => {
  replies['/v1/auth/token/lookup-self'] = [lookup(0, false)];
  replies['/v1/secret/data/a'] = [{ status: 307, headers: { location: `${address}/v1/active/secret/data/a` } }];
  replies['/v1/active/secret/data/a'] = [{ body: secretOf({ key: 'from the active node' }) }];
  expect(await read(vault(withToken), 'vault:secret/a#key')).toBe('from the active node');
});

test.each([
  ['sealed', { status: 503, body: { errors: ['Vault is sealed'] } }, 'Vault is sealed'],
  ['without the secret', { status: 404, body: { errors: [] } }, 'has no secret'],
  [
    'with a deleted version',
    {
      status: 404,
      body: { data: { data: null, metadata: { deletion_time: '2018-03-22T02:36:43Z', destroyed: false, version: 2 } } },
    },
    'has no secret',
  ],
  ['limiting', { status: 429, body: { errors: ['request path: rate limit quota exceeded'] } }, 'status 429'],
  ['of KV version 1', { body: { data: { key: 'sk-old-secret-1' } } }, 'no secret of KV version 2'],
  ['without the field', { body: secretOf({ other: 'sk-other-secret-2' }) }, 'has no field "key"'],
  ['no Vault at all', { body: '<html>' }, 'no secret of KV version 2'],
])('a Vault that is %s is told in words without a secret', async (_what, reply, words) => {
  replies['/v1/auth/token/lookup-self'] = [lookup(0, false)];
  replies['/v1/secret/data/a'] = [reply];
  const message = await refusal(read(vault(withToken), 'vault:secret/a#key'));
  expect(message).toContain(words);
  expect(message).not.toMatch(/sk-|given-token/);
});

test('a refused AppRole, missing settings and an address where nobody answers are told apart', async () => {
  replies['/v1/auth/approle/login'] = [{ status: 400, body: { errors: ['invalid role or secret ID'] } }];
  const message = await refusal(read(vault(withRole), 'vault:secret/a#key'));
  expect(message).toContain('refused the AppRole (status 400: invalid role or secret ID)');
  expect(message).not.toContain('secret-id-1');
  expect(await refusal(read(vault({}), 'vault:secret/a#key'))).toContain('VAULT_TOKEN');
  expect(await refusal(read(vault({ ...withToken, VAULT_ADDR: '' }), 'vault:secret/a#key'))).toContain('VAULT_ADDR');
  const nobody = vault({ ...withToken, VAULT_ADDR: 'http://127.0.0.1:9' });
  expect(await refusal(read(nobody, 'vault:secret/a#key'))).toContain('could not be reached');
});

test('a custom mount of AppRole is used', async () => {
  clockMs = 0;
  replies['/v1/auth/teams/approle/login'] = [login('hvs.x')];
  replies['/v1/secret/data/a'] = [{ body: secretOf({ key: 'x' }) }];
  expect(await read(vault({ ...withRole, VAULT_APPROLE_PATH: '/teams/approle/' }), 'vault:secret/a#key')).toBe('x');
});
