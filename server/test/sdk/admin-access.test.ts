import { afterAll, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import { rawRequest } from '../raw-request.ts';
import { startGateway } from './gateway-process.ts';

const gateway = await startGateway();
afterAll(gateway.stop);

const member = await gateway.createKey({ name: 'member' });
const admin = { authorization: `Bearer ${gateway.adminKey}` };

interface PlatformRoute {
  method: string;
  path: string;
}

/** What the gateway itself says that its platform has, with a real id where one is asked for. */
const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { paths: Record<string, JsonObject> };
const platformRoutes: PlatformRoute[] = Object.entries(document.paths)
  // The first person is made before there is any key.
  // Nor does a link that somebody was given take one; and what the app looks like is shown to everybody.
  .filter(([path]) => path.startsWith('/api/v1/') && !/^\/api\/v1\/(setup$|shared\/)/.test(path))
  .flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => path !== '/api/v1/branding' || method !== 'get')
      .map((method) => ({
        method: method.toUpperCase(),
        path: path.replace('/providers/{id}', '/providers/sandbox').replace(/\{\w+\}/, member.id),
      })),
  );
/** These show a member what is theirs, or what is for everybody. All others need a role that may more. */
const forMembers =
  /^GET \/api\/v1\/(me|organisations|organisations\/[^/]+|usage|usage\/export|stats|cache\/stats|spend\/projected|calls|calls\/[^/]+|models|models\/cheapest|plans|sessions|routing-groups|routing-groups\/[^/]+)$|^DELETE \/api\/v1\/sessions\/[^/]+$|^POST \/api\/v1\/(estimate|complexity)$|^PUT \/api\/v1\/calls\/[^/]+\/feedback$/;
/** Everybody's own: nobody sees anything of others there. */
const personal = /^\/api\/v1\/(chat|conversations|messages|folders|files|prompts|shares|me)(\/|$)/;
const adminRoutes = platformRoutes.filter(
  ({ method, path }) => !forMembers.test(`${method} ${path}`) && !personal.test(path),
);

const keyBody = JSON.stringify({ name: 'stolen', role: 'admin' });
const bodyOf = (method: string) => (method === 'GET' || method === 'DELETE' ? undefined : keyBody);

async function call({ method, path }: PlatformRoute, headers: Record<string, string>) {
  const body = bodyOf(method);
  const response = await fetch(gateway.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body && { body }),
  });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

test('with the admin key the same raw request is answered', async () => {
  const line = `GET /api/v1/keys HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n`;
  const answer = await rawRequest(gateway.url, `${line}authorization: ${admin.authorization}\r\n\r\n`);
  expect(answer).toStartWith('HTTP/1.1 200');
});

test('the routes of keys and providers are among those that are tried', () => {
  const names = adminRoutes.map(({ method, path }) => `${method} ${path}`);
  expect(names).toEqual(
    expect.arrayContaining([
      'GET /api/v1/keys',
      'POST /api/v1/keys',
      'GET /api/v1/providers',
      'POST /api/v1/providers/sandbox/test',
    ]),
  );
  expect(names.length).toBeGreaterThanOrEqual(6);
});

describe.each(platformRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s',
  (_name, route) => {
    test('nobody gets in without a key that is known', async () => {
      for (const [name, value] of [
        ['x-nothing', 'x'],
        ['authorization', 'Bearer nobody'],
        ['x-api-key', 'nobody'],
        ['cookie', `key=${gateway.adminKey}`],
      ] as const) {
        const { status, type, body } = await call(route, { [name]: value });
        expect(status).toBe(401);
        expect(type).toBe('application/problem+json');
        expect(JSON.parse(body)).toMatchObject({ status: 401, title: expect.any(String), detail: expect.any(String) });
      }
    });
  },
);

