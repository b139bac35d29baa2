import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { exportSPKI, generateKeyPair } from 'jose';
import { databaseTimeoutMs } from '../../../test/support/databases.ts';
import { type FakeIssuer, fakeIssuer } from '../../../test/support/fake-issuer.ts';
import { ada, type LoginGateway, loginGateway } from '../../../test/support/login.ts';

let issuer: FakeIssuer;
let other: FakeIssuer;
let down: FakeIssuer;
let gateway: LoginGateway;
const roles = { claims: { role: 'realm_access.roles' }, roles: { staff: 'member', chiefs: 'admin' } };

beforeAll(async () => {
  [issuer, other, down] = await Promise.all([fakeIssuer(), fakeIssuer(), fakeIssuer()]);
  const entry = ({ issuer: url }: FakeIssuer) => ({ issuer: url, audience: 'sluice-api', algorithms: ['RS256'] });
  gateway = await loginGateway({
    auth: {
      oidc: [
        { id: 'work', issuer: issuer.issuer, clientId: issuer.clientId, clientSecret: issuer.clientSecret, join: {} },
      ],
      issuers: [
        { ...entry(issuer), ...roles },
        { ...entry(other), jwks: `${other.issuer}/keys`, claims: { organisation: 'org' }, roles: { '*': 'viewer' } },
        { ...entry(down), roles: { '*': 'member' } },
      ],
    },
  });
}, databaseTimeoutMs);
afterAll(async () => {
  await gateway.stop();
  await Promise.all([issuer.close(), other.close(), down.close()]);
});

const ask = (token: string, path = '/api/v1/me', headers: Record<string, string> = {}) =>
  fetch(gateway.url + path, { headers: { authorization: `Bearer ${token}`, ...headers } });
const problem = async (response: Response) => ({ status: response.status, ...((await response.json()) as object) });
const staff = { realm_access: { roles: ['staff'] } };
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = (over: object = {}) => ({
  iss: issuer.issuer,
  aud: 'sluice-api',
  sub: 'robot',
  exp: Math.floor(Date.now() / 1000) + 300,
  ...staff,
  ...over,
});

test('a token of a configured issuer is taken in the place of a key, with the role that its claim stands for', async () => {
  const token = await issuer.token({ ...staff, email: 'robot@example.com' });
  expect(await (await ask(token)).json()).toMatchObject({
    kind: 'token',
    id: `token:${issuer.issuer}#robot`,
    name: 'robot@example.com',
    organisationId: 'org_default',
    role: 'member',
    operator: false,
    permissions: ['models:use', 'keys:own', 'usage:own'],
  });
  const chat = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'x-api-key': token, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sandbox/sandbox-small', messages: [{ role: 'user', content: 'hi' }] }),
  });
  expect(chat.status).toBe(200);
  expect((await ask(token, '/api/v1/users')).status).toBe(403);
  const chief = await issuer.token({ sub: 'chief', realm_access: { roles: ['chiefs'] } });
  expect((await ask(chief, '/api/v1/users')).status).toBe(200);
});

test('a token that stands for no role is refused, however valid', async () => {
  const nobody = await issuer.token({ sub: 'nobody', realm_access: { roles: ['guests', '__proto__', 'constructor'] } });
  expect(await problem(await ask(nobody))).toMatchObject({ status: 403, code: 'forbidden' });
  // The star of one issuer is no claim that can be made.
  const star = await issuer.token({ sub: 'star', realm_access: { roles: ['*'] } });
  expect((await ask(star)).status).toBe(403);
});

