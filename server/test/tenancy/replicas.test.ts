import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { databaseTimeoutMs } from '../support/databases.ts';
import { canReplicate, type Replicas, sayWithoutReplicas, startReplicas } from '../support/replicas.ts';
import type { ServerProcess } from '../support/server-process.ts';

// Two real servers on one PostgreSQL and one Redis: what is taken away on one is taken away on the other. That it takes no
// longer than a second is shown with a clock of its own beside `identity/short-memory.ts`.

setDefaultTimeout(databaseTimeoutMs);
sayWithoutReplicas('the tests of suspending on several replicas');

let replicas: Replicas;
let first: ServerProcess;
let second: ServerProcess;
beforeAll(async () => {
  if (!canReplicate) return;
  replicas = await startReplicas(2, { config: 'providers:\n  sandbox: { kind: sandbox }\n' });
  [first, second] = replicas.servers as [ServerProcess, ServerProcess];
}, databaseTimeoutMs);
afterAll(async () => {
  await replicas?.stop();
});

async function platform(method: string, path: string, body?: object): Promise<{ id: string; key: string }> {
  const response = await first.ask(path, { method, ...(body && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? { id: '', key: '' } : ((await response.json()) as { id: string; key: string });
}

async function callsModel(server: ServerProcess, key: string): Promise<number> {
  const response = await server.chat(
    { messages: [{ role: 'user', content: 'hi' }] },
    { headers: { authorization: `Bearer ${key}` } },
  );
  await response.text();
  return response.status;
}

let made = 0;
/** A service key of a team of an organisation of its own, in a role of its own. */
async function openAccount() {
  const { id: organisationId } = await platform('POST', '/api/v1/organisations', { name: `Acme ${++made}` });
  const team = await platform('POST', '/api/v1/teams', { name: 'crew', organisationId });
  const role = await platform('POST', '/api/v1/roles', { name: 'caller', permissions: ['models:use'], organisationId });
  const wish = { name: 'k', organisationId, teamId: team.id, role: role.id };
  const { key, id: keyId } = await platform('POST', '/api/v1/keys', wish);
  return { organisationId, teamId: team.id, roleId: role.id, keyId, key };
}
type Account = Awaited<ReturnType<typeof openAccount>>;

const takenAway: [string, number, (account: Account) => Promise<unknown>][] = [
  [
    'an organisation that is suspended',
    401,
    ({ organisationId: id }) => platform('PATCH', `/api/v1/organisations/${id}`, { status: 'suspended' }),
  ],
  [
    'a team that is suspended',
    401,
    ({ teamId }) => platform('PATCH', `/api/v1/teams/${teamId}`, { status: 'suspended' }),
  ],
  ['a team that is removed', 401, ({ teamId }) => platform('DELETE', `/api/v1/teams/${teamId}`)],
  ['a role that is narrowed', 403, ({ roleId }) => platform('PATCH', `/api/v1/roles/${roleId}`, { permissions: [] })],
  ['a key that is revoked', 401, ({ keyId }) => platform('DELETE', `/api/v1/keys/${keyId}`)],
];

async function isForcedOnBoth(refusal: number, take: (account: Account) => Promise<unknown>): Promise<void> {
  const account = await openAccount();
  expect([await callsModel(first, account.key), await callsModel(second, account.key)]).toEqual([200, 200]);
  await take(account);
  const sinceMs = performance.now();
  expect(await callsModel(first, account.key)).toBe(refusal);
  while ((await callsModel(second, account.key)) !== refusal) await new Promise((resolve) => setTimeout(resolve, 5));
  if (process.env.SLUICE_TEST_FIGURES)
    console.log(`in force elsewhere after ${Math.round(performance.now() - sinceMs)} ms`);
}

describe.skipIf(!canReplicate)('while Redis is there', () => {
  test.each(takenAway)('%s is refused on the other replica too', async (_what, refusal, take) =>
    isForcedOnBoth(refusal, take),
  );
});

describe.skipIf(!canReplicate)('while Redis is away', () => {
  beforeAll(() => replicas.redis.stop());
  test.each(takenAway)('%s is refused on the other replica too', async (_what, refusal, take) =>
    isForcedOnBoth(refusal, take),
  );
});
