import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { databaseTimeoutMs, temporaryFolder } from '../../../test/support/databases.ts';
import { ada, type LoginGateway, loginGateway } from '../../../test/support/login.ts';
import { startServer } from '../../../test/support/server-process.ts';

let gateway: LoginGateway;
beforeAll(async () => {
  gateway = await loginGateway({ setUp: false });
}, databaseTimeoutMs);
afterAll(() => gateway.stop());

const open = async () => (await fetch(`${gateway.url}/api/v1/setup`)).json();
const complete = (body: object) => gateway.browser().post('/api/v1/setup', { ...ada, ...body });

test('the first person is made with the token, once, and whoever lacks it makes nobody', async () => {
  expect(await open()).toEqual({ open: true, issuers: [] });
  for (const token of ['', 'setup_0000', `${gateway.setupToken}0`, gateway.setupToken.slice(0, -1)])
    expect([token, (await complete({ token })).ok]).toEqual([token, false]);
  expect((await complete({ token: gateway.setupToken, password: 'short' })).status).toBe(400);
  expect((await complete({ token: gateway.setupToken, operator: true })).status).toBe(400);
  expect(await open()).toEqual({ open: true, issuers: [] });
  // Two at the same moment: one of them.
  const answers = await Promise.all(
    [1, 2].map((n) => complete({ token: gateway.setupToken, email: `ada${n}@example.com` })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 404]);
  expect(await open()).toEqual({ open: false, issuers: [] });
  expect((await complete({ token: gateway.setupToken })).status).toBe(404);
  const rows = await (await gateway.sql()).query.users.findMany();
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ operator: true, status: 'active' });
  const audit = await gateway.audit();
  expect(audit.map(({ action }) => action)).toEqual(['setup.complete']);
  expect(JSON.stringify(audit)).not.toContain(gateway.setupToken);
});

test(
  'the console of a new server shows the token; its hash alone is kept, for the operator alone, until it is used',
  async () => {
    const folder = temporaryFolder();
    const first = startServer({ folder });
    await first.ready();
    const shown = async (server: typeof first) => {
      while (!/--token (setup_\w+)/.test(server.said.out)) await new Promise((resolve) => setTimeout(resolve, 20));
      return /--token (setup_\w+)/.exec(server.said.out)![1]!;
    };
    const stale = await shown(first);
    const path = join(folder, 'data', 'setup-token');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain(stale);
    await first.end('SIGTERM');

    const second = startServer({ folder });
    await second.ready();
    const token = await shown(second);
    const make = (given: string) =>
      second.ask('/api/v1/setup', { method: 'POST', body: JSON.stringify({ ...ada, token: given }) });
    expect((await make(stale)).status).toBe(401);
    expect((await make(token)).status).toBe(201);
    expect(existsSync(path)).toBe(false);
    await second.end('SIGTERM');

    const third = startServer({ folder });
    await third.ready();
    expect(await (await third.ask('/api/v1/setup')).json()).toEqual({ open: false, issuers: [] });
    await third.end('SIGTERM');
    expect(third.said.out).not.toContain('setup_');
  },
  databaseTimeoutMs,
);
