import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { sql as query } from 'drizzle-orm';
import { type Need, needsByRoute } from '../../src/http/platform/route.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { bodies, objects, ofSomebody, ofTheGateway, otherwise } from './objects.ts';
import { openWorld, type World } from './world.ts';

setDefaultTimeout(databaseTimeoutMs);

// Routes are known once they are mounted, before the first test is defined.
const world: World = await openWorld();
afterAll(() => world.stop());

let acme: { organisationId: string; key: string };
/** Who may do everything, elsewhere. */
let strangers: { who: string; key: string }[];
/** Who belongs to the same organisation and may do little there. */
let neighbour: string;

beforeAll(async () => {
  const organisationId = await world.organisation('Acme');
  await world.member(organisationId, 'owner');
  acme = { organisationId, key: (await world.key(organisationId)).key };
  const other = await world.organisation('Other');
  const owner = await world.member(other, 'owner');
  strangers = [
    { who: 'a service key of another organisation', key: (await world.key(other)).key },
    { who: 'the owner of another organisation', key: (await world.key(other, { userId: owner.id })).key },
  ];
  const member = await world.member(organisationId, 'member');
  neighbour = (await world.key(organisationId, { role: 'member', userId: member.id })).key;
});

const routes = [...needsByRoute].map(([route, need]) => {
  const [method = '', path = ''] = route.split(' ');
  return { route, method, path, need, noun: path.split('/')[3] ?? '' };
});
const withId = routes.filter(({ path }) => path.includes('{'));

const bodyOf = (route: string): object | undefined => bodies[route];

async function pathOf({ path, noun, route }: { path: string; noun: string; route: string }): Promise<string> {
  const make = objects[noun];
  if (!make) throw new Error(`${route}: say in server/test/tenancy/objects.ts how an object of ${noun} is made.`);
  const values = await make(world, acme);
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${route}: objects.ts gives no ${name}.`);
    return encodeURIComponent(value);
  });
}

/** Every row of every table, but for what changes by itself. */
async function everything(): Promise<Record<string, string>> {
  const sql = await world.gateway.sql();
  const tables = await sql.execute<{ name: string }>(
    query`select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  );
  const sums: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await sql.execute<{ sum: string }>(
      query`select md5(coalesce(string_agg(line, ';' order by line), '')) as sum
        from (select (to_jsonb(t) - 'last_used_at')::text as line from ${query.identifier(name)} t) lines`,
    );
    sums[name] = row!.sum;
  }
  return sums;
}

const allowedOf = (need: Need, noun: string): number[] =>
  need === 'operator' ? [403] : ofTheGateway.has(noun) ? [403, 404] : [404];

