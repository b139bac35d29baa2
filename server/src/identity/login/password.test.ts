import { afterAll, beforeAll, expect, test } from 'bun:test';
import { databaseKinds, databaseTimeoutMs } from '../../../test/support/databases.ts';
import { ada, type LoginGateway, loginGateway, password } from '../../../test/support/login.ts';

const gateways = new Map<string, LoginGateway>();
let gateway: LoginGateway;
beforeAll(async () => {
  for (const kind of databaseKinds) gateways.set(kind, await loginGateway({ kind }));
  gateway = gateways.get('embedded')!;
}, databaseTimeoutMs);
afterAll(async () => {
  for (const each of gateways.values()) await each.stop();
});

const code = async (response: Response) => [response.status, ((await response.json()) as { code?: string }).code];
const signIn = (email: string, secret: string) =>
  gateway.browser().post('/api/auth/sign-in/email', { email, password: secret });

test.each(databaseKinds)(
  'on %s: somebody logs in by password, is known by their cookie, and logs out',
  async (kind) => {
    const here = gateways.get(kind)!;
    const browser = await here.loggedIn('ADA@example.com');
    expect(await (await browser.get('/api/v1/me')).json()).toMatchObject({ kind: 'user', name: 'Ada', operator: true });
    expect((await browser.get('/v1/models')).status).toBe(200);
    const kept = browser.cookies();
    await browser.post('/api/auth/sign-out');
    expect((await browser.get('/api/v1/me')).status).toBe(401);
    expect((await here.fetch('/api/v1/me', { headers: { authorization: '', cookie: kept } })).status).toBe(401);
    expect((await here.audit()).map(({ action }) => action)).toEqual(['setup.complete', 'login.succeeded', 'logout']);
  },
);

test('the cookie is for this host and HTTP only, lax, and new at every login', async () => {
  const first = await gateway.browser().post('/api/auth/sign-in/email', { email: ada.email, password });
  const [cookie = ''] = first.headers.getSetCookie();
  expect(cookie).toMatch(/^sluice\.session_token=.+; Path=\/; HttpOnly; SameSite=Lax$/);
  expect(cookie).not.toContain('Domain');
  const browser = await gateway.loggedIn(ada.email);
  const before = browser.cookies();
  await browser.post('/api/auth/sign-in/email', { email: ada.email, password });
  expect(browser.cookies()).not.toBe(before);
  // What was planted before the login is worth nothing after it.
  expect((await gateway.fetch('/api/v1/me', { headers: { authorization: '', cookie: before } })).status).toBe(401);
});

