import { expect, test } from 'bun:test';
import { shippedPrior } from '../../../shared/src/routing/shipped-prior.ts';
import { seededRandom } from '../../test/conformance/seeded-random.ts';
import { chatCall } from '../../test/support/calls.ts';
import type { ModelInfo } from '../core/model-info.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { createQualityBook } from './learned/quality-book.ts';
import { createMemberOrder } from './order-members.ts';
import { createRegistry, type Group, type RoutedModel } from './registry.ts';
import { createRouter, type RouterDeps } from './router.ts';

interface Place {
  provider: string;
  upstream?: string;
  weight?: number;
}

const model = (
  id: string,
  info: Partial<ModelInfo> = {},
  { fallbacks = [], places }: { fallbacks?: string[]; places?: Place[] } = {},
): RoutedModel => {
  const [provider = '', upstream = ''] = id.split('/');
  const facts = { provider, id: upstream, ...info };
  const all = places ?? [{ provider }];
  return {
    id,
    info: facts,
    fallbacks,
    deployments: all.map((place) => ({
      id: places ? `${place.provider}/${place.upstream ?? upstream}` : id,
      provider: place.provider,
      upstream: place.upstream ?? upstream,
      info: facts,
      weight: place.weight ?? 1,
    })),
  };
};

function router(
  models: RoutedModel[],
  {
    groups = [],
    aliases = {},
    ...over
  }: Partial<RouterDeps> & { groups?: Group[]; aliases?: Record<string, string> } = {},
) {
  const registry = createRegistry({ providers: [], models, aliases, groups });
  return createRouter({
    registry: () => registry,
    credentials: (provider) => [{ id: `${provider}-key`, weight: 1 }],
    memberOrder: createMemberOrder({
      quality: createQualityBook(shippedPrior()),
      isLocal: over.isLocal ?? (() => false),
      random: over.random ?? (() => 0.5),
      latencies: { expected: (id) => ({ 'a/slow': 900, 'b/quick': 100 })[id] },
    }),
    baseline: () => undefined,
    random: () => 0.5,
    ...over,
  });
}

const idsOf = (plan: { targets: { deployment: { id: string } }[] }) =>
  plan.targets.map(({ deployment }) => deployment.id);

/** How often each comes first in 10,000 draws. */
function firstShares(draw: () => string): Record<string, number> {
  const counts: Record<string, number> = {};
  const draws = 10_000;
  for (let count = 0; count < draws; count++) {
    const first = draw();
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).map(([id, times]) => [id, times / draws]));
}

test('a model comes with its fallbacks behind it, in order', () => {
  const plan = router([model('a/one', {}, { fallbacks: ['b/two', 'c/three'] }), model('b/two'), model('c/three')]).plan(
    chatCall({ model: 'a/one' }),
  );
  expect(idsOf(plan)).toEqual(['a/one', 'b/two', 'c/three']);
  expect(plan.reason).toBe('named');
});

test('fallbacks that lead in a circle, or to themselves, come once each', () => {
  const models = [
    model('a/one', {}, { fallbacks: ['a/one', 'b/two'] }),
    model('b/two', {}, { fallbacks: ['c/three'] }),
    model('c/three', {}, { fallbacks: ['a/one', 'b/two'] }),
  ];
  expect(idsOf(router(models).plan(chatCall({ model: 'b/two' })))).toEqual(['b/two', 'c/three', 'a/one']);
});

test('a fallback that is gone is passed over', () => {
  expect(
    idsOf(
      router([model('a/one', {}, { fallbacks: ['gone/model', 'b/two'] }), model('b/two')]).plan(
        chatCall({ model: 'a/one' }),
      ),
    ),
  ).toEqual(['a/one', 'b/two']);
});

test('an ordered group keeps its order, a cheapest one sorts by price with unknown prices last', () => {
  const models = [
    model('a/dear', { price: { input: 10, output: 30 } }),
    model('b/unknown'),
    model('c/cheap', { price: { input: 0.1, output: 0.4 } }),
    model('d/free', { price: { input: 0, output: 0 } }),
  ];
  const members = models.map(({ id }) => ({ model: id, weight: 1 }));
  const groups: Group[] = [
    { name: 'ordered', origin: 'file', strategy: 'ordered', members },
    { name: 'cheapest', origin: 'file', strategy: 'cheapest', members },
  ];
  const planned = router(models, { groups });
  expect(idsOf(planned.plan(chatCall({ model: 'group/ordered' })))).toEqual([
    'a/dear',
    'b/unknown',
    'c/cheap',
    'd/free',
  ]);
  const cheapest = planned.plan(chatCall({ model: 'group/cheapest' }));
  expect(idsOf(cheapest)).toEqual(['d/free', 'c/cheap', 'a/dear', 'b/unknown']);
  expect(cheapest.reason).toBe('group cheapest: d/free of 4');
});

test('a fastest group asks whom nobody asked lately, then the quickest', () => {
  const models = [model('a/slow'), model('b/quick'), model('c/unknown')];
  const members = models.map(({ id }) => ({ model: id, weight: 1 }));
  const planned = router(models, { groups: [{ name: 'fast', origin: 'file', strategy: 'fastest', members }] });
  expect(idsOf(planned.plan(chatCall({ model: 'group/fast' })))).toEqual(['c/unknown', 'b/quick', 'a/slow']);
});

