import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { callContext } from '../../test/support/calls.ts';
import { databaseTimeoutMs, emptyDatabase, temporaryFolder } from '../../test/support/databases.ts';
import type { AnswerFacts } from '../core/call.ts';
import type { ModelInfo } from '../core/model-info.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { usageOf } from '../core/usage.ts';
import { createCallStore } from '../store/call-store.ts';
import type { CallRow } from './call-row.ts';
import { type Ledger, type LedgerDeps, openLedger } from './ledger.ts';

setDefaultTimeout(databaseTimeoutMs);

const opened: Ledger[] = [];
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

const model: ModelInfo = { provider: 'mock', id: 'tiny', price: { input: 1, output: 2 } };
const dear: ModelInfo = { provider: 'mock', id: 'huge', price: { input: 10, output: 20 } };
const call = { operation: 'chat', dialect: 'openai-chat', model: 'fast', stream: true } as const;

function setUp(over: Partial<LedgerDeps> = {}) {
  const seen: { row: CallRow; overheadMs: number | undefined }[] = [];
  const folder = join(temporaryFolder(), 'journal');
  const store = { insertJson: async () => [] } as unknown as LedgerDeps['store'];
  const ledger = openLedger({
    folder,
    store,
    priceFor: (info) => info.price,
    onRow: (row, overheadMs) => seen.push({ row, overheadMs }),
    nowMs: () => 120.00049,
    ...over,
  });
  opened.push(ledger);
  return { ledger, seen, folder };
}

function contextWith(facts: Partial<AnswerFacts>) {
  const context = callContext({ startedMs: 100, tags: ['team:a'] });
  Object.assign(context.facts, facts);
  return context;
}

const answered = (): Partial<AnswerFacts> => ({
  model: 'mock/tiny',
  provider: 'mock',
  wire: 'openai-chat',
  modelInfo: model,
  usage: usageOf({ input: 1000, output: 500 }),
  finish: 'stop',
  route: 'named',
  attempts: [{ model: 'mock/tiny', provider: 'mock', credential: 'mock/key-1', outcome: 'ok', ms: 9 }],
  upstreamRequestId: 'up_1',
});

test('an answered call is priced, and its row says all there is to know', () => {
  const { ledger, seen } = setUp();
  const context = contextWith({ ...answered(), firstFrameMs: 8.25, upstreamMs: 7 });
  const row = ledger.settle({ call, context });
  expect(row).toMatchObject({
    requestId: 'req_test',
    kind: 'call',
    at: context.receivedAt,
    keyId: 'key_1',
    keyName: 'a key',
    operation: 'chat',
    dialect: 'openai-chat',
    stream: true,
    modelAsked: 'fast',
    modelUsed: 'mock/tiny',
    input: 1000,
    output: 500,
    estimated: false,
    costNanos: 2_000_000,
    baselineNanos: 2_000_000,
    latencyMs: 20,
    firstTokenMs: 8.25,
    finish: 'stop',
    outcome: 'ok',
    status: 200,
    tags: ['team:a'],
    upstreamRequestId: 'up_1',
  });
  expect(context.facts.costNanos).toBe(2_000_000);
  expect(seen).toEqual([{ row, overheadMs: 1.25 }]);
});

test('what was saved is measured against the baseline, which knows nothing of a cost that the provider reported', () => {
  const { ledger } = setUp();
  const row = ledger.settle({
    call,
    context: contextWith({
      ...answered(),
      baseline: dear,
      usage: usageOf({ input: 1000, output: 500, reportedCostUsd: 0.0005 }),
    }),
  });
  expect([row.costNanos, row.baselineNanos]).toEqual([500_000, 20_000_000]);
});

test('an answer of a model without a price is unpriced, never free', () => {
  const { ledger } = setUp();
  const row = ledger.settle({
    call,
    context: contextWith({ ...answered(), modelInfo: { provider: 'mock', id: 'new' }, baseline: dear }),
  });
  expect([row.costNanos, row.baselineNanos]).toEqual([null, null]);
});

test('a baseline without a price saves nothing', () => {
  const { ledger } = setUp();
  const row = ledger.settle({
    call,
    context: contextWith({ ...answered(), baseline: { provider: 'mock', id: 'new' } }),
  });
  expect([row.costNanos, row.baselineNanos]).toEqual([2_000_000, 2_000_000]);
});

test('a call that nobody answered costs nothing', () => {
  const { ledger } = setUp();
  const error = new SluiceError('upstream_overloaded', 'busy');
  const row = ledger.settle({ call, context: contextWith({}), error });
  expect(row).toMatchObject({
    costNanos: 0,
    baselineNanos: 0,
    input: 0,
    output: 0,
    outcome: 'failed',
    status: 503,
    errorCode: 'upstream_overloaded',
    errorMessage: 'busy',
  });
  expect(row.modelUsed).toBeUndefined();
});

test('an aborted or cut answer is charged for what was seen, and marked as an estimate', () => {
  const { ledger } = setUp();
  const error = new SluiceError('client_closed', 'The caller hung up.');
  const row = ledger.settle({
    call,
    context: contextWith({ ...answered(), usage: { ...usageOf({ input: 10, output: 20 }), estimated: true } }),
    error,
  });
  expect(row).toMatchObject({ outcome: 'aborted', status: 499, estimated: true, costNanos: 50_000 });
});

test.each([
  ['client_closed', 'aborted'],
  ['invalid_request', 'rejected'],
  ['upstream_rejected', 'rejected'],
  ['model_not_found', 'rejected'],
  ['upstream_rate_limited', 'failed'],
  ['upstream_timeout', 'failed'],
  ['internal', 'failed'],
] as const)('%s counts as %s', (code, outcome) => {
  const { ledger } = setUp();
  expect(ledger.settle({ call, context: contextWith({}), error: new SluiceError(code, '') }).outcome).toBe(outcome);
});

test('figures that are no counts become counts, so that the row can be written', () => {
  const { ledger } = setUp();
  const row = ledger.settle({
    call,
    context: contextWith({ ...answered(), usage: usageOf({ input: 10.4, output: -3, cacheRead: 2.5 }) }),
  });
  expect([row.input, row.output, row.cacheRead]).toEqual([10, 0, 3]);
});

test('a long error message is cut, and losses are told in words', () => {
  const { ledger } = setUp();
  const context = contextWith({
    losses: [
      { field: 'logit_bias', reason: 'unknown there' },
      { field: 'logit_bias', reason: 'again' },
    ],
  });
  const row = ledger.settle({ call, context, error: new SluiceError('internal', 'x'.repeat(5000)) });
  expect(row.errorMessage).toHaveLength(1000);
  expect(row.losses).toBe('logit_bias (unknown there)');
});

test('a settled call is in the database after a flush, once', async () => {
  const { sql } = await emptyDatabase('embedded');
  const store = createCallStore(sql);
  const { ledger } = setUp({ store });
  const context = contextWith(answered());
  ledger.settle({ call, context });
  // The same request settled again, as a bug or a replay would.
  ledger.settle({ call, context });
  await ledger.flush();
  expect((await store.list({}, 10)).rows).toHaveLength(1);
  expect(await store.byRequestId('req_test')).toMatchObject({
    modelUsed: 'mock/tiny',
    costNanos: 2_000_000,
    outcome: 'ok',
  });
});

test('a ledger has its folder for itself until it is closed', async () => {
  const { folder } = setUp();
  expect(() => setUp({ folder })).toThrow(/already/);
  await opened.pop()!.close();
  expect(existsSync(join(folder, 'lock'))).toBe(false);
  expect(() => setUp({ folder })).not.toThrow();
});
