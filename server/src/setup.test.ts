import { expect, test } from 'bun:test';
import { ConfigError, type Environment, parseConfig } from './config/load.ts';
import { createSetup } from './setup.ts';

const setUp = (text: string, environment: Environment = {}) =>
  createSetup(parseConfig(text, 'sluice.yaml', environment), environment);

function faultsOf(text: string, environment: Environment = {}): string[] {
  try {
    setUp(text, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error('no fault was found');
}

const sandbox = 'providers:\n  sandbox: { kind: sandbox }\n';

test('with nothing configured the sandbox answers; with anything else it does not come by itself', () => {
  expect([...setUp('').providers.keys()]).toEqual(['sandbox']);
  expect([...setUp('', { GROQ_API_KEY: 'k' }).providers.keys()]).toEqual(['groq']);
  expect([...setUp('providers: { mine: { kind: openai, apiKey: k } }').providers.keys()]).toEqual(['mine']);
});

test('a provider of the environment is used beside those of the file, unless discovery is off', () => {
  expect([...setUp(sandbox, { GROQ_API_KEY: 'k' }).providers.keys()].toSorted()).toEqual(['groq', 'sandbox']);
  expect([...setUp(`discovery: false\n${sandbox}`, { GROQ_API_KEY: 'k' }).providers.keys()]).toEqual(['sandbox']);
});

test('a model of the file stands over the catalogue, with its price, aliases and deployments', () => {
  const { registry, catalog } = setUp(`${sandbox}models:
  - { id: cheap, provider: sandbox, upstream: sandbox-small, price: { input: 7, output: 8 }, aliases: [quick], context: 99 }
  - id: spread
    deployments: [{ provider: sandbox, upstream: sandbox-small, weight: 3 }, { provider: sandbox, upstream: sandbox-large }]
`);
  expect(registry.resolve('quick')).toMatchObject({
    kind: 'model',
    model: { id: 'cheap', info: { context: 99, price: { input: 7, output: 8 } } },
  });
  expect(registry.findModel('spread')?.model.deployments.map(({ id, weight }) => [id, weight])).toEqual([
    ['sandbox/sandbox-small', 3],
    ['sandbox/sandbox-large', 1],
  ]);
  expect(catalog.find('sandbox', 'sandbox-small')?.price).toEqual({ input: 7, output: 8 });
});

test('an entry that only gives a model another name keeps all that is known of it', () => {
  const known = setUp(sandbox).catalog.find('sandbox', 'sandbox-small');
  const { registry } = setUp(`${sandbox}models: [{ id: mine, provider: sandbox, upstream: sandbox-small }]`);
  expect(known?.price).toEqual({ input: 0.05, output: 0.2 });
  expect(registry.findModel('mine')?.model.info).toEqual(known!);
});

test.each([
  [
    'a provider without its key',
    'providers:\n  a: { kind: sandbox }\n  b:\n    kind: openai\n',
    /^sluice\.yaml:3: providers\.b\.apiKey: .*needs a key/,
  ],
  [
    'a provider without an address',
    'providers:\n  b:\n    kind: openai-compatible\n',
    /^sluice\.yaml:2: providers\.b\.baseUrl: .*needs a baseUrl/,
  ],
  [
    'a model of a provider that is not there',
    `${sandbox}models:\n  - id: a\n    provider: nobody\n`,
    /^sluice\.yaml:5: models\.0\.provider: no provider is called "nobody"; there are sandbox/,
  ],
  [
    'a model whose own name leads nowhere',
    `${sandbox}models:\n  - id: nobody/a\n`,
    /^sluice\.yaml:4: models\.0\.id: no provider is called "nobody"/,
  ],
  [
    'a deployment of a provider that is not there',
    `${sandbox}models:\n  - id: a\n    deployments:\n      - provider: sandbox\n      - provider: nobody\n`,
    /^sluice\.yaml:7: models\.0\.deployments\.1\.provider: /,
  ],
  [
    'a fallback that nobody serves',
    `${sandbox}models:\n  - id: sandbox/a\n    fallbacks:\n      - sandbox/sandbox-small\n      - nobody/b\n`,
    /^sluice\.yaml:7: models\.0\.fallbacks\.1: no provider serves "nobody\/b"/,
  ],
  [
    'a member that nobody serves',
    `${sandbox}groups:\n  g:\n    models: [sandbox/sandbox-small,\n      nobody/b]\n`,
    /^sluice\.yaml:6: groups\.g\.models\.1: /,
  ],
  [
    'an alias that leads nowhere',
    `${sandbox}aliases:\n  good: sandbox/sandbox-small\n  bad: nobody/b\n`,
    /^sluice\.yaml:5: aliases\.bad: /,
  ],
  [
    'an alias of a group that is not there',
    `${sandbox}aliases: { bad: group/none }\n`,
    /^sluice\.yaml:3: aliases\.bad: there is no group "none"/,
  ],
  ['a baseline that nobody serves', `${sandbox}baseline: nobody/b\n`, /^sluice\.yaml:3: baseline: /],
])('%s is a fault with its line', (_, text, fault) => {
  const faults = faultsOf(text);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(fault);
});

test('aliases may lead to groups and to auto', () => {
  const { registry } = setUp(
    `${sandbox}groups: { g: { models: [sandbox/sandbox-small] } }\naliases: { a: group/g, b: auto, c: auto-think }\n`,
  );
  for (const alias of ['a', 'b', 'c']) expect(registry.resolve(alias).kind).toBe('group');
});