test(
  'over TLS the cookie has the __Host- prefix, and the plain name is not taken',
  async () => {
    const safe = await loginGateway({ auth: { url: 'https://gateway.example/' } });
    try {
      const response = await safe
        .browser()
        .post('/api/auth/sign-in/email', { email: ada.email, password }, { origin: 'https://gateway.example' });
      const [cookie = ''] = response.headers.getSetCookie();
      expect(cookie).toMatch(/^__Host-sluice\.session_token=.+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      const value = cookie.split(';')[0]!;
      const me = (sent: string) => safe.fetch('/api/v1/me', { headers: { authorization: '', cookie: sent } });
      expect((await me(value)).status).toBe(200);
      expect((await me(value.replace('__Host-', ''))).status).toBe(401);
    } finally {
      await safe.stop();
    }
  },
  databaseTimeoutMs,
);

test('a wrong password and an unknown address are told apart by nobody, and both are written down', async () => {
  const wrong = await signIn(ada.email, 'not my password');
  const unknown = await signIn('nobody@example.com', 'not my password');
  expect(await code(wrong)).toEqual([401, 'INVALID_EMAIL_OR_PASSWORD']);
  expect(await code(unknown)).toEqual([401, 'INVALID_EMAIL_OR_PASSWORD']);
  const [first, second] = (await gateway.audit()).slice(-2);
  expect(first).toMatchObject({ action: 'login.failed', detail: { method: 'password', address: '127.0.0.1' } });
  expect(first!.targetId).toStartWith('user_');
  expect(second).toMatchObject({
    action: 'login.failed',
    targetId: 'unknown',
    detail: { email: 'nobody@example.com' },
  });
  expect(JSON.stringify([first, second])).not.toContain('not my password');
});

test('who keeps guessing is stopped, whatever they call themselves, and nobody else is', async () => {
  await gateway.join({ name: 'Target', email: 'target@example.com' });
  const tries: number[] = [];
  for (let index = 0; index < 12; index++) {
    const response = await gateway
      .browser()
      .post(
        '/api/auth/sign-in/email',
        { email: 'target@example.com', password: `guess number ${index}` },
        { 'x-forwarded-for': `203.0.113.${index}`, 'x-sluice-caller-address': `203.0.113.${index}` },
      );
    tries.push(response.status);
  }
  expect(tries.slice(0, 10)).toEqual(Array(10).fill(401));
  expect(tries.slice(10)).toEqual([429, 429]);
  const last = await signIn('target@example.com', password);
  expect([last.status, Number(last.headers.get('retry-after')) > 0]).toEqual([429, true]);
  expect((await signIn(ada.email, password)).status).toBe(200);
});

test('nobody signs up uninvited, nor with an invitation of another address, and an invitation works once', async () => {
  const eve = { name: 'Eve', email: 'eve@example.com', password };
  const signUp = (body: object) => gateway.browser().post('/api/auth/sign-up/email', body);
  expect(await code(await signUp(eve))).toEqual([403, 'INVITATION_REQUIRED']);
  expect(await code(await signUp({ ...eve, invitation: 'sl_invite_made-up' }))).toEqual([403, 'INVITATION_NOT_OPEN']);
  const invited = await gateway.fetch('/api/v1/invitations', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'bob@example.com', role: 'admin' }),
  });
  const { token: invitation } = (await invited.json()) as { token: string };
  expect(await code(await signUp({ ...eve, invitation }))).toEqual([403, 'INVITATION_NOT_OPEN']);
  const peeked = await gateway.browser().post('/api/auth/invitation', { token: invitation });
  expect(await peeked.json()).toMatchObject({ email: 'bob@example.com', organisation: { name: 'Default' } });
  const browser = gateway.browser();
  const bob = { name: 'Bob', email: 'bob@example.com', password, invitation };
  expect((await browser.post('/api/auth/sign-up/email', bob)).status).toBe(200);
  expect(await (await browser.get('/api/v1/me')).json()).toMatchObject({ name: 'Bob', role: 'admin', operator: false });
  expect((await signUp({ ...bob, email: 'bob2@example.com' })).status).toBe(403);
});

test('columns that are not theirs stay as they are, whatever somebody sends', async () => {
  await gateway.join({ name: 'Low', email: 'low@example.com' });
  const browser = await gateway.loggedIn('low@example.com');
  const before = await (await gateway.sql()).query.users.findFirst({
    where: (row, { eq }) => eq(row.email, 'low@example.com'),
  });
  const columns = {
    operator: true,
    status: 'active',
    emailVerified: false,
    twoFactorEnabled: true,
    id: 'user_other',
    email: 'ada2@example.com',
    role: 'owner',
  };
  for (const [name, value] of Object.entries(columns)) await browser.post('/api/auth/update-user', { [name]: value });
  await browser.post('/api/auth/update-user', { name: 'Lower', ...columns });
  const after = await (await gateway.sql()).query.users.findFirst({ where: (row, { eq }) => eq(row.id, before!.id) });
  expect({ ...after, name: 'Low', updatedAt: before!.updatedAt }).toEqual(before!);
  expect(await (await browser.get('/api/v1/me')).json()).toMatchObject({ role: 'member', operator: false });
});

