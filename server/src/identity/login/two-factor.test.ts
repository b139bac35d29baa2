import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser } from '../../../test/support/browser.ts';
import { databaseKinds, databaseTimeoutMs } from '../../../test/support/databases.ts';
import { type LoginGateway, loginGateway, password } from '../../../test/support/login.ts';
import { totp } from '../../../test/support/totp.ts';
import { twoFactors } from '../../store/schema.ts';

const gateways = new Map<string, LoginGateway>();
beforeAll(async () => {
  for (const kind of databaseKinds) gateways.set(kind, await loginGateway({ kind }));
}, databaseTimeoutMs);
afterAll(async () => {
  for (const each of gateways.values()) await each.stop();
});

async function enabled(gateway: LoginGateway, email: string) {
  await gateway.join({ name: email.split('@')[0]!, email });
  const browser = await gateway.loggedIn(email);
  const began = await browser.post('/api/auth/two-factor/enable', { password });
  const { totpURI, backupCodes } = (await began.json()) as { totpURI: string; backupCodes: string[] };
  const secret = new URL(totpURI).searchParams.get('secret')!;
  const confirmed = await browser.post('/api/auth/two-factor/verify-totp', { code: totp(secret) });
  expect(confirmed.status).toBe(200);
  return { browser, secret, backupCodes };
}

/** The first half of a login. */
async function challenged(gateway: LoginGateway, email: string): Promise<Browser> {
  const browser = gateway.browser();
  const answer = await browser.post('/api/auth/sign-in/email', { email, password });
  expect(await answer.json()).toMatchObject({ twoFactorRedirect: true });
  expect((await browser.get('/api/v1/me')).status).toBe(401);
  return browser;
}

test.each(databaseKinds)(
  'on %s: with a second factor the password alone opens nothing, and the code completes it',
  async (kind) => {
    const gateway = gateways.get(kind)!;
    const { secret, browser: first } = await enabled(gateway, 'tess@example.com');
    expect((await first.get('/api/v1/me')).status).toBe(200);
    const before = (await gateway.audit()).length;
    const browser = await challenged(gateway, 'tess@example.com');
    // A login that is only half done is none.
    expect((await gateway.audit()).length).toBe(before);
    const wrong = await browser.post('/api/auth/two-factor/verify-totp', { code: '000000' });
    expect(wrong.status).toBe(401);
    const right = await browser.post('/api/auth/two-factor/verify-totp', { code: totp(secret) });
    expect(right.status).toBe(200);
    expect(await (await browser.get('/api/v1/me')).json()).toMatchObject({ name: 'tess' });
    const rows = (await gateway.audit()).slice(before);
    expect(rows.map(({ action, detail }) => [action, detail.method])).toEqual([
      ['login.failed', 'two-factor'],
      ['login.succeeded', 'two-factor'],
    ]);
    expect(rows[0]!.targetId).toBe(rows[1]!.targetId);
    // At rest the secret is sealed.
    const [kept] = await (await gateway.sql()).select().from(twoFactors);
    expect(kept!.secret).not.toContain(secret);
  },
);

test('a backup code works once', async () => {
  const gateway = gateways.get('embedded')!;
  const { backupCodes } = await enabled(gateway, 'back@example.com');
  const use = async () => {
    const browser = await challenged(gateway, 'back@example.com');
    return (await browser.post('/api/auth/two-factor/verify-backup-code', { code: backupCodes[0] })).status;
  };
  expect(await use()).toBe(200);
  expect(await use()).toBe(401);
});

test('codes cannot be guessed one after the other', async () => {
  const gateway = gateways.get('embedded')!;
  const { secret } = await enabled(gateway, 'guess@example.com');
  const browser = await challenged(gateway, 'guess@example.com');
  const answers: number[] = [];
  for (let index = 0; index < 6; index++) {
    answers.push((await browser.post('/api/auth/two-factor/verify-totp', { code: String(100_000 + index) })).status);
  }
  expect(answers.every((status) => status >= 400)).toBe(true);
  // The challenge is used up: the right code does not save it.
  expect((await browser.post('/api/auth/two-factor/verify-totp', { code: totp(secret) })).ok).toBe(false);
});

test('it takes the password to switch it on or off', async () => {
  const gateway = gateways.get('embedded')!;
  const { browser } = await enabled(gateway, 'off@example.com');
  expect((await browser.post('/api/auth/two-factor/disable', { password: 'not this one' })).status).toBe(400);
  expect((await browser.post('/api/auth/two-factor/disable', { password })).status).toBe(200);
  const plain = await gateway.loggedIn('off@example.com');
  expect((await plain.get('/api/v1/me')).status).toBe(200);
});
