import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
const mostLines = 450;

/**
 * Who may import whom: a folder's own files always, and the folders that stand here. The files directly in `server/src`
 * (composition, start and greeting) may import everything.
 */
const mayImport: Record<string, readonly string[]> = {
  shared: [],
  cli: ['shared'],
  bench: ['shared'],
  evals: ['shared'],
  'server/core': ['shared'],
  // The file's schema takes the names of wires from core, and the form of the networks that may be reached from egress.
  'server/config': ['core', 'egress', 'guard'],
  'server/wire': ['core'],
  // The rows of chats hold what crosses HTTP as it is.
  'server/store': ['shared', 'core'],
  'server/catalog': ['core'],
  'server/realtime': ['core'],
  // The way out to other machines, for providers and for what is fetched on a caller's behalf.
  'server/egress': ['core'],
  'server/providers': ['core', 'wire', 'catalog', 'egress'],
  // What is worked out of a prompt alone is shared with the evaluations, which must measure what the router does.
  'server/router': ['shared', 'core', 'catalog'],
  'server/ledger': ['core', 'store', 'catalog'],
  'server/jobs': ['core', 'store', 'catalog'],
  'server/identity': ['core', 'store', 'catalog'],
  // What operators set while the gateway runs.
  'server/gateway-settings': ['shared', 'core', 'store', 'identity'],
  // Pure: detectors and what they do to texts.
  'server/guard': ['core'],
  'server/policy': ['shared', 'core', 'ledger', 'store', 'identity', 'guard'],
  // Metrics and spans are made of the ledger's rows; logs know nothing of anybody. What leaves goes out by egress.
  'server/observe': ['core', 'ledger', 'config', 'egress', 'guard'],
  'server/knowledge': ['core', 'store', 'jobs'],
  'server/memory': ['core', 'store', 'jobs'],
  'server/search': ['core', 'store', 'jobs'],
  'server/media': ['core', 'store', 'jobs'],
  'server/chat': ['shared', 'core', 'store'],
  // Looks after an installation's files and database beside the server, and is no part of it.
  'server/operate': ['core', 'config', 'store', 'identity'],
  'server/agents': ['core', 'store', 'jobs', 'knowledge', 'memory', 'search', 'media'],
  // Everything but the providers: a call reaches them through the pipeline only.
  'server/http': [
    'shared',
    'core',
    'config',
    'wire',
    'store',
    'catalog',
    'realtime',
    'egress',
    'router',
    'ledger',
    'jobs',
    'identity',
    'policy',
    'guard',
    'observe',
    'knowledge',
    'memory',
    'search',
    'media',
    'agents',
    'chat',
    'gateway-settings',
  ],
};

/** The one source file that may use Bun's own API. */
const usesBun = 'server/src/http/serve.ts';

const sourceRoots = ['shared/src', 'cli/src', 'bench/src', 'evals/src', 'server/src'];

/** Tests, and what only tests use. */
const isTest = (path: string): boolean => /\.test\.ts$|(^|\/)test-[\w-]+\.ts$|(^|\/)testing\.ts$/.test(path);

function filesBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|tsx|mts|js|mjs)$/.test(path) && !path.includes('node_modules/'))
    .map((path) => `${folder}/${path}`);
}

const sources = sourceRoots.flatMap(filesBelow).filter((path) => !isTest(path));
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');

