import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { databaseTimeoutMs } from '../../../test/support/databases.ts';
import { ada, type LoginGateway, loginGateway, password } from '../../../test/support/login.ts';

interface Mail {
  to: string;
  text: string;
}

/** A mail server that keeps what it is given. */
async function fakeSmtp() {
  const mails: Mail[] = [];
  const waiting: (() => void)[] = [];
  const server: Server = createServer((socket) => {
    let to = '';
    let data: string[] | undefined;
    let rest = '';
    socket.write('220 test\r\n');
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (data) {
          if (line !== '.') data.push(line);
          else {
            const body = data.slice(data.indexOf('') + 1).join('\n');
            mails.push({ to, text: body.replace(/=\n/g, '').replace(/=3D/g, '=') });
            data = undefined;
            socket.write('250 kept\r\n');
            for (const wake of waiting.splice(0)) wake();
          }
        } else if (/^DATA/i.test(line)) {
          data = [];
          socket.write('354 go on\r\n');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else {
          to = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1] ?? to;
          socket.write('250 ok\r\n');
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    async next(to: string): Promise<Mail> {
      for (;;) {
        const found = mails.findIndex((mail) => mail.to === to);
        if (found !== -1) return mails.splice(found, 1)[0]!;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    close: () => server.close(),
  };
}

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
