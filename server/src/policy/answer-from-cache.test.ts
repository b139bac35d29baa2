import { expect, test } from 'bun:test';
import { principal } from '../../test/support/principals.ts';
import type { CallConstraints } from '../core/call.ts';
import { CallAbort } from '../core/call-abort.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Policy } from './pipeline.ts';
import { answerFrame, answering, askThrough, cachePolicy, cacheSettings } from './test-cache.ts';

const long = process.env.SLUICE_LONG === '1';

const user = (organisationId: string, userId = 'usr_1') =>
  principal({ organisationId, userId, keyId: `key_${organisationId}_${userId}` });
const body = (content: string, over = {}) => ({ messages: [{ role: 'user', content }], ...over });

test('a question with the same meaning gets the stored answer, one with another meaning does not', async () => {
  const caches = cachePolicy(cacheSettings({ semantic: { enabled: true } }));
  let calls = 0;
  const model = answering(() => `answer ${++calls}`);
  const who = { principal: user('org_a') };
  const first = await askThrough(caches, model, body('How do I reset my password?'), who);
  expect(first.from).toBe('miss');
  const near = await askThrough(caches, model, body('how do I reset my password'), who);
  expect(near).toMatchObject({ said: first.said, from: 'semantic' });
  expect(near.context.facts.cache).toMatchObject({ savedNanos: 1000, ageSeconds: 0 });
  const far = await askThrough(caches, model, body('What is the capital of Norway?'), who);
  expect(far).toMatchObject({ said: 'answer 2', from: 'miss' });
  expect(
    (await askThrough(caches, model, body('How do I reset my password!'), { ...who, cacheControl: 'exact' })).from,
  ).toBe('miss');
});

test('everything before the question must be equal, and nothing but text may be in it', async () => {
  const caches = cachePolicy(cacheSettings({ semantic: { enabled: true } }));
  const model = answering(() => 'answer');
  const who = { principal: user('org_a') };
  const question = { role: 'user', content: 'How do I reset my password?' };
  const near = { role: 'user', content: 'how do I reset my password' };
  await askThrough(caches, model, { messages: [question] }, who);
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  const loop = [
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c', content: '1' },
  ];
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  for (const other of [
    { messages: [{ role: 'system', content: 'Answer in French.' }, near] },
    { messages: [near], temperature: 0.1 },
    { messages: [near], tools: [{ type: 'function', function: { name: 'f' } }] },
    { messages: [near], model: 'other' },
    { messages: [{ role: 'user', content: 'Hello' }, { role: 'assistant', content: 'Hi' }, near] },
  ])
    expect([other, (await askThrough(caches, model, other, who)).from]).toEqual([other, 'miss']);
  for (const never of [
    { messages: [question, ...loop, near] },
    { messages: [{ role: 'user', content: [{ type: 'text', text: near.content }, image] }] },
    { messages: [question, ...loop] },
  ]) {
    await askThrough(caches, model, never, who);
    const before = caches.semantic.count().entries;
    const again = await askThrough(caches, model, { ...never, seed: 1 }, who);
    expect([never, again.from, caches.semantic.count().entries]).toEqual([never, 'miss', before]);
  }
});

test('people of one organisation share answers only when that is allowed', async () => {
  const model = answering((_call, { principal: { userId } }) => `for ${userId}`);
  for (const semantic of [false, true]) {
    for (const [scope, expected] of [
      ['user', 'miss'],
      ['key', 'miss'],
      ['organisation', semantic ? 'semantic' : 'exact'],
    ] as const) {
      const caches = cachePolicy(cacheSettings({ scope, semantic: { enabled: semantic } }));
      await askThrough(caches, model, body('How do I reset my password?'), { principal: user('org_a', 'usr_1') });
      const text = semantic ? 'how do I reset my password' : 'How do I reset my password?';
      const other = await askThrough(caches, model, body(text), { principal: user('org_a', 'usr_2') });
      expect([scope, semantic, other.from as string]).toEqual([scope, semantic, expected]);
      const stranger = await askThrough(caches, model, body(text), { principal: user('org_b', 'usr_1') });
      expect(stranger).toMatchObject({ from: 'miss', said: 'for usr_1' });
    }
  }
});

test('near-equal questions of two tenants never meet', async () => {
  const caches = cachePolicy(cacheSettings({ scope: 'organisation', semantic: { enabled: true, threshold: 0.6 } }));
  const model = answering((_call, context) => `secret of ${context.principal.organisationId}`);
  const count = long ? 10_000 : 1000;
  const seen = { crossings: 0, semantic: 0, misses: 0 };
  for (let index = 0; index < count; index++) {
    const organisationId = index % 2 === 0 ? 'org_a' : 'org_b';
    const text = `What was the revenue of branch ${index >> 1} in the last quarter`;
    const { said, from } = await askThrough(caches, model, body(text), { principal: user(organisationId) });
    if (said !== `secret of ${organisationId}`) seen.crossings += 1;
    if (from === 'miss') seen.misses += 1;
    if (from === 'semantic') seen.semantic += 1;
  }
  expect(seen.crossings).toBe(0);
  // The caches were at work: most of these questions were near one that was asked before.
  expect(seen.semantic).toBeGreaterThan(count / 2);
  expect(seen.misses).toBeGreaterThan(1);
}, 600_000);