test('a weighted group puts each member first as often as its weight says', () => {
  const models = ['a/x', 'b/x', 'c/x'].map((id) => model(id));
  const groups: Group[] = [
    {
      name: 'spread',
      origin: 'file',
      strategy: 'weighted',
      members: [
        { model: 'a/x', weight: 5 },
        { model: 'b/x', weight: 3 },
        { model: 'c/x', weight: 2 },
      ],
    },
  ];
  const planned = router(models, { groups, random: seededRandom(11) });
  const shares = firstShares(() => idsOf(planned.plan(chatCall({ model: 'group/spread' })))[0]!);
  expect(shares['a/x']).toBeWithin(0.485, 0.515);
  expect(shares['b/x']).toBeWithin(0.285, 0.315);
  expect(shares['c/x']).toBeWithin(0.185, 0.215);
});

test('deployments and credentials are drawn by weight too, and every one of them stays as a target', () => {
  const models = [
    model(
      'm/x',
      {},
      {
        places: [
          { provider: 'a', weight: 9 },
          { provider: 'b', weight: 1 },
        ],
      },
    ),
  ];
  const planned = router(models, {
    random: seededRandom(12),
    credentials: () => [
      { id: 'k1', weight: 1 },
      { id: 'k2', weight: 3 },
    ],
  });
  const deployments = firstShares(() => planned.plan(chatCall({ model: 'm/x' })).targets[0]!.deployment.provider);
  expect(deployments.a).toBeWithin(0.885, 0.915);
  const credentials = firstShares(() => planned.plan(chatCall({ model: 'm/x' })).targets[0]!.credential);
  expect(credentials.k2).toBeWithin(0.735, 0.765);
  const { targets } = planned.plan(chatCall({ model: 'm/x' }));
  expect(new Set(targets.map(({ deployment, credential }) => `${deployment.provider} ${credential}`)).size).toBe(4);
});

test('a model that cannot take the request is passed over for one that can, and the reason says so', () => {
  const long = chatCall({ model: 'group/all', messages: [{ role: 'user', content: 'word '.repeat(5000) }] });
  const models = [model('a/small', { context: 1000 }), model('b/large', { context: 200_000 })];
  const groups: Group[] = [
    { name: 'all', origin: 'file', strategy: 'ordered', members: models.map(({ id }) => ({ model: id, weight: 1 })) },
  ];
  const plan = router(models, { groups }).plan(long);
  expect(idsOf(plan)).toEqual(['b/large']);
  expect(plan.reason).toMatch(
    /^group all: b\/large of 2, 1 before it cannot take the request \(\d+ input tokens or more\)$/,
  );
});

test('a fallback that stands in because the model asked for cannot is named in the reason', () => {
  const long = chatCall({ model: 'a/small', messages: [{ role: 'user', content: 'word '.repeat(5000) }] });
  const plan = router([
    model('a/small', { context: 1000 }, { fallbacks: ['b/large'] }),
    model('b/large', { context: 200_000 }),
  ]).plan(long);
  expect(idsOf(plan)).toEqual(['b/large']);
  expect(plan.reason).toBe('named; b/large stands in: a/small cannot take the request');
});

function refusal(plan: () => unknown): SluiceError {
  try {
    plan();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('when no model can take the request the refusal is that of the model asked for', () => {
  const long = chatCall({ model: 'a/small', messages: [{ role: 'user', content: 'word '.repeat(5000) }] });
  const error = refusal(() => router([model('a/small', { context: 1000 })]).plan(long));
  expect([error.code, error.status, error.facts.param]).toEqual(['context_window_exceeded', 400, 'messages']);
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  const seeing = chatCall({ model: 'a/blind', messages: [{ role: 'user', content: [image] }] });
  expect(refusal(() => router([model('a/blind', { capabilities: ['tools'] })]).plan(seeing)).code).toBe(
    'unsupported_capability',
  );
});

test('unknown names, groups without members and providers without credentials are refused, each in its own words', () => {
  const one = [model('a/one')];
  expect(refusal(() => router(one).plan(chatCall({ model: 'nonsense' }))).code).toBe('model_not_found');
  const groups: Group[] = [
    { name: 'empty', origin: 'file', strategy: 'weighted', members: [{ model: 'gone/model', weight: 1 }] },
  ];
  expect(refusal(() => router(one, { groups }).plan(chatCall({ model: 'group/empty' }))).message).toContain(
    'no members',
  );
  expect(refusal(() => router(one, { credentials: () => [] }).plan(chatCall({ model: 'a/one' }))).message).toContain(
    'no provider of a/one has a credential'.replace('no', 'No'),
  );
});

test('savings are measured against the dearest model that was asked for, or the configured baseline', () => {
  const models = [
    model('a/cheap', { price: { input: 1, output: 1 } }),
    model('b/dear', { price: { input: 9, output: 9 } }),
    model('c/unknown'),
  ];
  const groups: Group[] = [
    { name: 'all', origin: 'file', strategy: 'cheapest', members: models.map(({ id }) => ({ model: id, weight: 1 })) },
  ];
  expect(router(models, { groups }).plan(chatCall({ model: 'group/all' })).baseline?.id).toBe('dear');
  const baseline = { provider: 'z', id: 'reference' };
  expect(router(models, { groups, baseline: () => baseline }).plan(chatCall({ model: 'group/all' })).baseline).toBe(
    baseline,
  );
  expect(router(models).plan(chatCall({ model: 'c/unknown' })).baseline).toBeUndefined();
});