/** Comments and the insides of longer strings may say what they like; the specifiers of imports are short strings. */
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`\w/])\/\/[^\n]*/g, '');

/** The specifiers of every import, type imports, re-exports and dynamic imports included. */
function importsIn(source: string): string[] {
  const text = withoutComments(source);
  return [...text.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g)].map(
    ([, , specifier]) => specifier!,
  );
}

/** The part of the table that a file belongs to: `shared`, `server/core` …; `server` for the files directly in `server/src`. */
function partOf(path: string): string {
  const [workspace = '', , folder = '', ...rest] = path.split('/');
  if (workspace !== 'server') return workspace;
  return rest.length === 0 ? 'server' : `server/${folder}`;
}

/** What is wrong with one import, or undefined. */
function fault(path: string, specifier: string): string | undefined {
  if (specifier === 'bun' || specifier.startsWith('bun:'))
    return path === usesBun ? undefined : `${path} imports ${specifier}`;
  if (specifier.startsWith('@sluice/')) return `${path} imports ${specifier}; use a relative path`;
  if (!specifier.startsWith('.')) return undefined;
  const target = relative(root, join(root, dirname(path), specifier));
  // A workspace's own name and version.
  if (target === `${path.split('/')[0]}/package.json`) return undefined;
  if (isTest(target) || /^(server|cli|bench)\/test\//.test(target))
    return `${path} imports ${target}, which is for tests`;
  const from = partOf(path);
  const to = partOf(target);
  if (from === to || from === 'server') return undefined;
  const allowed = mayImport[from];
  if (!allowed) return `${path}: the folder ${from} is not in the table`;
  return allowed.some((name) => to === name || to === `server/${name}`) ? undefined : `${path} imports ${target}`;
}

test('every import follows the table', () => {
  expect(sources.length).toBeGreaterThan(300);
  expect(
    sources
      .flatMap((path) => importsIn(textOf(path)).map((specifier) => fault(path, specifier)))
      .filter((found) => found !== undefined),
  ).toEqual([]);
});

test('every folder of the server stands in the table', () => {
  const folders = new Set(sources.map(partOf).filter((part) => part !== 'server'));
  expect([...folders].filter((folder) => !(folder in mayImport))).toEqual([]);
});

test('every folder that the table names could exist, and none may import itself by way of another', () => {
  const parts = Object.keys(mayImport);
  for (const [part, names] of Object.entries(mayImport)) {
    for (const name of names) expect(parts.includes(name) || parts.includes(`server/${name}`)).toBe(true);
    expect(reaches(part, names, new Set())).toBe(false);
  }
});

function reaches(part: string, names: readonly string[], seen: Set<string>): boolean {
  return names.some((name) => {
    const full = name in mayImport ? name : `server/${name}`;
    if (full === part) return true;
    if (seen.has(full)) return false;
    seen.add(full);
    return reaches(part, mayImport[full] ?? [], seen);
  });
}

test("Bun's own API is used in one file only, so that another runtime stays possible", () => {
  const users = sources.filter(
    (path) => !path.startsWith('bench/') && /(?<![\w.'"`/-])Bun\s*[.[]/.test(withoutComments(textOf(path))),
  );
  expect(users).toEqual([usesBun]);
});

test(`no source file is longer than ${mostLines} lines`, () => {
  const long = sources
    .map((path) => [path, textOf(path).split('\n').length - 1] as const)
    .filter(([, lines]) => lines > mostLines);
  expect(long).toEqual([]);
});

test('the check finds what it is for', () => {
  const wrong: [string, string][] = [
    ['server/src/core/a.ts', '../wire/wire.ts'],
    ['server/src/http/gateway/a.ts', '../../providers/provider.ts'],
    ['server/src/wire/a.ts', '../app.ts'],
    ['server/src/policy/a.ts', '../router/router.ts'],
    ['server/src/new-folder/a.ts', '../core/json.ts'],
    ['server/src/store/a.ts', 'bun'],
    ['server/src/store/a.ts', 'bun:sqlite'],
    ['cli/src/a.ts', '../../server/src/core/json.ts'],
    ['bench/src/a.ts', '../../server/src/main.ts'],
    ['shared/src/a.ts', '../../cli/src/main.ts'],
    ['server/src/ledger/a.ts', '../providers/testing.ts'],
    ['server/src/ledger/a.ts', '../../test/support/rows.ts'],
  ];
  for (const [path, specifier] of wrong) expect(fault(path, specifier)).toBeString();
  const right: [string, string][] = [
    ['server/src/core/a.ts', '../../../shared/src/errors.ts'],
    ['server/src/app.ts', './providers/registry.ts'],
    ['server/src/wire/gemini/a.ts', '../openai-chat/index.ts'],
    ['server/src/http/serve.ts', 'bun'],
    ['server/src/store/a.ts', 'drizzle-orm'],
    ['cli/src/a.ts', '../../shared/src/errors.ts'],
  ];
  for (const [path, specifier] of right) expect(fault(path, specifier)).toBeUndefined();
});

test('imports of every form are seen, and comments are not', () => {
  const source = `import a from './a.ts';
import type { B } from "./b.ts";
import {
  type C,
  c,
} from './c.ts';
export * from './d.ts';
export type { E } from './e.ts';
const f = await import('./f.ts');
import './g.ts';
type H = import('./h.ts').H;
// import './no.ts';
/* import './no.ts'; */
const text = 'made from words'; const url = 'https://example.com'; import i from './i.ts';`;
  expect(importsIn(source)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => `./${name}.ts`));
});
