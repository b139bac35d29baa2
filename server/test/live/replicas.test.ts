import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { Redis } from 'ioredis';
import { databaseTimeoutMs } from '../support/databases.ts';
import { canReplicate, type Replicas, sayWithoutReplicas, startReplicas } from '../support/replicas.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { statusOfUpgrade, type Watcher, watch } from './watcher.ts';

setDefaultTimeout(databaseTimeoutMs);
sayWithoutReplicas('the tests of live figures on several replicas');

let replicas: Replicas;
let first: ServerProcess;
let second: ServerProcess;
const open: Watcher[] = [];
beforeAll(async () => {
  if (!canReplicate) return;
  replicas = await startReplicas(2, { config: 'providers:\n  sandbox: { kind: sandbox }\n' });
  [first, second] = replicas.servers as [ServerProcess, ServerProcess];
}, databaseTimeoutMs);
afterAll(async () => {
  for (const watcher of open) watcher.close();
  await replicas?.stop();
});

async function platform(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await first.ask(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string; key: string; ticket: string };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const ticketOf = async (key?: string) =>
  (await platform('POST', '/api/v1/metrics/tickets', undefined, key === undefined ? {} : bearer(key))).ticket;

async function watching(server: ServerProcess, ticket: string): Promise<Watcher> {
  const watcher = watch(await server.url, ticket);
  open.push(watcher);
  await watcher.opened;
  return watcher;
}

async function calls(server: ServerProcess, key: string, times: number): Promise<void> {
  for (let each = 0; each < times; each++) {
    const response = await server.chat({ messages: [{ role: 'user', content: 'hi' }] }, { headers: bearer(key) });
    expect(response.status).toBe(200);
    await response.text();
  }
}

let made = 0;
async function account() {
  const { id: organisationId } = await platform('POST', '/api/v1/organisations', { name: `Acme ${++made}` });
  const { id, key } = await platform('POST', '/api/v1/keys', { name: 'k', organisationId, role: 'owner' });
  return { organisationId, keyId: id, key };
}

describe.skipIf(!canReplicate)('while Redis is there', () => {
  test('a ticket of one replica opens a socket at the other, and no second one anywhere', async () => {
    const ticket = await ticketOf();
    const urls = [await second.url, await first.url];
    const answers = await Promise.all([...urls, ...urls].map((url) => statusOfUpgrade(url, ticket)));
    expect(answers.map(({ status }) => status).sort()).toEqual([101, 401, 401, 401]);
  });

  test('a ticket lives in Redis for half a minute, and opens nothing once Redis has let go of it', async () => {
    const client = new Redis(replicas.redis.url);
    const ticket = await ticketOf();
    const names = await client.keys('sluice:ticket:*');
    const [lifeMs] = await Promise.all(names.map((name) => client.pttl(name)));
    expect(lifeMs).toBeWithin(1, 30_001);
    await client.del(...names);
    client.disconnect();
    expect((await statusOfUpgrade(await first.url, ticket)).status).toBe(401);
  });

  test('each replica shows what all of them together did, each call once, and nothing of another organisation', async () => {
    const [acme, other] = [await account(), await account()];
    const watchers = [
      await watching(first, await ticketOf(acme.key)),
      await watching(second, await ticketOf(acme.key)),
      await watching(second, await ticketOf(other.key)),
      await watching(first, await ticketOf()),
    ];
    await Promise.all([calls(first, acme.key, 5), calls(second, acme.key, 7), calls(second, other.key, 2)]);
    const expected = [12, 12, 2, 14];
    await Promise.all(watchers.map((watcher, at) => watcher.until(({ requests }) => requests() >= expected[at]!)));
    // What comes in the seconds after it would be counted twice.
    const seen = watchers.map(({ seconds }) => seconds().length);
    await Promise.all(watchers.map((watcher, at) => watcher.until(({ seconds }) => seconds().length > seen[at]! + 2)));
    expect(watchers.map(({ requests }) => requests())).toEqual(expected);
    // Whoever opens a socket now finds it in the history, whichever replica they reach.
    for (const server of [first, second]) {
      const late = await watching(server, await ticketOf(acme.key));
      expect(late.requests()).toBe(12);
    }
  });

  test('a right that one replica takes away ends the socket at the other', async () => {
    const { key, keyId } = await account();
    const watcher = await watching(second, await ticketOf(key));
    await first.ask(`/api/v1/keys/${keyId}`, { method: 'DELETE' });
    expect(await watcher.closed).toBe(4401);
  });
});

describe.skipIf(!canReplicate)('while Redis is away', () => {
  beforeAll(() => replicas.redis.stop());

  test('each replica shows its own calls to those who ask for a ticket there', async () => {
    const acme = await account();
    const watcher = await watching(first, await ticketOf(acme.key));
    await calls(first, acme.key, 3);
    await watcher.until(({ requests }) => requests() === 3);
  });
});
