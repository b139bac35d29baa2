import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/databases.ts';
import { ConfigError, type Environment, loadConfigFile, parseConfig } from './load.ts';

const parse = (text: string, environment: Environment = {}) => parseConfig(text, 'sluice.yaml', environment);

function faultsOf(text: string, environment: Environment = {}): string[] {
  try {
    parse(text, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error('no fault was found');
}

test('a file that is absent or empty is the default configuration', () => {
  const absent = loadConfigFile(join(temporaryFolder(), 'sluice.yaml'), {});
  expect(absent).toEqual(parse(''));
  expect(absent).toMatchObject({
    providers: {},
    models: [],
    discovery: true,
    limits: { bodyBytes: 33_554_432, idleMs: 30_000, totalMs: 900_000 },
    retries: { attempts: 3 },
  });
  expect(parse('# only a comment\n')).toEqual(absent);
});

test('the example of the design is read as it is meant', () => {
  const config = parse(
    `providers:
  openai:   { kind: openai }
  mock:     { kind: openai-compatible, baseUrl: "http://127.0.0.1:9001/v1", apiKey: test }
  claude:   { kind: anthropic, baseUrl: "http://127.0.0.1:9002", apiKey: "\${ANTHROPIC_API_KEY}" }
models:
  - { id: mock/tiny,  provider: mock,   upstream: tiny, context: 8192, price: { input: 0, output: 0 }, capabilities: [tools] }
  - { id: claude/big, provider: claude, upstream: claude-sonnet-5, fallbacks: [mock/tiny] }
groups:
  executors: { models: [mock/tiny], purpose: "fast utility tasks" }
limits: { bodyBytes: 33554432, firstByteMs: 60000, idleMs: 30000, totalMs: 900000 }
`,
    { ANTHROPIC_API_KEY: 'sk-ant' },
  );
  expect(config.providers.claude?.apiKey).toBe('sk-ant');
  expect(config.models[0]).toMatchObject({ id: 'mock/tiny', price: { input: 0, output: 0 } });
  expect(config.groups.executors?.models).toEqual(['mock/tiny']);
  expect(config.limits.firstByteMs).toBe(60_000);
});

test('variables come from the environment, or from their default, anywhere in a text', () => {
  const text = (value: string) => parse(`aliases: { a: "${value}" }`, { KEY: 'value', EMPTY: '' }).aliases.a;
  expect(text('${KEY}')).toBe('value');
  expect(text('x-${KEY}-${KEY}')).toBe('x-value-value');
  expect(text('${MISSING:-fallback}')).toBe('fallback');
  expect(text('a${MISSING:-}')).toBe('a');
  expect(text('${KEY:-fallback}')).toBe('value');
  expect(text('x${EMPTY}')).toBe('x');
  expect(text('$KEY $ {KEY} ${9KEY}')).toBe('$KEY $ {KEY} ${9KEY}');
});

test('what a variable holds is text, never YAML', () => {
  const config = parse('providers: { p: { kind: openai, apiKey: "${KEY}" } }', {
    KEY: 'a", baseUrl: "http://evil.example',
  });
  expect(config.providers.p).toEqual({ kind: 'openai', apiKey: 'a", baseUrl: "http://evil.example' });
});

test('a variable in a comment is none', () => {
  expect(parse('# ${NOT_SET}\ndiscovery: false # ${NOR_THIS}').discovery).toBe(false);
});

test('a variable that is not set is named with its line', () => {
  expect(faultsOf('discovery: true\nproviders:\n  a:\n    kind: openai\n    apiKey: ${MY_KEY}\n')).toEqual([
    'sluice.yaml:5: the environment variable MY_KEY is not set',
  ]);
});

test.each([
  [
    'an unknown field',
    'providers:\n  a:\n    kind: openai\n    apikey: x\n',
    ['sluice.yaml:4: providers.a.apikey: there is no such field'],
  ],
  [
    'an unknown field at the top',
    'discovery: true\nprovider: {}\n',
    ['sluice.yaml:2: provider: there is no such field'],
  ],
  [
    'two unknown fields, each on its line',
    'limits:\n  bodyByte: 1\n  idleMs: 5\n  totalMS: 1\n',
    ['sluice.yaml:2: limits.bodyByte: there is no such field', 'sluice.yaml:4: limits.totalMS: there is no such field'],
  ],
])('%s is refused at its own line', (_, text, faults) => {
  expect(faultsOf(text)).toEqual(faults);
});

test.each([
  [
    'a wrong kind',
    'providers:\n  a: { kind: openai }\n  b:\n    kind: opnai\n',
    /^sluice\.yaml:4: providers\.b\.kind: .*openai/,
  ],
  ['a wrong type', 'limits:\n  idleMs: 5\n  totalMs: soon\n', /^sluice\.yaml:3: limits\.totalMs: .*number/],
  ['a number out of range', '\n\nretries: { attempts: 9 }\n', /^sluice\.yaml:3: retries\.attempts: /],
  [
    'a missing field, at what should hold it',
    'models:\n  - id: a/b\n  - upstream: c\n',
    /^sluice\.yaml:3: models\.1\.id: /,
  ],
  [
    'an address that is none',
    'providers:\n  a:\n    kind: openai\n    baseUrl: ftp://example.com\n',
    /^sluice\.yaml:4: providers\.a\.baseUrl: /,
  ],
  [
    'a negative price',
    'models:\n  - id: a/b\n    price:\n      input: 1\n      output: -2\n',
    /^sluice\.yaml:5: models\.0\.price\.output: /,
  ],
  [
    'a name with spaces',
    'providers:\n  "my provider": { kind: openai }\n',
    /^sluice\.yaml:2: providers\.my provider: /,
  ],
  ['a list where a table should be', '- a\n- b\n', /^sluice\.yaml:1: /],
])('%s is refused with its line and place', (_, text, fault) => {
  const faults = faultsOf(text);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(fault);
});

test.each([
  ['broken YAML', 'providers:\n  a: { kind: openai\nmodels: []\n', /^sluice\.yaml:[23]: /],
  ['a tab as indentation', 'providers:\n\ta: {}\n', /^sluice\.yaml:2: /],
  ['a key that appears twice', 'discovery: true\nmodels: []\ndiscovery: false\n', /^sluice\.yaml:3: .*unique/],
])('%s is refused with its line', (_, text, fault) => {
  expect(faultsOf(text).some((found) => fault.test(found))).toBe(true);
});

test('all faults are told at once, in one error that a person can read', () => {
  const path = join(temporaryFolder(), 'sluice.yaml');
  writeFileSync(path, 'discovery: maybe\nlimits: { idleMs: -1 }\nnonsense: 1\naliases: { a: "${NOT_SET}" }\n');
  const load = () => loadConfigFile(path, {});
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/cannot be used:\n {2}.*sluice\.yaml:/);
  try {
    load();
  } catch (error) {
    expect((error as ConfigError).faults.map((fault) => Number(fault.split(':')[1])).toSorted()).toEqual([1, 2, 3, 4]);
  }
});

test('a secret that stands in the file is not in the message of another fault', () => {
  expect(faultsOf('providers:\n  a: { kind: opnai, apiKey: sk-very-secret }\n').join()).not.toContain('sk-very-secret');
});

test('thresholds of a group ascend, and only the strategy `complexity` has them', () => {
  const tiers = (fields: string) => `groups: { tiers: { models: [a/b], ${fields} } }`;
  expect(parse(tiers('strategy: complexity, thresholds: [0.2, 0.5]')).groups.tiers?.thresholds).toEqual([0.2, 0.5]);
  expect(faultsOf(tiers('strategy: complexity, thresholds: [0.5, 0.5]'))[0]).toContain('Thresholds must ascend.');
  expect(faultsOf(tiers('thresholds: [0.5]'))[0]).toContain('Only the strategy `complexity` has thresholds.');
});
