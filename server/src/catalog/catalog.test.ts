import { expect, test } from 'bun:test';
import { costNanos } from '../core/money.ts';
import { noUsage, type Usage, usageOf } from '../core/usage.ts';
import { createCatalog } from './catalog.ts';
import type { CatalogueFile, CatalogueModel } from './catalogue-file.ts';

const catalog = createCatalog();
const atMs = Date.parse('2026-07-10T12:00:00Z');

function costOf(provider: string, id: string, usage: Partial<Usage>, when = atMs): number | null {
  const model = catalog.find(provider, id);
  if (!model) throw new Error(`${provider}/${id} is not in the catalogue`);
  return costNanos(usageOf(usage), catalog.priceFor(model, usageOf(usage), when));
}

function catalogOf(models: CatalogueModel[], options: Parameters<typeof createCatalog>[0] = {}) {
  const header = { source: 'test', date: '2026-07-02', licence: 'MIT', attribution: '' };
  const file: CatalogueFile = { header, models };
  return createCatalog({ file, ...options });
}

test('about a thousand models load, each with its source', () => {
  const models = catalog.list();
  expect(models.length).toBeGreaterThan(950);
  expect(new Set(models.map(({ provider, id }) => `${provider}/${id}`)).size).toBe(models.length);
  expect(models.find(({ id }) => id === 'gpt-5-mini')?.source).toBe('models.dev 2026-07-02');
});

test('cached tokens are billed once, at the cache price', () => {
  // 1,000,000 tokens of prompt of which 900,000 came from the cache: 0.1 x 0.25 + 0.9 x 0.025 + 0.01 x 2 dollars.
  expect(costOf('openai', 'gpt-5-mini', { input: 100_000, cacheRead: 900_000, output: 10_000 })).toBe(67_500_000);
});

test('a long Claude conversation costs its cache reads and writes, not the plain price of them', () => {
  // 2,100 fresh + 1,850,000 read + 24,000 written + 3,000 out at 3 / 0.30 / 3.75 / 15 dollars a million: $0.6963, where
  // counting the cache as plain input would give $5.67 and counting it in both places $6.32.
  const usage = { input: 2_100, cacheRead: 1_850_000, cacheWrite: 24_000, output: 3_000 };
  expect(costOf('anthropic', 'claude-sonnet-4-5', usage)).toBe(696_300_000);
});

test('a one-hour cache write has the price of its own that the price list knows', () => {
  expect(catalog.priceFor(catalog.find('anthropic', 'claude-haiku-4-5')!, noUsage, atMs)).toEqual({
    input: 1,
    output: 5,
    cacheRead: 0.1,
    cacheWrite: 1.25,
    cacheWrite1h: 2,
  });
  expect(costOf('anthropic', 'claude-haiku-4-5', { input: 3, cacheWrite: 1_000, cacheWrite1h: 1_000, output: 7 })).toBe(
    3_000 + 1_250_000 + 2_000_000 + 35_000,
  );
});

test('a single token of a cheap model costs its exact nano-dollars', () => {
  expect(costOf('openai', 'gpt-5-nano', { input: 1 })).toBe(50);
  expect(costOf('openai', 'gpt-5-nano', { output: 1 })).toBe(400);
  expect(costOf('amazon-bedrock', 'amazon.nova-micro-v1:0', { cacheRead: 8 })).toBe(70);
});

test('audio in has a price of its own', () => {
  expect(costOf('google', 'gemini-2.5-flash', { input: 1_000, audioInput: 1_000, output: 100 })).toBe(
    300_000 + 1_000_000 + 250_000,
  );
});

test('the long-context tier is chosen by the total input, cached tokens included, and holds for the whole call', () => {
  expect(costOf('google', 'gemini-2.5-pro', { input: 200_000, output: 1_000 })).toBe(250_000_000 + 10_000_000);
  expect(costOf('google', 'gemini-2.5-pro', { input: 200_001, output: 1_000 })).toBe(500_002_500 + 15_000_000);
  expect(costOf('google', 'gemini-2.5-pro', { input: 1, cacheRead: 200_000, output: 1_000 })).toBe(
    2_500 + 50_000_000 + 15_000_000,
  );
});

test('the one-hour price of a long-context tier is not that of the short one', () => {
  const model = { provider: 'anthropic', id: 'claude-sonnet-4-5', price: { input: 3, output: 15 } };
  const tiered = { ...model, tiers: [{ aboveInputTokens: 200_000, price: { input: 6, output: 22.5 } }] };
  const own = catalogOf([tiered]);
  const price = own.priceFor(own.find('anthropic', 'claude-sonnet-4-5')!, usageOf({ input: 200_001 }), atMs);
  expect(price).toMatchObject({ input: 6, output: 22.5, cacheRead: 0.6, cacheWrite1h: 12 });
});

