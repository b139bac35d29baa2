import { expect, test } from 'bun:test';
import type { ModelInfo } from '../core/model-info.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { createRegistry, type RegistryDeps, type RegistryProvider, type RoutedModel } from './registry.ts';

const provider = (id: string, kind = id, known: string[] = []): RegistryProvider => ({
  id,
  kind,
  local: false,
  find: (upstream): ModelInfo | undefined =>
    known.includes(upstream) ? { provider: id, id: upstream, context: 1000 } : undefined,
});

const model = (id: string, upstream = id, at = 'mock', info: Partial<ModelInfo> = {}): RoutedModel => {
  const facts = { provider: at, id: upstream, ...info };
  return { id, info: facts, deployments: [{ id, provider: at, upstream, info: facts, weight: 1 }], fallbacks: [] };
};

const registry = (over: Partial<RegistryDeps> = {}) =>
  createRegistry({ providers: [], models: [], aliases: {}, groups: [], ...over });

function named(deps: Partial<RegistryDeps>, asked: string) {
  const found = registry(deps).resolve(asked);
  if (found.kind !== 'model') throw new Error(`${asked} is a group`);
  return { id: found.model.id, upstream: found.model.deployments[0]!.upstream, reason: found.reason };
}

test('a configured model is found by its id', () => {
  expect(named({ models: [model('claude/big', 'claude-sonnet-5', 'claude')] }, 'claude/big')).toEqual({
    id: 'claude/big',
    upstream: 'claude-sonnet-5',
    reason: 'named',
  });
});

test('an alias leads to its model, and the reason says so', () => {
  expect(named({ models: [model('mock/tiny', 'tiny')], aliases: { fast: 'mock/tiny' } }, 'fast')).toEqual({
    id: 'mock/tiny',
    upstream: 'tiny',
    reason: 'alias of mock/tiny, named',
  });
});

test('any model of a provider may be named, slashes in its own name included', () => {
  const providers = [provider('openrouter')];
  expect(named({ providers }, 'openrouter/meta-llama/llama-4:free')).toMatchObject({
    id: 'openrouter/meta-llama/llama-4:free',
    upstream: 'meta-llama/llama-4:free',
  });
});

test('a bare name finds the provider that is configured for it, then its maker, then whoever knows it', () => {
  const providers = [provider('groq', 'groq', ['gpt-5', 'llama-4']), provider('my-openai', 'openai')];
  expect(named({ providers, models: [model('mock/five', 'gpt-5')] }, 'gpt-5').id).toBe('mock/five');
  expect(named({ providers }, 'gpt-5').id).toBe('my-openai/gpt-5');
  expect(named({ providers }, 'llama-4')).toEqual({
    id: 'groq/llama-4',
    upstream: 'llama-4',
    reason: 'llama-4 is served by groq',
  });
});

test.each([
  ['claude-opus-9', 'anthropic'],
  ['gemini-9-pro', 'gemini'],
  ['o5-mini', 'openai'],
  ['mistral-huge', 'mistral'],
])('%s is newer than every catalogue and still finds %s', (asked, kind) => {
  const providers = ['openai', 'anthropic', 'gemini', 'mistral'].map((id) => provider(id));
  expect(named({ providers }, asked).id).toBe(`${kind}/${asked}`);
});

test('a group is found by its name, and through an alias', () => {
  const groups = [
    {
      name: 'executors',
      origin: 'file' as const,
      strategy: 'ordered' as const,
      members: [{ model: 'mock/tiny', weight: 1 }],
    },
  ];
  expect(registry({ groups }).resolve('group/executors')).toMatchObject({
    kind: 'group',
    group: { name: 'executors' },
  });
  expect(registry({ groups, aliases: { quick: 'group/executors' } }).resolve('quick')).toMatchObject({
    kind: 'group',
    reason: 'alias of group/executors, group executors',
  });
});

test('auto is a group of every model that chats', () => {
  const models = [model('a/x', 'x', 'a'), model('a/embed', 'embed', 'a', { capabilities: ['embeddings'] })];
  const taus = { auto: 0.9, 'auto-flash': 0.8, 'auto-think': 0.95, 'auto-ultra-think': 1 };
  for (const [asked, tau] of Object.entries(taus)) {
    expect(registry({ models }).resolve(asked)).toMatchObject({
      kind: 'group',
      group: { strategy: 'learned', tau, members: [{ model: 'a/x', weight: 1 }] },
    });
  }
  expect(() => registry({ models }).resolve('auto-anything')).toThrow(SluiceError);
});

test.each([
  'nonsense',
  'group/none',
  'nobody/model',
  'openai/',
  '/model',
  '',
  'group/',
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'group/constructor',
])('the name %j is refused in words that tell what there is', (asked) => {
  const resolve = () =>
    registry({ providers: [provider('openai')], models: [model('mock/tiny', 'tiny')] }).resolve(asked);
  expect(resolve).toThrow(SluiceError);
  expect(resolve).toThrow(/No configured provider serves the model .* Models here include mock\/tiny/);
});

test('without any model the refusal names the providers', () => {
  expect(() => registry({ providers: [provider('openai'), provider('groq')] }).resolve('nonsense')).toThrow(
    /the providers here are openai, groq/,
  );
});

test('what nobody knows of a model is left unknown', () => {
  const found = registry({ providers: [provider('openai')] }).findModel('openai/new-model');
  expect(found?.model.info).toEqual({ provider: 'openai', id: 'new-model' });
});

test('names from callers do not pile up', () => {
  const known = registry({ providers: [provider('openai')] });
  for (let count = 0; count < 20_000; count++) known.resolve(`openai/m${count}`);
  expect(known.models()).toEqual([]);
  expect(known.findModel('openai/m0')?.model.id).toBe('openai/m0');
});

test('a bad name among the aliases finds nothing that every object has', () => {
  const aliases = registry({ models: [model('mock/tiny')], aliases: { fast: 'mock/tiny' } }).aliases();
  expect(Object.keys(aliases)).toEqual(['fast']);
  expect(aliases.constructor).toBeUndefined();
});

test('a name with half a character or a control character is nobody’s, since it could stand in no address and no header', () => {
  const sandbox = registry({ providers: [provider('sandbox'), provider('openai')] });
  for (const name of ['sandbox/x\ud800', 'sandbox/x\u0000', 'sandbox/x\r\nx: y', 'gpt-\u007f'])
    expect(() => sandbox.resolve(name)).toThrow(SluiceError);
  expect(named({ providers: [provider('sandbox')] }, 'sandbox/模型').upstream).toBe('模型');
});
