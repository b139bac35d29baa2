import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import type { Browser } from '../../../test/support/browser.ts';
import { databaseKinds, databaseTimeoutMs } from '../../../test/support/databases.ts';
import { type FakeIssuer, fakeIssuer } from '../../../test/support/fake-issuer.ts';
import { ada, type LoginGateway, loginGateway } from '../../../test/support/login.ts';
import { accounts } from '../../store/schema.ts';

let issuer: FakeIssuer;
let other: FakeIssuer;
const gateways = new Map<string, LoginGateway>();

beforeAll(async () => {
  [issuer, other] = await Promise.all([fakeIssuer(), fakeIssuer()]);
  const entry = (id: string, { issuer: url, clientId, clientSecret }: FakeIssuer) => ({
    id,
    issuer: url,
    clientId,
    clientSecret,
  });
  const auth = { oidc: [{ ...entry('work', issuer), join: { role: 'viewer' } }, entry('closed', other)] };
  for (const kind of databaseKinds) gateways.set(kind, await loginGateway({ auth, kind }));
}, databaseTimeoutMs);
afterAll(async () => {
  for (const gateway of gateways.values()) await gateway.stop();
  await Promise.all([issuer.close(), other.close()]);
});
beforeEach(() => {
  issuer.forge((claims) => claims);
  other.forge((claims) => claims);
});

/** Goes to the issuer and comes back. */
async function logIn(browser: Browser, provider = 'work', body: object = {}, path = '/api/auth/sign-in/social') {
  const began = await browser.post(path, { provider, callbackURL: '/', ...body });
  const { url } = (await began.json()) as { url: string };
  const gone = await fetch(url, { redirect: 'manual' });
  return browser.get(gone.headers.get('location')!);
}

const me = async (browser: Browser) => (await browser.get('/api/v1/me')).json() as Promise<Record<string, unknown>>;

test.each(databaseKinds)(
  'on %s: an issuer of the operator logs somebody in with PKCE, state and nonce, and joins them where the file says',
  async (kind) => {
    const gateway = gateways.get(kind)!;
    issuer.is({ sub: 'grace-1', email: 'grace@example.com', email_verified: true, name: 'Grace' });
    const browser = gateway.browser();
    const back = await logIn(browser);
    expect([back.status, back.headers.get('location')]).toEqual([302, '/']);
    expect(await me(browser)).toMatchObject({ kind: 'user', name: 'Grace', role: 'viewer', operator: false });
    // Nothing that could be used at the issuer is kept.
    const rows = await (await gateway.sql()).select().from(accounts);
    expect(rows.find(({ accountId }) => accountId === `${issuer.issuer} grace-1`)).toMatchObject({
      providerId: 'work',
      accessToken: null,
      idToken: null,
    });
    // A second time it is the same person, whatever their address is by now.
    const { userId } = await me(browser);
    issuer.is({ sub: 'grace-1', email: 'hopper@example.com', email_verified: true, name: 'Grace' });
    const again = gateway.browser();
    await logIn(again);
    expect((await me(again)).userId).toBe(userId);
    const logins = (await gateway.audit()).filter(
      ({ action, targetId }) => action === 'login.succeeded' && targetId === userId,
    );
    expect(logins.map(({ detail }) => detail.method)).toEqual(['oidc', 'oidc']);
  },
);

test('an address proves nothing: who has the address of somebody here does not become them, verified or not', async () => {
  const gateway = gateways.get('embedded')!;
  for (const email_verified of [true, false]) {
    issuer.is({ sub: `mallory-${email_verified}`, email: ada.email, email_verified, name: 'Mallory' });
    const browser = gateway.browser();
    const back = await logIn(browser);
    expect(back.headers.get('location')).toContain('error=account_not_linked');
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  }
  expect((await gateway.audit()).at(-1)).toMatchObject({
    action: 'login.failed',
    detail: { reason: 'account_not_linked' },
  });
});

test('somebody who is logged in adds an issuer, and is then known by its subject', async () => {
  const gateway = gateways.get('embedded')!;
  const browser = await gateway.loggedIn(ada.email);
  other.is({ sub: 'ada-at-other', email: 'somewhere@else.example', name: 'A.' });
  const back = await logIn(browser, 'closed', {}, '/api/auth/link-social');
  expect(back.headers.get('location')).toBe('/');
  const later = gateway.browser();
  await logIn(later, 'closed');
  expect(await me(later)).toMatchObject({ name: 'Ada', operator: true });
  expect((await gateway.audit()).map(({ action }) => action)).toContain('account.link');
  // The same subject at another issuer is another person.
  issuer.is({ sub: 'ada-at-other', email: 'stranger@example.com', name: 'Stranger' });
  const stranger = gateway.browser();
  await logIn(stranger);
  expect(await me(stranger)).toMatchObject({ name: 'Stranger', operator: false });
});

