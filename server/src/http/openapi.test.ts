import { expect, test } from 'bun:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { lockedApp } from './test-app.ts';
import { version } from './version.ts';

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  responses: Record<string, { description: string; headers?: Record<string, { $ref: string }> }>;
}

interface ApiDocument {
  openapi: string;
  info: { version: string };
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}

const app = lockedApp();
const document = (await (await app.request('/openapi.json')).json()) as ApiDocument;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

/** A documented path with its parameters filled in. */
const filled = (path: string): string =>
  path
    .replace('{page}', 'errors')
    .replace('{model}', 'sandbox/some-model')
    .replace(/\{\w+\}/g, 'some-id');

/** Routes by which the server says that there is no such route, what the pages load, and logging in, which has a guide. */
const undocumented = new Set([
  'ALL /api/v1/*',
  'ALL /v1/*',
  'ALL /v1beta/*',
  'ALL /api/auth/*',
  'GET /docs/assets/:file',
  'GET /docs/',
  'GET /docs/start',
]);

/** Pages of the app and the files that it is made of, where it is built. */
const ofTheApp = /^\/(?!api\/|v1\/|v1beta\/|docs|health|ready|metrics|openapi|$)/;

test('the document is valid OpenAPI 3.1 and carries the version of the program', async () => {
  const { valid, errors } = await new Validator().validate(
    structuredClone(document) as unknown as Record<string, unknown>,
  );
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(document.openapi).toBe('3.1.0');
  expect(document.info.version).toBe(version);
});

test('every reference in the document leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(100);
  for (const [, kind, name] of references) expect(document.components[kind!]).toHaveProperty([name!]);
});

test('every route that is mounted is documented', () => {
  const pattern = (path: string) =>
    new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:\w+(\{[^}]*\})?|\*/g, '.+')}$`);
  const missing = app.routes
    .map(({ method, path }) => ({ method, path, name: `${method} ${path}` }))
    .filter(({ name, path }) => !undocumented.has(name) && !ofTheApp.test(path))
    .filter(({ method, path }) => !operations.some((each) => each.method === method && pattern(path).test(each.path)))
    .map(({ name }) => name);
  expect(missing).toEqual([]);
});

const validBodies: Record<string, string> = {
  '/api/v1/keys': '{"name":"n"}',
  // Whoever is nobody yet has a token in the body instead of a key.
  '/api/v1/setup': '{"token":"wrong","name":"n","email":"n@example.com","password":"0123456789"}',
};

test('every documented operation is there: it asks for a key, or answers without one where it says so', async () => {
  for (const { path, method, operation } of operations) {
    // No way to send a key, or an empty one among them, which says that a key is not always asked for.
    const { security = [] } = operation;
    const open = security.length === 0 || security.some((way) => Object.keys(way).length === 0);
    const body = method === 'POST' && !path.startsWith('/api/') ? '{}' : undefined;
    const valid = method === 'POST' ? (validBodies[path] ?? body) : body;
    const response = await app.request(filled(path), {
      method,
      body: valid,
      headers: valid ? { 'content-type': 'application/json' } : {},
    });
    expect(`${method} ${path} ${response.status}`).toBe(
      `${method} ${path} ${open && !valid?.includes('token') ? 200 : 401}`,
    );
    expect(Object.keys(operation.responses)).toContain(String(response.status));
  }
});

test('every operation says what it is, under a tag that is described', () => {
  const described = document.tags.map(({ name }) => name);
  for (const { operation } of operations) {
    expect(operation.summary).toBeString();
    expect(described).toContain(operation.tags?.[0] ?? 'none');
  }
});

test('a model call documents what its answer says of itself, and every status that its dialect may answer with', () => {
  const answer = document.paths['/v1/messages']!.post!.responses;
  expect(Object.keys(answer['200']!.headers ?? {})).toContain('x-sluice-cost-usd');
  expect(Object.keys(answer)).toContain('529');
  expect(answer['429']?.description).toContain('`upstream_rate_limited`');
  expect(Object.keys(document.paths['/v1/chat/completions']!.post!.responses)).not.toContain('529');
});
