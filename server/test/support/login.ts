import postgres from 'postgres';
import type { JsonObject } from '../../src/core/json.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';
import { type Browser, openBrowser } from './browser.ts';
import { type DatabaseKind, testDatabaseUrl } from './databases.ts';

export const password = 'correct horse battery';
export const ada = { name: 'Ada', email: 'ada@example.com', password };

export interface LoginGateway extends TestGateway {
  browser(): Browser;
  /** A browser in which somebody logged in by password. */
  loggedIn(email: string, password?: string): Promise<Browser>;
  /** Invites somebody and signs them up. */
  join(person: { name: string; email: string; role?: string }): Promise<void>;
  audit(): Promise<{ action: string; targetId: string; detail: Record<string, unknown> }[]>;
}

let databases = 0;

/** A gateway with nobody in its database but its first person, Ada. */
export async function loginGateway({
  auth = {},
  kind = 'embedded',
  setUp = true,
  config = {},
}: {
  auth?: JsonObject;
  /** More of the configuration file. */
  config?: JsonObject;
  kind?: DatabaseKind;
  setUp?: boolean;
} = {}): Promise<LoginGateway> {
  const scratch = kind === 'postgresql' ? await scratchDatabase() : undefined;
  const gateway = await testGateway({
    config: { providers: { sandbox: { kind: 'sandbox' } }, auth, ...config },
    databaseUrl: scratch?.url,
  });
  const browser = () => openBrowser(gateway.url);
  const loginOf = async (email: string, secret = password) => {
    const opened = browser();
    const response = await opened.post('/api/auth/sign-in/email', { email, password: secret });
    if (!response.ok) throw new Error(`The login of ${email} failed: ${response.status} ${await response.text()}`);
    return opened;
  };
  if (setUp) await browser().post('/api/v1/setup', { token: gateway.setupToken, ...ada });
  return {
    ...gateway,
    browser,
    loggedIn: loginOf,
    async join({ name, email, role = 'member' }) {
      const invited = await gateway.fetch('/api/v1/invitations', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, role }),
      });
      const { token } = (await invited.json()) as { token: string };
      const joined = await browser().post('/api/auth/sign-up/email', { name, email, password, invitation: token });
      if (!joined.ok) throw new Error(`${email} could not join: ${joined.status} ${await joined.text()}`);
    },
    async audit() {
      const rows = await (await gateway.sql()).query.auditEntries.findMany({ orderBy: (row, { asc }) => asc(row.seq) });
      return rows.map(({ action, targetId, detail }) => ({ action, targetId, detail }));
    },
    async stop() {
      await gateway.stop();
      await scratch?.drop();
    },
  };
}

/** A database of its own in the PostgreSQL of the tests. */
export async function scratchDatabase() {
  const url = new URL(testDatabaseUrl!);
  const name = `${url.pathname.slice(1)}_login_${process.pid}_${++databases}`;
  const run = async (statement: string) => {
    const client = postgres(url.href, { max: 1, onnotice: () => {} });
    await client.unsafe(statement).finally(() => client.end());
  };
  await run(`create database ${name}`);
  const scratch = new URL(url);
  scratch.pathname = `/${name}`;
  return { url: scratch.href, drop: () => run(`drop database if exists ${name} with (force)`) };
}
