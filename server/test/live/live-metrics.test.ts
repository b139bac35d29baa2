import { afterAll, beforeAll, expect, setDefaultTimeout, setSystemTime, test } from 'bun:test';
import { databaseTimeoutMs } from '../support/databases.ts';
import { type LoginGateway, loginGateway } from '../support/login.ts';
import { openWorld, type World } from '../tenancy/world.ts';
import { statusOfUpgrade, type Watcher, watch } from './watcher.ts';

setDefaultTimeout(databaseTimeoutMs);

let world: World;
let people: LoginGateway;
beforeAll(async () => {
  world = await openWorld();
  people = await loginGateway();
});
const open: Watcher[] = [];
afterAll(async () => {
  for (const watcher of open) watcher.close();
  await world.stop();
  await people.stop();
});

async function ticketOf(key?: string, query = ''): Promise<string> {
  const body = await world.mustAsk('POST', `/api/v1/metrics/tickets${query}`, undefined, key);
  return (body as unknown as { ticket: string }).ticket;
}

async function watching(key?: string, query = ''): Promise<Watcher> {
  const watcher = watch(world.gateway.url, await ticketOf(key, query));
  open.push(watcher);
  await watcher.opened;
  return watcher;
}

/** An organisation with somebody who may watch it and call models. */
async function account(name: string) {
  const id = await world.organisation(name);
  return { id, key: (await world.key(id)).key };
}

async function callsModel(key: string, times: number): Promise<void> {
  for (let each = 0; each < times; each++) expect(await world.callsModel(key)).toBe(200);
}

test('the history comes first, then the figures of each second, in the form of the rest of the API', async () => {
  const acme = await world.key(await world.organisation('Figures'));
  await callsModel(acme.key, 2);
  const watcher = await watching(acme.key);
  expect(watcher.messages[0]!.type).toBe('history');
  await callsModel(acme.key, 3);
  expect(
    (
      await world.gateway.chat('openai-chat', {
        model: 'no/such-model',
        headers: { authorization: `Bearer ${acme.key}` },
      })
    ).status,
  ).toBe(404);
  await watcher.until(({ requests }) => requests() === 6);
  const seconds = watcher.seconds();
  expect(seconds.every(({ at }) => at % 1000 === 0)).toBe(true);
  expect(seconds.map(({ at }) => at)).toEqual(seconds.map((_, nth) => seconds[0]!.at + nth * 1000));
  expect(watcher.messages.slice(1).every(({ type }) => type === 'second')).toBe(true);
  const sum = (read: (second: (typeof seconds)[0]) => number) => seconds.reduce((all, second) => all + read(second), 0);
  expect(sum(({ errors }) => errors)).toBe(1);
  const stats = (await world.mustAsk('GET', '/api/v1/stats', undefined, acme.key)) as Record<string, unknown>;
  expect(sum(({ tokens }) => tokens.input + tokens.output)).toBe(stats.totalTokens as number);
  expect(sum(({ costUsd }) => Math.round(Number(costUsd) * 1e9))).toBe(Math.round(Number(stats.costUsd) * 1e9));
  expect(sum(({ savedUsd }) => Math.round(Number(savedUsd) * 1e9))).toBe(Math.round(Number(stats.savedUsd) * 1e9));
  const models = seconds.flatMap(({ byModel }) => byModel.filter(({ model }) => model === 'sandbox/sandbox-small'));
  expect(models.reduce((all, { requests }) => all + requests, 0)).toBe(5);
  expect(models[0]!.costUsd).toMatch(/^0\.\d+$/);
  const providers = seconds.flatMap(({ byProvider }) => byProvider.filter(({ provider }) => provider === 'sandbox'));
  expect(providers.reduce((all, { requests }) => all + requests, 0)).toBe(5);
  const { latencyMs } = seconds.at(-1)!;
  expect(latencyMs.p50).toBeGreaterThan(0);
  expect(latencyMs.p99).toBeGreaterThanOrEqual(latencyMs.p50!);
});

