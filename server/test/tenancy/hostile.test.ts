import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { getTableColumns, isTable } from 'drizzle-orm';
import type { JsonObject } from '../../src/core/json.ts';
import { createKey } from '../../src/identity/key-format.ts';
import * as schema from '../../src/store/schema.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { bodies, objects, ofTheGateway } from './objects.ts';
import { openWorld, type World } from './world.ts';

setDefaultTimeout(databaseTimeoutMs);

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.stop());

interface Operation {
  requestBody?: { content: Record<string, { schema: JsonObject }> };
}

/** The routes of the platform that take a body, with its schema as the document gives it. */
async function writeRoutes(): Promise<{ route: string; body: JsonObject }[]> {
  const document = (await (await fetch(`${world.gateway.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, JsonObject> };
  };
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/api/v1/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { requestBody }]) => {
        const given = requestBody?.content['application/json']?.schema;
        if (!given) return [];
        const name = typeof given.$ref === 'string' ? given.$ref.split('/').at(-1)! : undefined;
        const body = name === undefined ? given : document.components.schemas[name]!;
        return [{ route: `${method.toUpperCase()} ${path}`, body }];
      }),
    );
}

const columns = [
  ...new Set(
    Object.values(schema)
      .filter((part) => isTable(part))
      .flatMap((table) => Object.entries(getTableColumns(table)).flatMap(([field, { name }]) => [field, name])),
  ),
];

/** Takes no other properties; of several forms, none does. */
function isStrict({ additionalProperties, anyOf, oneOf }: JsonObject): boolean {
  const forms = anyOf ?? oneOf;
  return Array.isArray(forms) ? forms.every((form) => isStrict(form as JsonObject)) : additionalProperties === false;
}

test('no write route takes a field that it does not know', async () => {
  const routes = await writeRoutes();
  expect(routes.length).toBeGreaterThan(12);
  // Files of other programs hold what they hold: what is known of them is read, the rest is not looked at.
  const foreign = 'POST /api/v1/conversations/import';
  const lax = routes.filter(({ route, body }) => route !== foreign && !isStrict(body));
  expect(lax.map(({ route }) => route)).toEqual([]);
});

test('every column of every table, sent to every route that changes something, is a 400 and changes nothing', async () => {
  expect(columns.length).toBeGreaterThan(80);
  const organisationId = await world.organisation('Acme');
  await world.member(organisationId, 'owner');
  const owning = { organisationId, key: (await world.key(organisationId)).key };
  const fields = new Map((await writeRoutes()).map(({ route, body }) => [route, Object.keys(body.properties ?? {})]));
  for (const [route, body] of Object.entries(bodies)) {
    const [method = '', pattern = ''] = route.split(' ');
    const noun = pattern.split('/')[3]!;
    const values = await objects[noun]!(world, owning);
    const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name]!));
    const known = fields.get(route);
    if (!known) throw new Error(`${route} takes no body: objects.ts is out of date.`);
    // Those of the gateway are for operators; all others are asked for by an owner, whom only the form of the body stops.
    const key = ofTheGateway.has(noun) ? world.gateway.key : owning.key;
    for (const column of columns.filter((name) => !known.includes(name))) {
      const answer = await world.ask(method, path, { ...body, [column]: 'x' }, key);
      expect({ route, column, status: answer.status, detail: answer.body.detail }).toEqual({
        route,
        column,
        status: 400,
        detail: expect.stringContaining(JSON.stringify(column)),
      });
    }
  }
});

/** Keys that somebody might try: other people's beginnings, SQL, paths, control characters, other alphabets, endless ones. */
function hostileKeys(real: string): string[] {
  const seeds = [
    "' or 1=1 --",
    "'; drop table keys; --",
    '" or ""="',
    '${7*7}',
    '{{7*7}}',
    '../../etc/passwd',
    '%00',
    '%',
    '_',
    'null',
    'undefined',
    'true',
    '0',
    '[]',
    '{"$ne":null}',
    'admin',
    'Bearer',
    'Basic YWRtaW46YWRtaW4=',
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.',
    'sl_live_',
    'sl_invite_',
    'x'.repeat(4000),
    'é',
    '\u00ff',
    '\\',
    '*',
  ];
  const around = seeds.flatMap((seed) => [seed, real + seed, seed + real, real.slice(0, 20) + seed]);
  const cut = Array.from({ length: real.length - 1 }, (_, index) => real.slice(0, index + 1));
  const changed = Array.from({ length: real.length }, (_, index) => {
    const other = real[index] === 'A' ? 'B' : 'A';
    return real.slice(0, index) + other + real.slice(index + 1);
  });
  const unknown = Array.from({ length: 100 }, createKey);
  return [...around, ...cut, ...changed, ...unknown, real.toLowerCase(), real.toUpperCase(), `${real} ${real}`].filter(
    (key) => key !== real && key.trim() !== '' && key.trim() !== real,
  );
}

test('hundreds of hostile keys, wherever they are put, get the same 401', async () => {
  const { key } = await world.key('org_default', { role: 'owner' });
  const me = (init: RequestInit, query = '') => fetch(`${world.gateway.url}/api/v1/me${query}`, init);
  const ways: Record<string, (key: string) => Promise<Response>> = {
    bearer: (key) => me({ headers: { authorization: `Bearer ${key}` } }),
    authorization: (key) => me({ headers: { authorization: key } }),
    'x-api-key': (key) => me({ headers: { 'x-api-key': key } }),
    'x-goog-api-key': (key) => me({ headers: { 'x-goog-api-key': key } }),
    query: (key) => me({}, `?key=${encodeURIComponent(key)}`),
  };
  for (const ask of Object.values(ways)) expect((await ask(key)).status).toBe(200);
  const hostile = hostileKeys(key);
  expect(hostile.length).toBeGreaterThan(250);
  const seen = new Map<string, string>();
  for (const [way, ask] of Object.entries(ways)) {
    for (const tried of hostile) {
      const response = await ask(tried);
      const { code, status, title } = (await response.json()) as Record<string, unknown>;
      const told = JSON.stringify({ http: response.status, code, status, title });
      if (!seen.has(told)) seen.set(told, `${way} ${tried}`);
    }
  }
  expect([...seen.keys()]).toEqual([
    JSON.stringify({ http: 401, code: 'invalid_key', status: 401, title: 'invalid key' }),
  ]);
  for (const ask of Object.values(ways)) expect((await ask(key)).status).toBe(200);
});