test('a changed password ends every session but the one that changed it', async () => {
  await gateway.join({ name: 'Carol', email: 'carol@example.com' });
  const other = await gateway.loggedIn('carol@example.com');
  const browser = await gateway.loggedIn('carol@example.com');
  expect((await other.get('/api/v1/me')).status).toBe(200);
  const body = { currentPassword: password, newPassword: 'another password', revokeOtherSessions: false };
  expect((await browser.post('/api/auth/change-password', body)).status).toBe(200);
  expect((await other.get('/api/v1/me')).status).toBe(401);
  expect((await browser.get('/api/v1/me')).status).toBe(200);
  expect((await signIn('carol@example.com', password)).status).toBe(401);
  expect((await signIn('carol@example.com', 'another password')).status).toBe(200);
});

test('an administrator hands out a way to a new password, which works once and ends all sessions', async () => {
  await gateway.join({ name: 'Dan', email: 'dan@example.com' });
  const browser = await gateway.loggedIn('dan@example.com');
  const { userId } = (await (await browser.get('/api/v1/me')).json()) as { userId: string };
  const asked = await gateway.fetch(`/api/v1/users/${userId}/password-reset`, { method: 'POST' });
  const { token, url } = (await asked.json()) as { token: string; url: string };
  expect(url).toContain(token);
  const reset = (newPassword: string) => gateway.browser().post('/api/auth/reset-password', { token, newPassword });
  expect((await reset('brand new password')).status).toBe(200);
  expect((await browser.get('/api/v1/me')).status).toBe(401);
  expect((await reset('a third password')).status).toBe(400);
  expect((await signIn('dan@example.com', 'brand new password')).status).toBe(200);
  expect(JSON.stringify(await gateway.audit())).not.toContain(token);
});

test('who may do less cannot give themselves the password of who may do more', async () => {
  await gateway.join({ name: 'Admin', email: 'admin@example.com', role: 'admin' });
  const admin = await gateway.loggedIn('admin@example.com');
  const users = (await (await gateway.fetch('/api/v1/users')).json()) as { data: { id: string; email: string }[] };
  const idOf = (email: string) => users.data.find((user) => user.email === email)!.id;
  expect((await admin.post(`/api/v1/users/${idOf(ada.email)}/password-reset`)).status).toBe(403);
  expect((await admin.post(`/api/v1/users/${idOf('low@example.com')}/password-reset`)).status).toBe(201);
  const low = await gateway.loggedIn('low@example.com');
  expect((await low.post(`/api/v1/users/${idOf(ada.email)}/password-reset`)).status).toBe(403);
});

test(
  'logging in reaches out to nobody',
  async () => {
    const asked: string[] = [];
    const real = globalThis.fetch;
    globalThis.fetch = Object.assign(
      (input: string | URL | Request, init?: RequestInit) => {
        asked.push(input instanceof Request ? input.url : String(input));
        return real(input, init);
      },
      { preconnect: real.preconnect },
    );
    try {
      const quiet = await loginGateway();
      const browser = await quiet.loggedIn(ada.email);
      await browser.get('/api/auth/get-session');
      await quiet.stop();
      expect(asked.length).toBeGreaterThan(2);
      expect(asked.filter((url) => !url.startsWith(quiet.url))).toEqual([]);
    } finally {
      globalThis.fetch = real;
    }
  },
  databaseTimeoutMs,
);

test('what is not served by us is not served at all, and no form is taken', async () => {
  const browser = await gateway.loggedIn(ada.email);
  for (const path of [
    '/list-sessions',
    '/revoke-sessions',
    '/delete-user',
    '/change-email',
    '/get-access-token',
    '/ok',
  ]) {
    expect([path, (await browser.get(`/api/auth${path}`)).status]).toEqual([path, 404]);
    expect([path, (await browser.post(`/api/auth${path}`)).status]).toEqual([path, 404]);
  }
  const form = await browser.send('/api/auth/sign-in/email', {
    method: 'POST',
    body: `email=${ada.email}&password=x`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(form.status).toBe(415);
});