test('every route of the platform says what it needs', async () => {
  const document = (await (await fetch(`${world.gateway.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { security?: unknown[] }>>;
  };
  // What is asked before there is anybody.
  const open = ['GET /api/v1/setup', 'POST /api/v1/setup', 'GET /api/v1/shared/{token}', 'GET /api/v1/branding'];
  const documented = Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/api/v1/'))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  expect(documented.filter((route) => !needsByRoute.has(route) && !open.includes(route))).toEqual([]);
  expect(withId.length).toBeGreaterThan(20);
});

test.each(withId.map((route) => [route.route, route] as const))(
  '%s does nothing and shows nothing to anybody of another organisation',
  async (name, route) => {
    const path = await pathOf(route);
    const before = await everything();
    const others = ofSomebody.has(route.noun) ? [...strangers, { who: 'an operator', key: undefined }] : strangers;
    for (const { who, key } of others) {
      const { status, body } = await world.ask(route.method, path, bodyOf(name), key);
      const readsShared = ofTheGateway.has(route.noun) && route.method === 'GET' && route.need !== 'operator';
      if (!readsShared)
        expect({ who, status, body, allowed: allowedOf(route.need, route.noun).includes(status) }).toMatchObject({
          allowed: true,
        });
    }
    expect(await everything()).toEqual(before);

    // The same request does something when it comes from whoever may: the refusal was about them.
    const rightful = await world.ask(
      route.method,
      path,
      bodyOf(name),
      ofSomebody.has(route.noun) ? acme.key : undefined,
    );
    const expected = otherwise[name];
    expect({ ...rightful, fine: expected ? rightful.status === expected : rightful.status < 300 }).toMatchObject({
      fine: true,
    });
  },
);

test.each(withId.map((route) => [route.route, route] as const))(
  '%s does nothing and shows nothing of others to a mere member of the same organisation',
  async (name, route) => {
    // To know one's own organisation, and what is for everybody, takes no right.
    if (route.method === 'GET' && (route.noun === 'organisations' || ofTheGateway.has(route.noun))) return;
    const path = await pathOf(route);
    const before = await everything();
    const { status } = await world.ask(route.method, path, bodyOf(name), neighbour);
    expect([403, 404]).toContain(status);
    expect(await everything()).toEqual(before);
  },
);

test('no list shows anything of another organisation, whatever is asked for', async () => {
  const ids: string[] = [acme.organisationId];
  for (const [noun, make] of Object.entries(objects)) {
    if (!ofTheGateway.has(noun)) ids.push(...Object.values(await make(world, acme)));
  }
  const lists = routes.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
  const organisation = acme.organisationId;
  const queries = [
    '',
    ...['organisationId', 'organisation', 'key', 'userId', 'teamId', 'user', 'team'].flatMap((name) =>
      [organisation, ids[1], ids[2]].map((id) => `?${name}=${id}`),
    ),
    '?all=true',
  ];
  expect(lists.length).toBeGreaterThan(8);
  for (const { path } of lists) {
    for (const asked of queries) {
      for (const { key } of strangers) {
        const response = await fetch(`${world.gateway.url}${path}${asked}`, {
          headers: { authorization: `Bearer ${key}` },
        });
        const text = await response.text();
        const shown = response.ok ? ids.filter((id) => text.includes(id)) : [];
        expect({ path, asked, shown, fault: response.status >= 500 }).toEqual({ path, asked, shown: [], fault: false });
      }
    }
  }
  // The same lists show it to those who may see it.
  const seen = new Set<string>();
  for (const { path } of lists) {
    const text = JSON.stringify((await world.ask('GET', path)).body);
    for (const id of ids) if (text.includes(id)) seen.add(id);
  }
  expect(seen.size).toBeGreaterThan(6);
});

test('a body that names something of another organisation is refused, and nothing comes of it', async () => {
  const { key } = strangers[0]!;
  const team = (await objects.teams!(world, acme)) as { id: string; userId: string };
  const { id: role } = (await objects.roles!(world, acme)) as { id: string };
  const { organisationId } = acme;
  const before = await everything();
  const tries = [
    ['POST', '/api/v1/teams', { name: 'x', organisationId }],
    ['POST', '/api/v1/roles', { name: 'x', permissions: [], organisationId }],
    ['POST', '/api/v1/invitations', { email: 'x@example.com', organisationId }],
    ['POST', '/api/v1/invitations', { email: 'x@example.com', teamIds: [team.id] }],
    ['POST', '/api/v1/invitations', { email: 'x@example.com', role }],
    ['POST', '/api/v1/keys', { name: 'x', organisationId }],
    ['POST', '/api/v1/keys', { name: 'x', teamId: team.id }],
    ['POST', '/api/v1/keys', { name: 'x', userId: team.userId }],
    ['POST', '/api/v1/keys', { name: 'x', role }],
  ] as const;
  for (const [method, path, body] of tries) {
    const { status } = await world.ask(method, path, body, key);
    expect({ path, body, status, refused: status >= 400 && status < 500 }).toMatchObject({ refused: true });
  }
  expect(await everything()).toEqual(before);
});