test('calls that are given up leave nothing for others, and nobody gets what was meant for somebody else', async () => {
  const caches = cachePolicy(cacheSettings({ scope: 'organisation', semantic: { enabled: true, threshold: 0.6 } }));
  const count = long ? 10_000 : 1000;
  let crossings = 0;
  const one = async (index: number) => {
    const abort = new CallAbort();
    const nonce = `nonce-${index}`;
    const organisationId = index % 2 === 0 ? 'org_a' : 'org_b';
    const who = { principal: user(organisationId, `usr_${index}`), abort };
    const model = async function* (...[, context]: Parameters<ReturnType<typeof answering>>) {
      context.facts.model = 'mock/tiny';
      await Promise.resolve();
      if (context.abort.reason) throw context.abort.reason;
      yield answerFrame(nonce);
      if (index % 3 === 0) throw new SluiceError('upstream_invalid_answer', 'cut');
    };
    const asking = askThrough(caches, model, body(`Repeat ${nonce} to ${organisationId}`, { seed: index }), who);
    if (index % 3 !== 2) abort.abort(new SluiceError('client_closed', 'gone'));
    const { said } = await asking.catch(() => ({ said: nonce }));
    if (said !== nonce) crossings += 1;
  };
  for (let begin = 0; begin < count; begin += 50)
    await Promise.all(Array.from({ length: 50 }, (_, at) => one(begin + at)));
  expect(crossings).toBe(0);
  // Only the third that nobody gave up was kept.
  expect(caches.memory.count().entries).toBe(Math.floor(count / 3));
}, 600_000);

test('an answer is as old as it is, and gone when its time is over', async () => {
  const caches = cachePolicy(cacheSettings({ exact: { ttlSeconds: 100 } }));
  const model = answering(() => 'answer');
  const who = { principal: user('org_a') };
  await askThrough(caches, model, body('a'), who);
  caches.clock.nowMs += 40_000;
  const young = await askThrough(caches, model, body('a'), who);
  expect(young.context.facts.cache).toMatchObject({ state: 'exact', ageSeconds: 40 });
  expect((await askThrough(caches, model, body('a'), { ...who, cacheControl: 'max-age=40' })).from).toBe('exact');
  expect((await askThrough(caches, model, body('a'), { ...who, cacheControl: 'max-age=39' })).from).toBe('miss');
  caches.clock.nowMs += 99_999;
  expect((await askThrough(caches, model, body('a'), who)).from).toBe('exact');
  caches.clock.nowMs += 1;
  expect((await askThrough(caches, model, body('a'), who)).from).toBe('miss');
});

test('chance is cached unless the settings say otherwise', async () => {
  const caches = cachePolicy(cacheSettings({ exact: { sampled: false } }));
  const model = answering(() => 'answer');
  const who = { principal: user('org_a') };
  const from = async (over: object) => {
    await askThrough(caches, model, body('a', over), who);
    return (await askThrough(caches, model, body('a', over), who)).from;
  };
  expect(await from({})).toBeUndefined();
  expect(await from({ temperature: 0.2 })).toBeUndefined();
  expect(await from({ temperature: 0 })).toBe('exact');
});

test('an invalidation voids what was asked before it, of its own organisation and of what it names', async () => {
  const caches = cachePolicy(cacheSettings());
  const model = answering(() => 'answer');
  const receivedAt = caches.clock.nowMs;
  const who = { principal: user('org_a'), receivedAt, tags: ['release-1'] };
  const from = async () => (await askThrough(caches, model, body('a'), who)).from;
  await from();
  expect(await from()).toBe('exact');
  const at = receivedAt + 1;
  for (const [kind, value, expected] of [
    ['model', 'another', 'exact'],
    ['tag', 'release-2', 'exact'],
    ['model', 'm', 'miss'],
    ['tag', 'release-1', 'miss'],
    ['all', '', 'miss'],
  ] as const) {
    caches.invalidations.splice(0, 1, { organisationId: 'org_b', kind, value, at });
    expect([kind, value, await from()]).toEqual([kind, value, 'exact']);
    caches.invalidations.splice(0, 1, { organisationId: 'org_a', kind, value, at });
    expect([kind, value, (await from()) as string]).toEqual([kind, value, expected]);
    // Asked again after the invalidation, it may be given again.
    caches.invalidations.splice(0, 1);
  }
});

test('what somebody further in calls its caller’s alone is not kept', async () => {
  const caches = cachePolicy(cacheSettings());
  const who = { principal: user('org_a') };
  const model = answering((_call, { facts }) => {
    facts.noStore = true;
    return 'for you';
  });
  await askThrough(caches, model, body('a'), who);
  expect((await askThrough(caches, model, body('a'), who)).from).toBe('miss');
});

test('a call that may only be answered in some places is not given what was said elsewhere', async () => {
  const caches = cachePolicy(cacheSettings());
  const model = answering(() => 'answer');
  const who = { principal: user('org_a') };
  await askThrough(caches, model, body('a'), who);
  const limited = { policy: limitedTo(caches.policy, { localOnly: true, because: 'a rule' }) };
  expect((await askThrough(limited, model, body('a'), who)).from).toBe('miss');
  expect((await askThrough(limited, model, body('a'), who)).from).toBe('exact');
  expect((await askThrough(caches, model, body('a'), who)).from).toBe('exact');
});

const limitedTo =
  (policy: Policy, constraints: CallConstraints): Policy =>
  (call, context, next) =>
    policy({ ...call, constraints }, context, next);
