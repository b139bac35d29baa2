import { afterAll, beforeAll, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { createAuthenticator } from '../../../test/support/authenticator.ts';
import type { Browser } from '../../../test/support/browser.ts';
import { databaseKinds, databaseTimeoutMs } from '../../../test/support/databases.ts';
import { ada, type LoginGateway, loginGateway } from '../../../test/support/login.ts';

const gateways = new Map<string, LoginGateway>();
beforeAll(async () => {
  for (const kind of databaseKinds) gateways.set(kind, await loginGateway({ kind }));
}, databaseTimeoutMs);
afterAll(async () => {
  for (const each of gateways.values()) await each.stop();
});

const challenge = async (browser: Browser, what: 'register' | 'authenticate') =>
  (await (await browser.get(`/api/auth/passkey/generate-${what}-options`)).json()) as { challenge: string };

async function registered(gateway: LoginGateway, authenticator: ReturnType<typeof createAuthenticator>) {
  const browser = await gateway.loggedIn(ada.email);
  const response = authenticator.register(await challenge(browser, 'register'));
  return browser.post('/api/auth/passkey/verify-registration', { response, name: 'laptop' });
}

test.each(databaseKinds)('on %s: somebody adds a passkey and logs in with it, without a password', async (kind) => {
  const gateway = gateways.get(kind)!;
  const authenticator = createAuthenticator({ origin: gateway.url });
  expect((await registered(gateway, authenticator)).status).toBe(200);
  const browser = gateway.browser();
  const response = authenticator.authenticate(await challenge(browser, 'authenticate'));
  expect((await browser.post('/api/auth/passkey/verify-authentication', { response })).status).toBe(200);
  expect(await (await browser.get('/api/v1/me')).json()).toMatchObject({ kind: 'user', name: 'Ada' });
  const [added, login] = (await gateway.audit()).slice(-2);
  expect(added).toMatchObject({ action: 'passkey.create' });
  expect(login).toMatchObject({ action: 'login.succeeded', detail: { method: 'passkey' } });
});

test('a signature of another key, for another page, of an old challenge or of a login before: nobody is logged in', async () => {
  const gateway = gateways.get('embedded')!;
  const authenticator = createAuthenticator({ origin: gateway.url });
  await registered(gateway, authenticator);
  const attempt = async (make: (options: { challenge: string }) => object) => {
    const browser = gateway.browser();
    const response = make(await challenge(browser, 'authenticate'));
    const answer = await browser.post('/api/auth/passkey/verify-authentication', { response });
    return [answer.status >= 400 && answer.status < 500, (await browser.get('/api/v1/me')).status];
  };
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  expect(await attempt((options) => authenticator.authenticate(options, stranger))).toEqual([true, 401]);
  expect(await attempt(() => authenticator.authenticate({ challenge: 'b2xk' }))).toEqual([true, 401]);
  const phishing = createAuthenticator({ origin: 'https://sluice.example', rpId: '127.0.0.1' });
  expect(await attempt((options) => phishing.authenticate(options))).toEqual([true, 401]);
  const elsewhere = createAuthenticator({ origin: gateway.url, rpId: 'sluice.example' });
  expect(await attempt((options) => ({ ...elsewhere.authenticate(options), id: authenticator.id }))).toEqual([
    true,
    401,
  ]);

  const browser = gateway.browser();
  const response = authenticator.authenticate(await challenge(browser, 'authenticate'));
  const jar = browser.cookies();
  expect((await browser.post('/api/auth/passkey/verify-authentication', { response })).status).toBe(200);
  const replay = await gateway.browser().post('/api/auth/passkey/verify-authentication', { response }, { cookie: jar });
  expect([replay.ok, replay.headers.getSetCookie()]).toEqual([false, []]);
  const failed = (await gateway.audit()).filter(({ action }) => action === 'login.failed');
  expect(failed.length).toBeGreaterThanOrEqual(5);
  expect(failed[0]).toMatchObject({ detail: { method: 'passkey' } });
  expect(failed[0]!.targetId).toStartWith('user_');
});

test('a passkey is added by somebody who is logged in only, and for this page only', async () => {
  const gateway = gateways.get('embedded')!;
  const stranger = await gateway.browser().get('/api/auth/passkey/generate-register-options');
  expect(stranger.status).toBe(401);
  const phished = await registered(gateway, createAuthenticator({ origin: 'https://evil.example', rpId: '127.0.0.1' }));
  expect(phished.ok).toBe(false);
});

test("nobody removes or renames another one's passkey", async () => {
  const gateway = gateways.get('embedded')!;
  const browser = await gateway.loggedIn(ada.email);
  const [passkey] = (await (await browser.get('/api/auth/passkey/list-user-passkeys')).json()) as { id: string }[];
  await gateway.join({ name: 'Other', email: 'other@example.com' });
  const other = await gateway.loggedIn('other@example.com');
  expect((await other.post('/api/auth/passkey/delete-passkey', { id: passkey!.id })).ok).toBe(false);
  expect((await other.post('/api/auth/passkey/update-passkey', { id: passkey!.id, name: 'mine' })).ok).toBe(false);
  expect((await browser.post('/api/auth/passkey/delete-passkey', { id: passkey!.id })).status).toBe(200);
});
