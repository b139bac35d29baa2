import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { errorPage } from '../../../scripts/write-error-page.ts';
import { principal } from '../../test/support/principals.ts';
import { configSchema } from '../config/schema.ts';
import { createAnswerFacts } from '../core/call.ts';
import { CallAbort } from '../core/call-abort.ts';
import { providerKindNames } from '../core/provider-kind.ts';
import { answerHeaderTexts, requestHeaderTexts } from './documented/headers.ts';
import { answerHeaders } from './gateway/answer-headers.ts';
import { openLibrary } from './pages/library.ts';
import { anchorOf } from './pages/markdown.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const sources = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|(^|\/)test/.test(file))
    .map((file) => read(join(folder, file)));

test('docs/errors.md is what the error table says', () => {
  // After a change of the table: node scripts/bun.mjs scripts/write-error-page.ts
  expect(read('docs/errors.md')).toBe(errorPage());
});

/** Every name of a field in a JSON schema, however deep; keys of records are the reader's own. */
function fieldNames(schema: unknown, names = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const item of schema) fieldNames(item, names);
  else if (typeof schema === 'object' && schema !== null) {
    for (const [word, value] of Object.entries(schema)) {
      if (word === 'default') continue;
      if (word === 'properties') for (const name of Object.keys(value as object)) names.add(name);
      fieldNames(word === 'properties' ? Object.values(value as object) : value, names);
    }
  }
  return names;
}

test('every field of sluice.yaml stands in the configuration reference', () => {
  const page = read('docs/reference/configuration.md');
  const names = fieldNames(z.toJSONSchema(configSchema, { io: 'input' }));
  expect(names.size).toBeGreaterThan(40);
  const missing = [...names].filter((name) => !new RegExp(`\`[^\`\n]*\\b${name}\\b[^\`\n]*\``).test(page));
  expect(missing).toEqual([]);
});

test('every default of a number in sluice.yaml is the one in the configuration reference', () => {
  const page = read('docs/reference/configuration.md');
  const { limits, retries } = configSchema.parse({});
  for (const [name, value] of Object.entries({ ...limits, ...retries }))
    expect(page).toContain(`| \`${name}\` | \`${value}\``);
});

/** Words in capitals that are no variables: codes of AWS and of Node. */
const codes = new Set(['ON_DEMAND', 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

test('every environment variable that the server reads stands in the configuration reference', () => {
  const page = read('docs/reference/configuration.md');
  const variables = new Set<string>();
  for (const source of [
    ...sources('server/src/config'),
    ...sources('server/src/providers'),
    read('server/src/main.ts'),
  ]) {
    for (const [, name] of source.matchAll(/\b(?:environment|process\.env)\.([A-Z][A-Z0-9_]+)/g)) variables.add(name!);
    for (const [, name] of source.matchAll(/'([A-Z][A-Z0-9]*_[A-Z0-9_]+)'/g)) variables.add(name!);
  }
  expect([...variables]).toContain('SLUICE_DATA_DIR');
  expect([...variables]).toContain('OPENAI_API_KEY');
  expect([...variables].filter((name) => !codes.has(name) && !page.includes(`\`${name}\``))).toEqual([]);
});

test('every kind of provider stands in the reference of providers, in the table and with a section or in one', () => {
  const page = read('docs/reference/providers.md');
  for (const kind of providerKindNames) {
    expect(page).toContain(`| \`${kind}\` |`);
    expect(page).toMatch(new RegExp(`^## .*\`${kind}\``, 'm'));
  }
});

test('every header that an answer may carry is documented, in OpenAPI and in the reference of headers', () => {
  const page = read('docs/reference/headers.md');
  const facts = {
    ...createAnswerFacts(),
    model: 'a/b',
    route: 'named',
    costNanos: 1,
    upstreamRequestId: 'x',
    cache: { state: 'exact' as const, ageSeconds: 1, key: 'k' },
    losses: [{ field: 'f', reason: 'r' }],
    guard: [{ rule: 'r', action: 'flag' as const, on: 'input' as const, found: { EMAIL: 1 } }],
    rate: {
      requests: { limit: 1, remaining: 0, resetMs: 1 },
      tokens: { limit: 1, remaining: 0, resetMs: 1 },
    },
    attempts: [{ model: 'a/b', provider: 'a', credential: 'c', outcome: 'ok', ms: 1 }],
  };
  const context = {
    requestId: 'req_1',
    abort: new CallAbort(),
    receivedAt: 0,
    startedMs: 0,
    principal: principal(),
    strict: false,
    tags: [],
    facts,
  };
  const names = Object.keys(answerHeaders(context));
  expect(names.length).toBeGreaterThan(8);
  expect(Object.keys(answerHeaderTexts).sort()).toEqual(names.sort());
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('every header of ours that a request may carry is documented', () => {
  const page = read('docs/reference/headers.md');
  const source = sources('server/src/http/gateway').join('\n');
  const names = new Set([...source.matchAll(/headers\.get\('([a-z-]+)'\)/g)].map(([, name]) => name!));
  const known = ['authorization', 'content-type', 'content-length'];
  expect([...names].filter((name) => name.startsWith('x-sluice-')).sort()).toEqual(
    Object.keys(requestHeaderTexts).sort(),
  );
  expect([...names].filter((name) => !known.includes(name) && !page.includes(`\`${name}`))).toEqual([]);
});

test('every link between files of the repository leads to a file, and to a heading where it names one', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    ...openLibrary(join(root, 'docs')).pages.map(({ path }) => `docs/${path}.md`),
  ];
  const broken: string[] = [];
  for (const page of pages) {
    const text = read(page).replace(/```[\s\S]*?```/g, '');
    for (const [, href] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:)/.test(href!)) continue;
      const [path = '', anchor] = href!.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      const headings =
        anchor !== undefined && file.endsWith('.md') && existsSync(join(root, file))
          ? [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!))
          : undefined;
      if (!existsSync(join(root, file)) || (headings && !headings.includes(anchor!))) broken.push(`${page}: ${href}`);
    }
  }
  expect(broken).toEqual([]);
});

test('the README is short', () => {
  expect(read('README.md').split(/\s+/).length).toBeLessThan(900);
});