test('nobody sees the figures of another organisation; an operator sees them all, or those of the one they name', async () => {
  const [one, other] = [await account('One'), await account('Other')];
  const [ofOne, ofOther, ofAll, named] = [
    await watching(one.key),
    await watching(other.key),
    await watching(),
    await watching(undefined, `?organisationId=${other.id}`),
  ];
  const before = ofAll.requests();
  await callsModel(one.key, 3);
  await callsModel(other.key, 2);
  await ofAll.until(({ requests }) => requests() === before + 5);
  // All that happened has been shown to everybody once two more seconds have.
  const watchers = [ofOne, ofOther, named];
  const shown = watchers.map(({ seconds }) => seconds().length);
  await Promise.all(watchers.map((each, at) => each.until(({ seconds }) => seconds().length > shown[at]! + 2)));
  expect(watchers.map(({ requests }) => requests())).toEqual([3, 2, 2]);
  expect(ofAll.seconds().at(-1)!.inFlight).toBeNumber();
  expect(ofOne.seconds().every(({ inFlight }) => inFlight === undefined)).toBe(true);
  const refused = await world.ask('POST', `/api/v1/metrics/tickets?organisationId=${other.id}`, undefined, one.key);
  expect(refused.status).toBe(404);
});

test('a ticket opens one socket', async () => {
  const ticket = await ticketOf();
  const answers = await Promise.all([1, 2, 3, 4].map(() => statusOfUpgrade(world.gateway.url, ticket)));
  expect(answers.map(({ status }) => status).sort()).toEqual([101, 401, 401, 401]);
  const { status, text } = await statusOfUpgrade(world.gateway.url, ticket, { connection: 'close' });
  expect(status).toBe(401);
  expect(text).toContain('application/problem+json');
  expect(text).toContain('"code":"invalid_key"');
});

test('a ticket that is missing, made up or a key opens nothing', async () => {
  for (const ticket of [undefined, '', 'tkt_', `tkt_${'0'.repeat(40)}`, world.gateway.key])
    expect((await statusOfUpgrade(world.gateway.url, ticket)).status).toBe(401);
  const key = { authorization: `Bearer ${world.gateway.key}` };
  expect((await statusOfUpgrade(world.gateway.url, undefined, key)).status).toBe(401);
});

test('a ticket is good for half a minute', async () => {
  const ticket = await ticketOf();
  const late = Date.now() + 30_001;
  try {
    setSystemTime(new Date(late));
    expect((await statusOfUpgrade(world.gateway.url, ticket)).status).toBe(401);
  } finally {
    setSystemTime();
  }
});

test('a page of another site opens nothing and uses no ticket up; one of this site does', async () => {
  const ticket = await ticketOf();
  const { url } = world.gateway;
  const port = new URL(url).port;
  for (const origin of [
    'https://evil.example',
    'null',
    `https://127.0.0.1:${port}`,
    `http://localhost:${port}`,
    `${url}.evil.example`,
    `${url}/`,
  ])
    expect((await statusOfUpgrade(url, ticket, { origin })).status).toBe(403);
  // By a name that somebody made up, nobody logs in and no page is of this site.
  expect((await statusOfUpgrade(url, ticket, { host: 'evil.example', origin: 'http://evil.example' })).status).not.toBe(
    101,
  );
  expect((await statusOfUpgrade(url, ticket, { origin: url })).status).toBe(101);
});

test('a request that wants no WebSocket is told so', async () => {
  const response = await world.gateway.fetch('/api/v1/metrics/live');
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
  expect(await response.json()).toMatchObject({ code: 'upgrade_required' });
  expect((await fetch(`${world.gateway.url}/api/v1/metrics/live`)).status).toBe(401);
  // Other routes answer a request that wants one as ever.
  const other = await fetch(`${world.gateway.url}/health`, {
    headers: { connection: 'Upgrade', upgrade: 'websocket' },
  });
  expect(other.status).toBe(200);
});

test('who lacks usage:read gets no ticket', async () => {
  const organisationId = await world.organisation('Rights');
  const member = await world.key(organisationId, { role: 'member' });
  const { status, body } = await world.ask('POST', '/api/v1/metrics/tickets', undefined, member.key);
  expect([status, body.code]).toEqual([403, 'forbidden']);
  expect((await world.ask('GET', '/api/v1/metrics/live', undefined, member.key)).status).toBe(403);
  const viewer = await world.key(organisationId, { role: 'viewer' });
  expect((await world.ask('POST', '/api/v1/metrics/tickets', undefined, viewer.key)).status).toBe(201);
});

const endings: [
  string,
  (parts: { organisationId: string; keyId: string; roleId: string; userId: string }) => Promise<unknown>,
][] = [
  ['a key that is revoked', ({ keyId }) => world.mustAsk('DELETE', `/api/v1/keys/${keyId}`)],
  [
    'a role that loses the right',
    ({ roleId }) => world.mustAsk('PATCH', `/api/v1/roles/${roleId}`, { permissions: [] }),
  ],
  [
    'an organisation that is suspended',
    ({ organisationId }) => world.mustAsk('PATCH', `/api/v1/organisations/${organisationId}`, { status: 'suspended' }),
  ],
  [
    'a person who is suspended',
    ({ userId, organisationId }) =>
      world.mustAsk('PATCH', `/api/v1/users/${userId}?organisationId=${organisationId}`, { status: 'suspended' }),
  ],
];

