import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { catalogueFilePath, readCatalogueFile } from './catalogue-file.ts';
import { refreshCatalogue } from './refresh.ts';

const one = {
  provider: 'openai',
  id: 'one',
  name: 'One',
  context: 8_000,
  maxOutput: 4_000,
  input: ['text', 'image'],
  output: ['text'],
  tools: true,
  reasoning: false,
  attachment: true,
  temperature: true,
  openWeights: false,
  usdPerMillion: { input: 0.049999999999999996, output: 2, cache_read: 0 },
};
const stamp = { date: '2026-07-02', commit: 'f3fc6922' };
const refresh = (...models: object[]) => refreshCatalogue(JSON.stringify(models), undefined, stamp);
const modelOf = (source: object) => JSON.parse(refresh(source).text).models[0];

test('a refresh from the source reproduces the file that is here', () => {
  const source = new URL('../../../../shared/catalog/models.json', import.meta.url);
  if (!existsSync(source)) {
    console.log('skipped: the source of the catalogue is not beside the project');
    return;
  }
  const { text, report } = refreshCatalogue(readFileSync(source, 'utf8'), readCatalogueFile(), undefined);
  expect(report).toMatchObject({ added: [], changed: [], removed: [] });
  expect(text).toBe(readFileSync(catalogueFilePath, 'utf8'));
});

test('the file says where its facts come from, and SOURCE.md says the same', () => {
  const { header } = readCatalogueFile();
  expect(header).toMatchObject({ source: 'models.dev', licence: 'MIT' });
  const note = readFileSync(new URL('./SOURCE.md', import.meta.url), 'utf8');
  expect(note).toContain(`${header.commit} of ${header.date}`);
});

test('the file has one model a line, sorted, whatever the order of the source', () => {
  const two = { ...one, id: 'two' };
  const { text } = refresh(two, one);
  expect(text).toBe(refresh(one, two).text);
  expect(text.split('\n').map((line) => /"id":"(\w+)"/.exec(line)?.[1])).toEqual([
    undefined,
    'one',
    'two',
    undefined,
    undefined,
  ]);
});

test('the source becomes our own words', () => {
  expect(modelOf(one)).toEqual({
    provider: 'openai',
    id: 'one',
    name: 'One',
    context: 8_000,
    maxOutput: 4_000,
    capabilities: ['tools', 'vision', 'temperature'],
    unknown: ['documents', 'structured-output'],
    price: { input: 0.05, output: 2 },
    openWeights: false,
  });
});

test('tiers become prices above a number of input tokens', () => {
  const tier = { tier: { type: 'context', size: 200_000 }, input: 5, output: 22.5, cache_read: 0.5 };
  expect(modelOf({ ...one, tiers: { tiers: [tier] } }).tiers).toEqual([
    { aboveInputTokens: 200_000, price: { input: 5, output: 22.5, cacheRead: 0.5 } },
  ]);
});

test('a flag that is false is a plain no, a flag that is absent is unknown', () => {
  expect(modelOf({ ...one, structuredOutput: false }).unknown).toEqual(['documents']);
  const { temperature, ...silent } = one;
  expect(modelOf(silent).unknown).toContain('temperature');
  expect(modelOf({ ...one, input: ['text'], attachment: false }).unknown).toEqual(['structured-output']);
});

test('limits that contradict each other, or are 0, are not kept', () => {
  expect(modelOf({ ...one, maxOutput: 9_000 })).not.toHaveProperty('context');
  expect(modelOf({ ...one, context: 0, maxOutput: 0 })).not.toHaveProperty('maxOutput');
});

test('a zero beside a price is a gap, a model that is free in both directions is free', () => {
  expect(modelOf({ ...one, usdPerMillion: { input: 1, output: 0 } }).price).toEqual({ input: 1 });
  expect(modelOf({ ...one, usdPerMillion: { input: 0, output: 0 } }).price).toEqual({ input: 0, output: 0 });
  expect(modelOf({ ...one, provider: 'openrouter', usdPerMillion: { input: 0, output: 0 } }).price).toBeUndefined();
  expect(modelOf({ ...one, usdPerMillion: { input: 2, output: 8, request: 5 } }).price).toBeUndefined();
});

test('entries that share an id are left out and named', () => {
  const { report } = refresh(one, { ...one, context: 1 }, { ...one, id: 'two' });
  expect(report.leftOut).toEqual([{ model: 'openai/one', reason: '2 entries share this id' }]);
  expect(report.added).toEqual(['openai/two']);
});

test('the report names what was added, changed and removed', () => {
  const previous = JSON.parse(refresh(one, { ...one, id: 'old' }).text);
  const next = JSON.stringify([
    { ...one, context: 9_000 },
    { ...one, id: 'new' },
  ]);
  expect(refreshCatalogue(next, previous, { date: '2026-08-01' }).report).toEqual({
    added: ['openai/new'],
    changed: [{ model: 'openai/one', fields: ['context'] }],
    removed: ['openai/old'],
    unchanged: 0,
    leftOut: [],
  });
});

test('a change without a date is refused', () => {
  const previous = JSON.parse(refresh(one).text);
  expect(() => refreshCatalogue(JSON.stringify([{ ...one, context: 9_000 }]), previous, undefined)).toThrow('--date');
  expect(refreshCatalogue(JSON.stringify([one]), previous, undefined).text).toBe(refresh(one).text);
});

test('another form of input is refused with the place of the fault', () => {
  expect(() => refresh({ ...one, input: ['smell'] })).toThrow('[0.input.0]');
  expect(() => refresh({ ...one, surprise: 1 })).toThrow('surprise');
  expect(() => refresh({ ...one, usdPerMillion: { input: -1 } })).toThrow('[0.usdPerMillion.input]');
  expect(() => refreshCatalogue('{}', undefined, stamp)).toThrow('expected');
});