describe.each(adminRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_name, route) => {
  test('a member may not use it, whichever way the key comes', async () => {
    const { key } = member;
    for (const [name, value] of [
      ['authorization', `Bearer ${key}`],
      ['x-api-key', key],
      ['x-goog-api-key', key],
    ] as const)
      expect((await call(route, { [name]: value })).status).toBe(403);
    const { method, path } = route;
    expect((await call({ method, path: `${path}?key=${key}` }, {})).status).toBe(403);
  });

  test('no trick with the address, the host or the method opens it', async () => {
    const { method, path } = route;
    const rest = path.slice(1);
    const targets = [
      path,
      `/${path}`,
      `//${path}`,
      `//gateway${path}`,
      path.replaceAll('/', '//'),
      path.replace('/v1/', '//v1/'),
      `${path}/`,
      `${path}//`,
      `${path}/.`,
      `${path}/..`,
      `${path}%2f`,
      `${path}%00`,
      `${path}%20`,
      `${path};x=1`,
      `${path}?`,
      `${path}#x`,
      `/./${rest}`,
      `/x/../${rest}`,
      `/v1/../${rest}`,
      `/v1/models/../../${rest}`,
      `/v1/models/..%2f..%2f${rest}`,
      `/v1/models/%2e%2e/%2e%2e/${rest}`,
      `/health/../${rest}`,
      `/health/..;/${rest}`,
      `/docs/..%5c${rest}`,
      `/%2e/${rest}`,
      `/%2f${rest}`,
      path.replaceAll('/', '%2f'),
      `/${rest.replaceAll('/', '%2f')}`,
      `/${rest.replaceAll('/', '%252f')}`,
      `/${rest.replaceAll('/', '\\')}`,
      path.toUpperCase(),
      path.replace('api', '%61pi'),
      path.replace('api', 'ap%69'),
      `http://127.0.0.1:${gateway.port}${path}`,
      `http://elsewhere.example${path}`,
      `http://elsewhere.example/${path}`,
      `http://elsewhere.example@127.0.0.1${path}`,
      `https://elsewhere.example:443${path}`,
      `http:${path}`,
      `*`,
      rest,
    ];
    const hosts = [
      '127.0.0.1',
      'localhost',
      'elsewhere.example',
      '127.0.0.1/health',
      'elsewhere.example?',
      '',
      '[::1]:80',
      'a b',
    ];
    const disguises = [
      '',
      `x-original-url: /health\r\n`,
      `x-rewrite-url: ${path}\r\n`,
      `x-forwarded-for: 127.0.0.1\r\nx-real-ip: 127.0.0.1\r\nx-forwarded-host: localhost\r\n`,
      `x-http-method-override: GET\r\n`,
      `authorization: Bearer ${member.key}\r\n`,
      `x-api-key: ${member.key}\r\nx-sluice-role: admin\r\n`,
    ];
    const lines = new Set<string>();
    for (const target of targets)
      for (const disguise of disguises) lines.add(`${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\n${disguise}`);
    for (const host of hosts) lines.add(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`);
    lines.add(`${method} ${path} HTTP/1.0\r\n`);
    lines.add(`${method} ${path} HTTP/1.1\r\nhost: a\r\nhost: b\r\n`);
    lines.add(`${method.toLowerCase()} ${path} HTTP/1.1\r\nhost: a\r\n`);
    const body = bodyOf(method);
    const end =
      body === undefined ? '\r\n' : `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const answers = await inBatches([...lines], async (line) => {
      const answer = await rawRequest(gateway.url, `${line}connection: close\r\n${end}`);
      return { line, status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0), answer };
    });
    expect(answers.filter(({ status }) => status === 401 || status === 403).length).toBeGreaterThan(30);
    for (const { line, status, answer } of answers) {
      // Some addresses lead to a page that is open to all; nothing of the platform is on it.
      if (status >= 200 && status < 300) expect({ line, open: isOpenPage(answer) }).toEqual({ line, open: true });
      else expect({ line, status: status < 500 }).toEqual({ line, status: true });
    }
  });
});

test('after all of that the gateway has the one key that was made, and it is a member still', async () => {
  const { data } = (await (await fetch(`${gateway.url}/api/v1/keys`, { headers: admin })).json()) as {
    data: JsonObject[];
  };
  expect(data).toMatchObject([{ id: member.id, name: 'member', role: 'member', revokedAt: null }]);
});

const isOpenPage = (answer: string): boolean =>
  /<!doctype html>|"status":"(ok|ready)"/i.test(answer) && !/sl_live_|"data":/.test(answer);

/** Twenty at a time. */
async function inBatches<T, R>(items: T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += 20)
    results.push(...(await Promise.all(items.slice(start, start + 20).map(run))));
  return results;
}