test.each([
  ['openai', 'gpt-4.1-nano-2025-04-14', 'gpt-4.1-nano'],
  ['openai', 'GPT-4.1-Nano', 'gpt-4.1-nano'],
  ['openai', 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
  ['anthropic', 'claude-opus-4-8-20260528', 'claude-opus-4-8'],
  ['anthropic', 'claude-3-7-sonnet-latest', 'claude-3-7-sonnet-20250219'],
  ['anthropic', 'claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
  ['google', 'models/gemini-2.5-flash', 'gemini-2.5-flash'],
  ['google', 'gemini-2.0-flash-001', 'gemini-2.0-flash'],
  ['google-vertex', 'publishers/google/models/gemini-2.5-pro', 'gemini-2.5-pro'],
  ['google-vertex', 'claude-opus-4-6', 'claude-opus-4-6@default'],
  ['mistral', 'mistral-large', 'mistral-large-latest'],
  ['huggingface', 'qwen/qwen3-32b', 'Qwen/Qwen3-32B'],
  ['amazon-bedrock', 'us.anthropic.claude-opus-4-8', 'us.anthropic.claude-opus-4-8'],
  ['ollama-cloud', 'gpt-oss:120b-cloud', 'gpt-oss:120b'],
])('%s/%s is known as %s', (provider, id, known) => {
  expect(catalog.find(provider, id)).toMatchObject({ provider, id: known });
});

test('a region of Bedrock without an entry has the facts of the model and the price of the region', () => {
  const model = catalog.find('amazon-bedrock', 'apac.anthropic.claude-haiku-4-5-20251001-v1:0')!;
  expect(model).toMatchObject({ id: 'apac.anthropic.claude-haiku-4-5-20251001-v1:0', context: 200_000 });
  expect(catalog.priceFor(model, noUsage, atMs)).toMatchObject({ input: 1.1, output: 5.5 });
  const arn = 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/apac.amazon.nova-pro-v1:0';
  expect(catalog.priceFor(catalog.find('amazon-bedrock', arn)!, noUsage, atMs)).toMatchObject({ input: 0.8 });
});

test('a routed variant of OpenRouter has the facts of the model, and no price until the provider reports one', () => {
  const model = catalog.find('openrouter', 'openai/gpt-5-mini:nitro')!;
  expect(model).toMatchObject({ id: 'openai/gpt-5-mini:nitro', context: 400_000 });
  expect(model.price).toBeUndefined();
  expect(costNanos(usageOf({ input: 5 }), catalog.priceFor(model, noUsage, atMs))).toBeNull();
  const reported = usageOf({ input: 5, reportedCostUsd: 0.000012 });
  expect(costNanos(reported, catalog.priceFor(model, reported, atMs))).toBe(12_000);
});

test('a free variant costs nothing and does not inherit the window of the paid model', () => {
  const model = catalog.find('openrouter', 'anthropic/claude-sonnet-4.5:free')!;
  expect(catalog.priceFor(model, noUsage, atMs)).toEqual({ input: 0, output: 0 });
  expect(model.context).toBeUndefined();
  expect(model.capabilities).toBeUndefined();
});

test('nothing is guessed for a model that nobody knows', () => {
  expect(catalog.find('openai', 'gpt-99')).toBeUndefined();
  expect(catalog.find('nowhere', 'gpt-4o')).toBeUndefined();
  expect(catalog.find('anthropic', 'claude-sonnet-5-5')).toBeUndefined();
  expect(catalog.find('openai', 'ft:gpt-4o-mini-2024-07-18:org::abc')).toBeUndefined();
  const usage = usageOf({ input: 1_000, output: 1_000 });
  expect(costNanos(usage, catalog.priceFor({ provider: 'openai', id: 'gpt-99' }, usage, atMs))).toBeNull();
});

test('a known model without a known price is unpriced, not free', () => {
  expect(costOf('ollama-cloud', 'gpt-oss:20b', { input: 10, output: 10 })).toBeNull();
  expect(costOf('openrouter', 'google/lyria-3-pro-preview', { input: 10, output: 10 })).toBeNull();
  expect(costOf('azure', 'model-router', { input: 10, output: 10 })).toBeNull();
});

test('a fee per request makes a model unpriced rather than too cheap', () => {
  expect(costOf('perplexity', 'sonar', { input: 10, output: 10 })).toBeNull();
});

test('a price of zero is believed where the source calls the model free', () => {
  expect(costOf('nvidia', 'openai/gpt-oss-20b', { input: 1_000, output: 1_000 })).toBe(0);
  expect(costOf('openrouter', 'openai/gpt-oss-20b:free', { input: 1_000, output: 1_000 })).toBe(0);
});

test('embeddings are priced by their input alone', () => {
  expect(costOf('openai', 'text-embedding-3-small', { input: 1_000 })).toBe(20_000);
  expect(costOf('amazon-bedrock', 'amazon.titan-embed-text-v1', { input: 1_000 })).toBe(100_000);
});

test('a model that only the price list knows has its price of the day', () => {
  const usage = { input: 1_000_000 };
  expect(costOf('openai', 'gpt-5.6-luna', { input: 100_000 }, Date.parse('2026-07-29T23:59:59Z'))).toBe(100_000_000);
  expect(costOf('openai', 'gpt-5.6-luna', { input: 100_000 }, Date.parse('2026-07-30T00:00:00Z'))).toBe(20_000_000);
  expect(costOf('openai', 'gpt-5.6-luna', usage, Date.parse('2026-07-30T00:00:00Z'))).toBe(400_000_000);
});

test('a price that changes after the date of the file is followed when both agreed before', () => {
  const own = catalogOf([{ provider: 'openai', id: 'gpt-5.6-luna', price: { input: 1, output: 6 } }]);
  const model = own.find('openai', 'gpt-5.6-luna')!;
  expect(own.priceFor(model, noUsage, Date.parse('2026-07-29'))).toMatchObject({ input: 1, output: 6, cacheRead: 0.1 });
  expect(own.priceFor(model, noUsage, Date.parse('2026-07-30'))).toMatchObject({ input: 0.2, output: 1.2 });
});

test('where file and price list disagree, the file stands and nothing of the list is mixed in', () => {
  const own = catalogOf([{ provider: 'openai', id: 'gpt-5.6-luna', price: { input: 1.5, output: 6 } }]);
  const model = own.find('openai', 'gpt-5.6-luna')!;
  expect(own.priceFor(model, noUsage, Date.parse('2026-12-01'))).toEqual({ input: 1.5, output: 6 });
});

test('a price of sluice.yaml stands as written, whole, over the provider and the catalogue', () => {
  const override = { provider: 'anthropic', id: 'claude-haiku-4-5', price: { input: 0.5, output: 2 } };
  const own = createCatalog({ overrides: [override] });
  own.report([{ provider: 'anthropic', id: 'claude-haiku-4-5', price: { input: 9, output: 9 }, maxOutput: 1_234 }]);
  const model = own.find('anthropic', 'claude-haiku-4-5')!;
  expect(model).toMatchObject({ family: 'claude-haiku', context: 200_000, maxOutput: 1_234 });
  expect(own.priceFor(model, noUsage, atMs)).toEqual({ input: 0.5, output: 2 });
});

test('a price that the provider reports stands over the catalogue', () => {
  const own = createCatalog();
  const before = own.find('openrouter', 'openai/gpt-5-mini')!;
  expect(own.priceFor(before, noUsage, atMs)).toMatchObject({ input: 0.25 });
  own.report([{ provider: 'openrouter', id: 'openai/gpt-5-mini', price: { input: 0.3, output: 2.5 } }]);
  const after = own.find('openrouter', 'openai/gpt-5-mini')!;
  expect(own.priceFor(after, noUsage, atMs)).toEqual({ input: 0.3, output: 2.5 });
});

test('a list of capabilities in sluice.yaml replaces that of the catalogue', () => {
  const override: CatalogueModel = { provider: 'openai', id: 'gpt-5-mini', capabilities: ['tools'] };
  const model = createCatalog({ overrides: [override] }).find('openai', 'gpt-5-mini')!;
  expect(model.capabilities).toEqual(['tools']);
  expect(model.unknown).toBeUndefined();
});

test('a configured provider finds its facts under the name that the catalogue has for it', () => {
  const override = { provider: 'claude', id: 'claude-sonnet-5', context: 50_000 };
  const own = createCatalog({ overrides: [override], providers: { claude: { catalogId: 'anthropic' } } });
  expect(own.find('claude', 'claude-sonnet-5')).toMatchObject({ provider: 'claude', context: 50_000 });
  expect(own.priceFor(own.find('claude', 'claude-sonnet-5')!, noUsage, atMs)).toMatchObject({
    input: 2,
    cacheWrite1h: 4,
  });
  expect(own.find('claude', 'claude-haiku-4-5')).toMatchObject({ provider: 'anthropic', context: 200_000 });
});

test('a local provider costs nothing unless sluice.yaml says otherwise', () => {
  const override = { provider: 'ollama', id: 'priced', price: { input: 1, output: 1 } };
  const own = createCatalog({ overrides: [override], providers: { ollama: { local: true } } });
  expect(own.priceFor(own.find('ollama', 'llama3.2')!, noUsage, atMs)).toEqual({ input: 0, output: 0 });
  expect(own.priceFor({ provider: 'ollama', id: 'llama3.2' }, noUsage, atMs)).toEqual({ input: 0, output: 0 });
  expect(own.priceFor(own.find('ollama', 'priced')!, noUsage, atMs)).toEqual({ input: 1, output: 1 });
});

test('the same question gives the very same object, so that prices are worked out once', () => {
  expect(catalog.find('openai', 'gpt-4.1-nano-2025-04-14')).toBe(catalog.find('openai', 'gpt-4.1-nano-2025-04-14')!);
  const copy = { ...catalog.find('anthropic', 'claude-haiku-4-5')! };
  expect(catalog.priceFor(copy, noUsage, atMs)).toMatchObject({ cacheWrite1h: 2 });
});

test('a search finds models by any words of their names, the nearest id first', () => {
  expect(catalog.search('gpt-5-mini')[0]).toMatchObject({ id: 'gpt-5-mini' });
  expect(catalog.search('anthropic HAIKU 4.5').map(({ id }) => id)).toContain('claude-haiku-4-5');
  expect(catalog.search('no such model')).toEqual([]);
});