test('a token of somebody who logs in at the issuer is theirs, without the power over the gateway', async () => {
  issuer.is({ sub: 'grace-1', email: 'grace@example.com', name: 'Grace' });
  const browser = gateway.browser();
  const began = await browser.post('/api/auth/sign-in/social', { provider: 'work', callbackURL: '/' });
  const { url } = (await began.json()) as { url: string };
  await browser.get((await fetch(url, { redirect: 'manual' })).headers.get('location')!);
  const { userId } = (await (await browser.get('/api/v1/me')).json()) as { userId: string };
  const mine = await (await ask(await issuer.token({ sub: 'grace-1' }))).json();
  expect(mine).toMatchObject({ kind: 'token', userId, role: 'member', name: 'Grace' });
  // The same subject of another issuer is somebody else.
  const theirs = await (await ask(await other.token({ sub: 'grace-1', org: 'default' }))).json();
  expect(theirs).toMatchObject({ id: `token:${other.issuer}#grace-1`, userId: null, role: 'viewer' });
  // Suspended, the token is worth nothing either.
  await gateway.fetch(`/api/v1/users/${userId}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'suspended' }),
  });
  expect((await ask(await issuer.token({ sub: 'grace-1' }))).status).toBe(401);
});

test('the organisation is that of the claim, and no other can be asked for', async () => {
  const token = await other.token({ sub: 'x', org: 'default' });
  expect((await ask(token, '/api/v1/me', { 'x-sluice-organisation': 'org_default' })).status).toBe(200);
  expect((await ask(token, '/api/v1/me', { 'x-sluice-organisation': 'org_other' })).status).toBe(404);
  for (const org of ['org_gone', undefined]) expect((await ask(await other.token({ sub: 'x', org }))).status).toBe(401);
});

test('no signature, a shared secret, or another key: 401', async () => {
  const spki = await exportSPKI(issuer.publicKey);
  const body = encoded(claims());
  const unsigned = `${encoded({ alg: 'none', typ: 'JWT' })}.${body}`;
  const head = encoded({ alg: 'HS256', kid: 'key-1' });
  const hmac = createHmac('sha256', spki).update(`${head}.${body}`).digest('base64url');
  const stranger = await generateKeyPair('RS256');
  const pss = await generateKeyPair('PS256');
  const good = await issuer.sign(claims());
  const forged = [
    `${unsigned}.`,
    `${encoded({ alg: 'None' })}.${body}.`,
    `${head}.${body}.${hmac}`,
    await issuer.sign(claims(), {}, stranger.privateKey),
    await issuer.sign(claims(), { alg: 'PS256' }, pss.privateKey),
    `${good.slice(0, -6)}AAAAAA`,
    `${good.split('.')[0]}.${encoded(claims({ sub: 'admin' }))}.${good.split('.')[2]}`,
    'a.b.c',
    `${encoded({})}.${encoded([])}.x`,
  ];
  for (const token of forged) expect([token, (await ask(token)).status]).toEqual([token, 401]);
  expect((await ask(good)).status).toBe(200);
});

test.each([
  ['for another audience', { aud: 'another-api' }],
  ['without an audience', { aud: undefined }],
  ['that has ended', { exp: Math.floor(Date.now() / 1000) - 31 }],
  ['without an end', { exp: undefined }],
  ['that has not begun', { nbf: Math.floor(Date.now() / 1000) + 60 }],
  ['without a subject', { sub: undefined }],
  ['with an empty subject', { sub: '' }],
  ['of an issuer that nobody configured', { iss: 'https://accounts.example' }],
  ['that names no issuer', { iss: undefined }],
  ['of an issuer that is nearly ours', { iss: 'ours/' }],
])('a token %s: 401', async (_what, over) => {
  const iss = 'iss' in over && over.iss === 'ours/' ? { iss: `${issuer.issuer}/` } : {};
  const response = await ask(await issuer.sign(claims({ ...over, ...iss })));
  expect(await problem(response)).toMatchObject({ status: 401, code: 'invalid_key' });
});

test('clocks may differ by half a minute', async () => {
  const seconds = Math.floor(Date.now() / 1000);
  expect((await ask(await issuer.sign(claims({ exp: seconds - 15 })))).status).toBe(200);
  expect((await ask(await issuer.sign(claims({ nbf: seconds + 15 })))).status).toBe(200);
});

test("an issuer's token signed by another configured issuer is refused", async () => {
  expect((await ask(await other.sign(claims()))).status).toBe(401);
});

test('a storm of unknown key ids asks the issuer for its keys at most once more', async () => {
  await ask(await issuer.sign(claims()));
  const before = issuer.asked.keys;
  const tokens = await Promise.all(
    Array.from({ length: 100 }, (_, index) => issuer.sign(claims({ sub: `s${index}` }), { kid: `unknown-${index}` })),
  );
  for (const response of await Promise.all(tokens.map((token) => ask(token)))) expect(response.status).toBe(401);
  expect(issuer.asked.keys - before).toBeLessThanOrEqual(1);
});

test('an issuer whose keys cannot be had is no reason for 401, and is not stormed', async () => {
  down.takeKeysDown();
  const tokens = await Promise.all(Array.from({ length: 20 }, (_, index) => down.token({ sub: `s${index}` })));
  for (const response of await Promise.all(tokens.map((token) => ask(token)))) expect(response.status).toBe(503);
  expect(down.asked.keys).toBe(1);
});

test('a key or a person who is here is not mistaken for a token', async () => {
  expect((await gateway.fetch('/api/v1/me')).status).toBe(200);
  const browser = await gateway.loggedIn(ada.email);
  expect(await (await browser.get('/api/v1/me')).json()).toMatchObject({ kind: 'user' });
});
