import { afterAll, beforeAll, expect, test } from 'bun:test';
import { databaseTimeoutMs } from '../../../test/support/databases.ts';
import { fakeSmtp } from '../../../test/support/fake-smtp.ts';
import { ada, type LoginGateway, loginGateway, password } from '../../../test/support/login.ts';

const url = 'https://gateway.example';
let smtp: Awaited<ReturnType<typeof fakeSmtp>>;
let gateway: LoginGateway;
beforeAll(async () => {
  smtp = await fakeSmtp();
  gateway = await loginGateway({
    auth: {
      url,
      signUp: 'open',
      smtp: { host: '127.0.0.1', port: smtp.port, from: 'Sluice <sluice@gateway.example>' },
    },
  });
}, databaseTimeoutMs);
afterAll(async () => {
  await gateway.stop();
  smtp.close();
});

const post = (path: string, body: object) => gateway.browser().post(`/api/auth${path}`, body, { origin: url });
const signIn = (email: string, secret = password) => post('/sign-in/email', { email, password: secret });

test('where there is mail, an address must be confirmed before its first login', async () => {
  const joined = await post('/sign-up/email', { name: 'Mia', email: 'mia@example.com', password });
  expect([joined.status, joined.headers.getSetCookie()]).toEqual([200, []]);
  const early = await signIn('mia@example.com');
  expect([early.status, await early.json()]).toMatchObject([403, { code: 'EMAIL_NOT_VERIFIED' }]);
  const { text } = await smtp.next('mia@example.com');
  const link = /https:\/\/gateway\.example(\/api\/auth\/verify-email\?\S+)/.exec(text)![1]!;
  expect((await gateway.browser().get(link)).status).toBe(302);
  expect((await signIn('mia@example.com')).status).toBe(200);
});

test('a sign-up does not tell whether an address is known', async () => {
  const known = await post('/sign-up/email', { name: 'Ada', email: ada.email, password });
  const unknown = await post('/sign-up/email', { name: 'Una', email: 'una@example.com', password });
  expect(known.status).toBe(unknown.status);
  const fields = async (response: Response) => Object.keys(((await response.json()) as { user: object }).user).sort();
  expect(await fields(known)).toEqual(await fields(unknown));
});

test('a forgotten password is mailed about to its owner only, and answered alike for everybody', async () => {
  const known = await post('/request-password-reset', { email: ada.email });
  const unknown = await post('/request-password-reset', { email: 'nobody@example.com' });
  expect([known.status, await known.json()]).toEqual([unknown.status, await unknown.json()]);
  const { text } = await smtp.next(ada.email);
  const [, token] = /https:\/\/gateway\.example\/reset-password\?token=(\S+)/.exec(text)!;
  expect((await post('/reset-password', { token, newPassword: 'a new one for Ada' })).status).toBe(200);
  expect((await signIn(ada.email, 'a new one for Ada')).status).toBe(200);
  expect(smtp.mails.filter(({ to }) => to === 'nobody@example.com')).toEqual([]);
});

test('an invitation goes out by mail, and proves the address', async () => {
  const made = await gateway.fetch('/api/v1/invitations', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ivy@example.com', role: 'admin' }),
  });
  expect(made.status).toBe(201);
  const { text } = await smtp.next('ivy@example.com');
  const [, invitation] = /https:\/\/gateway\.example\/invitation\?token=(\S+)/.exec(text)!;
  await post('/sign-up/email', { name: 'Ivy', email: 'ivy@example.com', password, invitation });
  expect((await signIn('ivy@example.com')).status).toBe(200);
});

test('a host that a caller made up gets into no link', async () => {
  await fetch(`${gateway.url}/api/auth/request-password-reset`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', host: 'evil.example', 'x-forwarded-host': 'evil.example' },
    body: JSON.stringify({ email: 'mia@example.com' }),
  });
  let { text } = await smtp.next('mia@example.com');
  if (!text.includes('reset-password')) ({ text } = await smtp.next('mia@example.com'));
  expect(text).toContain('https://gateway.example/reset-password');
  expect(text).not.toContain('evil.example');
});