test.each(endings)('the socket of %s is closed, and that of another stays open', async (_what, take) => {
  const organisationId = await world.organisation('Ending');
  const { id: roleId } = await world.mustAsk('POST', '/api/v1/roles', {
    name: 'watcher',
    permissions: ['usage:read'],
    organisationId,
  });
  const { id: userId } = await world.member(organisationId, roleId);
  const { id: keyId, key } = await world.key(organisationId, { role: roleId, userId });
  const other = await account('Staying');
  const [ending, staying] = [await watching(key), await watching(other.key)];
  await take({ organisationId, keyId, roleId, userId });
  expect(await ending.closed).toBe(4401);
  const shown = staying.seconds().length;
  await staying.until(({ seconds }) => seconds().length > shown + 1);
});

test('a right that ends between the ticket and the socket opens nothing', async () => {
  const organisationId = await world.organisation('Between');
  const { id, key } = await world.key(organisationId);
  const ticket = await ticketOf(key);
  await world.mustAsk('DELETE', `/api/v1/keys/${id}`);
  expect((await statusOfUpgrade(world.gateway.url, ticket)).status).toBe(401);
});

test('a right that another replica took away, of which nobody told, ends the socket all the same', async () => {
  const organisationId = await world.organisation('Elsewhere');
  const person = await world.member(organisationId, 'viewer');
  const { key } = await world.key(organisationId, { role: 'viewer', userId: person.id });
  const watcher = await watching(key);
  await world.elsewhere.stores.organisations.update(organisationId, { status: 'suspended' });
  expect(await watcher.closed).toBe(4401);
});

test('a key that is limited to addresses and routes watches from there', async () => {
  const organisationId = await world.organisation('Networks');
  const limits = { addresses: ['127.0.0.1/32'], scopes: { routes: ['/api/v1/metrics/*'] } };
  const { key } = await world.key(organisationId, limits);
  const watcher = await watching(key);
  const shown = watcher.seconds().length;
  await watcher.until(({ seconds }) => seconds().length > shown + 1);
});

/** As the dashboard does it: with the session's cookie and the page's own origin. */
async function personWatching(
  email: string,
): Promise<{ watcher: Watcher; browser: Awaited<ReturnType<LoginGateway['loggedIn']>>; userId: string }> {
  await people.join({ name: email, email, role: 'viewer' });
  const browser = await people.loggedIn(email);
  const { userId } = (await (await browser.get('/api/v1/me')).json()) as { userId: string };
  const response = await browser.send('/api/v1/metrics/tickets', { method: 'POST' });
  expect(response.status).toBe(201);
  const { ticket } = (await response.json()) as { ticket: string };
  const watcher = watch(people.url, ticket, { origin: people.url });
  open.push(watcher);
  await watcher.opened;
  return { watcher, browser, userId };
}

const change = (userId: string, body: object) =>
  people.fetch(`/api/v1/users/${userId}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test.each([
  [
    'logs out',
    ({ browser }: { browser: { post(path: string): Promise<Response> } }) => browser.post('/api/auth/sign-out'),
  ],
  ['is suspended', ({ userId }: { userId: string }) => change(userId, { status: 'suspended' })],
  ['becomes a mere member', ({ userId }: { userId: string }) => change(userId, { role: 'member' })],
] as [string, (parts: Awaited<ReturnType<typeof personWatching>>) => Promise<Response>][])(
  'the socket of a person who %s is closed',
  async (what, end) => {
    const parts = await personWatching(`${what.replaceAll(' ', '.')}@example.com`);
    const shown = parts.watcher.seconds().length;
    await parts.watcher.until(({ seconds }) => seconds().length > shown + 1);
    expect((await end(parts)).ok).toBe(true);
    expect(await parts.watcher.closed).toBe(4401);
  },
);

test('a page of another site gets no ticket with the cookie of somebody who is logged in', async () => {
  const browser = await people.loggedIn('ada@example.com');
  const response = await browser.send('/api/v1/metrics/tickets', {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
  });
  expect(response.status).toBe(403);
});

test('a gateway that stops closes its sockets', async () => {
  const { url, key, stop } = await loginGateway({ setUp: false });
  const response = await fetch(`${url}/api/v1/metrics/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  });
  const watcher = watch(url, ((await response.json()) as { ticket: string }).ticket);
  await watcher.opened;
  await stop();
  expect(await watcher.closed).toBe(1001);
});