test('an issuer that may not make people takes newcomers with an invitation only', async () => {
  const gateway = gateways.get('embedded')!;
  other.is({ sub: 'newcomer', email: 'new@example.com', email_verified: true, name: 'New' });
  const uninvited = await logIn(gateway.browser(), 'closed');
  expect(uninvited.headers.get('location')).toContain('error=INVITATION_REQUIRED');
  const invited = await gateway.fetch('/api/v1/invitations', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'new@example.com' }),
  });
  const { token: invitation } = (await invited.json()) as { token: string };
  other.is({ sub: 'thief', email: 'thief@example.com', email_verified: true, name: 'Thief' });
  const foreign = await logIn(gateway.browser(), 'closed', { additionalData: { invitation } });
  expect(foreign.headers.get('location')).toContain('error=INVITATION_NOT_OPEN');
  other.is({ sub: 'newcomer', email: 'new@example.com', email_verified: true, name: 'New' });
  const browser = gateway.browser();
  const back = await logIn(browser, 'closed', { additionalData: { invitation } });
  expect(back.headers.get('location')).toBe('/');
  expect(await me(browser)).toMatchObject({ name: 'New', role: 'member' });
});

test.each([
  ['another nonce', (claims: object) => ({ ...claims, nonce: 'of another login' })],
  ['no nonce', ({ nonce: _, ...claims }: { nonce?: string }) => claims],
  ['another audience', (claims: object) => ({ ...claims, aud: 'another-client' })],
  ['several audiences, given to another client', (claims: object) => ({ ...claims, aud: ['sluice', 'x'], azp: 'x' })],
  ['another issuer', (claims: object) => ({ ...claims, iss: 'https://accounts.example' })],
  ['a past end', (claims: object) => ({ ...claims, exp: Math.floor(Date.now() / 1000) - 31 })],
  ['no subject', ({ sub: _, ...claims }: { sub?: string }) => claims],
])('an ID token with %s logs nobody in', async (_what, change) => {
  const gateway = gateways.get('embedded')!;
  issuer.is({ sub: 'grace-1', email: 'grace@example.com', name: 'Grace' });
  issuer.forge(change as never);
  const browser = gateway.browser();
  const back = await logIn(browser);
  expect(back.headers.get('location')).toContain('error=unable_to_get_user_info');
  expect((await browser.get('/api/v1/me')).status).toBe(401);
});

test('a code brought by somebody else, or twice, logs nobody in', async () => {
  const gateway = gateways.get('embedded')!;
  issuer.is({ sub: 'grace-1', email: 'grace@example.com', name: 'Grace' });
  const attacker = gateway.browser();
  const began = await attacker.post('/api/auth/sign-in/social', { provider: 'work', callbackURL: '/' });
  const { url } = (await began.json()) as { url: string };
  const back = (await fetch(url, { redirect: 'manual' })).headers.get('location')!;
  const victim = gateway.browser();
  expect((await victim.get(back)).headers.get('location')).toContain('error=state_mismatch');
  expect((await victim.get('/api/v1/me')).status).toBe(401);
  // Its own browser may use it, once.
  const tokens = issuer.asked.tokens;
  await attacker.get(back);
  const second = await attacker.get(back);
  expect(second.headers.get('location')).toContain('error=');
  expect(issuer.asked.tokens).toBeLessThanOrEqual(tokens + 1);
});

test('a token instead of the code flow is not taken, nor a way back to another site', async () => {
  const gateway = gateways.get('embedded')!;
  const token = await issuer.sign({
    iss: issuer.issuer,
    aud: issuer.clientId,
    sub: 'grace-1',
    exp: 4e9,
    email: 'g@e.com',
  });
  const browser = gateway.browser();
  const answer = await browser.post('/api/auth/sign-in/social', { provider: 'work', idToken: { token } });
  expect(await answer.json()).toHaveProperty('url');
  expect((await browser.get('/api/v1/me')).status).toBe(401);
  const away = await browser.post('/api/auth/sign-in/social', {
    provider: 'work',
    callbackURL: 'https://evil.example/',
  });
  expect([away.status, await away.json()]).toMatchObject([403, { code: 'INVALID_CALLBACK_URL' }]);
});
