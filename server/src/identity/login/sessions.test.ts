import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser } from '../../../test/support/browser.ts';
import { databaseTimeoutMs } from '../../../test/support/databases.ts';
import { ada, type LoginGateway, loginGateway, password } from '../../../test/support/login.ts';
import { sessions } from '../../store/schema.ts';

let gateway: LoginGateway;
beforeAll(async () => {
  gateway = await loginGateway();
}, databaseTimeoutMs);
afterAll(() => gateway.stop());

const me = async (browser: Browser) => (await browser.get('/api/v1/me')).json() as Promise<{ userId: string }>;
const list = async (browser: Browser, query = '') =>
  (
    (await (await browser.get(`/api/v1/sessions${query}`)).json()) as {
      data: { id: string; userId: string; current: boolean }[];
    }
  ).data;
const asOperator = (method: string, path: string, body?: object) =>
  gateway.fetch(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

test('somebody sees and ends their own sessions, and nobody elses', async () => {
  await gateway.join({ name: 'Mia', email: 'mia@example.com' });
  await gateway.join({ name: 'Noa', email: 'noa@example.com' });
  const [mia, phone, noa] = [
    await gateway.loggedIn('mia@example.com'),
    await gateway.loggedIn('mia@example.com'),
    await gateway.loggedIn('noa@example.com'),
  ];
  const mine = await list(mia);
  const { userId } = await me(mia);
  expect(new Set(mine.map((session) => session.userId))).toEqual(new Set([userId]));
  expect(mine.filter(({ current }) => current)).toHaveLength(1);
  const onPhone = (await list(phone)).find(({ current }) => current)!;
  // Another member learns not even that it is there.
  expect((await noa.send(`/api/v1/sessions/${onPhone.id}`, { method: 'DELETE' })).status).toBe(404);
  expect((await noa.get('/api/v1/sessions?all=true')).status).toBe(403);
  expect((await mia.send(`/api/v1/sessions/${onPhone.id}`, { method: 'DELETE' })).status).toBe(200);
  expect((await phone.get('/api/v1/me')).status).toBe(401);
  expect((await mia.get('/api/v1/me')).status).toBe(200);
  const owner = await gateway.loggedIn(ada.email);
  const all = await list(owner, '?all=true');
  const noas = all.find((session) => session.userId !== userId && !session.current)!;
  expect((await owner.send(`/api/v1/sessions/${noas.id}`, { method: 'DELETE' })).status).toBe(200);
  expect((await gateway.audit()).filter(({ action }) => action === 'session.delete')).toHaveLength(2);
});

test('whoever is suspended is out at once, their sessions are gone, and they cannot log in', async () => {
  await gateway.join({ name: 'Sus', email: 'sus@example.com' });
  const browser = await gateway.loggedIn('sus@example.com');
  const { userId } = await me(browser);
  expect((await asOperator('PATCH', `/api/v1/users/${userId}`, { status: 'suspended' })).status).toBe(200);
  expect((await browser.get('/api/v1/me')).status).toBe(401);
  const left = await (await gateway.sql()).select().from(sessions);
  expect(left.filter((session) => session.userId === userId)).toEqual([]);
  const again = await gateway.browser().post('/api/auth/sign-in/email', { email: 'sus@example.com', password });
  expect([again.status, await again.json()]).toMatchObject([403, { code: 'ACCOUNT_SUSPENDED' }]);
  expect((await gateway.audit()).at(-1)).toMatchObject({
    action: 'login.failed',
    detail: { reason: 'ACCOUNT_SUSPENDED' },
  });
});

test('a session changes things only from pages of this origin', async () => {
  const browser = await gateway.loggedIn(ada.email);
  const write = (headers: Record<string, string>, path = '/api/v1/keys', body = '{"name":"k"}') =>
    fetch(gateway.url + path, {
      method: 'POST',
      body,
      headers: { cookie: browser.cookies(), 'content-type': 'application/json', ...headers },
    });
  const chat = '{"model":"sandbox/sandbox-small","messages":[{"role":"user","content":"hi"}]}';
  const foreign = [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: gateway.url.replace('127.0.0.1', 'localhost') },
    { origin: `${gateway.url}.evil.example` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  ];
  for (const headers of foreign) {
    expect([headers, (await write(headers as never)).status]).toEqual([headers, 403]);
    expect([headers, (await write(headers as never, '/v1/chat/completions', chat)).status]).toEqual([headers, 403]);
    expect([headers, (await write(headers as never, '/api/auth/sign-out', '{}')).status]).toEqual([headers, 403]);
  }
  expect((await write({ origin: gateway.url })).status).toBe(201);
  expect((await write({ 'sec-fetch-site': 'same-origin' })).status).toBe(201);
  expect((await write({ origin: gateway.url }, '/v1/chat/completions', chat)).status).toBe(200);
  // A login brought about by another site would put somebody into the attacker's account.
  const login = JSON.stringify({ email: ada.email, password });
  const planted = await fetch(`${gateway.url}/api/auth/sign-in/email`, {
    method: 'POST',
    body: login,
    headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
  });
  expect([planted.status, planted.headers.getSetCookie()]).toEqual([403, []]);
});

test('a cookie that we did not sign opens nothing', async () => {
  const browser = await gateway.loggedIn(ada.email);
  const [row] = await (await gateway.sql()).select().from(sessions);
  const name = 'sluice.session_token';
  const real = decodeURIComponent(browser.jar.get(name)!);
  const signature = real.slice(real.lastIndexOf('.'));
  const values = [
    row!.token,
    `${row!.token}.`,
    `${row!.token}.AAAA`,
    `x${real}`,
    `${real}x`,
    `other${signature}`,
    '%E0%A4%A',
    '',
  ];
  for (const value of values) {
    const answer = await fetch(`${gateway.url}/api/v1/me`, { headers: { cookie: `${name}=${value}` } });
    expect([value, answer.status]).toEqual([value, 401]);
  }
});

test('a person acts in their first organisation or in the one they name, and in no foreign one', async () => {
  await gateway.join({ name: 'Two', email: 'two@example.com' });
  const made = await asOperator('POST', '/api/v1/organisations', { name: 'Second', slug: 'second' });
  const { id } = (await made.json()) as { id: string };
  const browser = await gateway.loggedIn('two@example.com');
  expect((await browser.get('/api/v1/me', { 'x-sluice-organisation': id })).status).toBe(404);
  const invited = await asOperator('POST', '/api/v1/invitations', {
    email: 'two@example.com',
    role: 'admin',
    organisationId: id,
  });
  const { token } = (await invited.json()) as { token: string };
  const stranger = await gateway.loggedIn(ada.email);
  expect((await stranger.post('/api/auth/accept-invitation', { token })).status).toBe(403);
  expect((await gateway.browser().post('/api/auth/accept-invitation', { token })).status).toBe(401);
  expect((await browser.post('/api/auth/accept-invitation', { token })).status).toBe(200);
  expect(await (await browser.get('/api/v1/me')).json()).toMatchObject({
    organisationId: 'org_default',
    role: 'member',
  });
  const there = await browser.get('/api/v1/me', { 'x-sluice-organisation': id });
  expect(await there.json()).toMatchObject({ organisationId: id, role: 'admin' });
});

test('a key that is sent counts, whatever cookie comes along', async () => {
  const browser = await gateway.loggedIn(ada.email);
  const wrong = await browser.get('/api/v1/me', { authorization: 'Bearer sl_live_wrong' });
  expect(wrong.status).toBe(401);
});
