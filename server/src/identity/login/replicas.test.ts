import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { openBrowser } from '../../../test/support/browser.ts';
import { databaseTimeoutMs, testDatabaseUrl } from '../../../test/support/databases.ts';
import { ada, password, scratchDatabase } from '../../../test/support/login.ts';
import { startServer } from '../../../test/support/server-process.ts';

test.skipIf(!testDatabaseUrl)(
  'a session begun at one replica is known at the other, and ends there too',
  async () => {
    const scratch = await scratchDatabase();
    const environment = { DATABASE_URL: scratch.url, SLUICE_MASTER_KEY: randomBytes(32).toString('base64') };
    const servers = [startServer({ environment }), startServer({ environment })];
    try {
      for (const server of servers) await server.ready();
      const [first, second] = servers as [(typeof servers)[0], (typeof servers)[0]];
      while (!/--token (setup_\w+)/.test(first.said.out)) await new Promise((resolve) => setTimeout(resolve, 20));
      const token = /--token (setup_\w+)/.exec(first.said.out)![1]!;
      const here = openBrowser(await first.url);
      const there = openBrowser(await second.url);
      expect((await here.post('/api/v1/setup', { ...ada, token })).status).toBe(201);
      await here.post('/api/auth/sign-in/email', { email: ada.email, password });
      for (const [name, value] of here.jar) there.jar.set(name, value);
      expect((await there.get('/api/v1/me')).status).toBe(200);
      await here.post('/api/auth/sign-out');
      expect((await here.get('/api/v1/me')).status).toBe(401);
      const endedMs = performance.now();
      while ((await there.get('/api/v1/me')).status !== 401) await new Promise((resolve) => setTimeout(resolve, 20));
      console.log(`The other replica refused the session after ${Math.round(performance.now() - endedMs)} ms.`);
    } finally {
      for (const server of servers) await server.end('SIGTERM');
      await scratch.drop();
    }
  },
  databaseTimeoutMs,
);
