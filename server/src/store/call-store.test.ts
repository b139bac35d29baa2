import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { databaseKinds, databaseTimeoutMs, emptyDatabase } from '../../test/support/databases.ts';
import { callRow } from '../../test/support/rows.ts';
import type { CallRow } from '../ledger/call-row.ts';
import { type CallStore, createCallStore } from './call-store.ts';
import { storableJson } from './storable-json.ts';

setDefaultTimeout(databaseTimeoutMs);

describe.each(databaseKinds)('on %s', (kind) => {
  let store: CallStore;
  const insert = (...rows: CallRow[]) => store.insertJson(rows.map(storableJson));

  beforeAll(async () => {
    store = createCallStore((await emptyDatabase(kind)).sql);
  });
  beforeEach(async () => {
    await emptyDatabase(kind);
  });

  test('a row comes back as it went in', async () => {
    const row = callRow({
      stream: true,
      tags: ['team:a', 'quote " and \\ and 😀'],
      attempts: [
        {
          model: 'mock/tiny',
          provider: 'mock',
          credential: 'mock/key-1',
          outcome: 'upstream_overloaded',
          status: 503,
          ms: 7,
        },
      ],
      losses: 'logit_bias (unknown there)',
      costNanos: 9_007_199_254_740_991,
      cacheWrite1h: 8,
      errorMessage: "it's; drop table calls; --",
      latencyMs: 0.125,
    });
    expect(await insert(row)).toEqual([]);
    const stored = (await store.byRequestId(row.requestId))!;
    expect({ ...stored, at: stored.at.getTime() }).toMatchObject(row);
  });

  test('what is unknown is null, not 0', async () => {
    const row = callRow({
      modelUsed: undefined,
      provider: undefined,
      costNanos: null,
      baselineNanos: null,
      firstTokenMs: undefined,
    });
    await insert(row);
    expect(await store.byRequestId(row.requestId)).toMatchObject({
      modelUsed: null,
      provider: null,
      costNanos: null,
      baselineNanos: null,
      firstTokenMs: null,
    });
  });

  test('a row that is there already is left as it is, among new ones and within one batch', async () => {
    const first = callRow({ costNanos: 1 });
    await insert(first);
    const refused = await insert(
      { ...first, costNanos: 2 },
      callRow({ requestId: 'req_twice', costNanos: 3 }),
      callRow({ requestId: 'req_twice', costNanos: 4 }),
    );
    expect(refused).toEqual([]);
    expect((await store.byRequestId(first.requestId))?.costNanos).toBe(1);
    expect((await store.byRequestId('req_twice'))?.costNanos).toBe(3);
    expect((await store.list({}, 10)).rows).toHaveLength(2);
  });

  test('names with NUL and half surrogates are written, with marks in their place', async () => {
    const row = callRow({ modelAsked: 'a\0b\ud800c\\u0000', errorMessage: 'line\nbreak\ttab\u0001', tags: ['\udfff'] });
    expect(await insert(row)).toEqual([]);
    expect(await store.byRequestId(row.requestId)).toMatchObject({
      modelAsked: 'a\ufffdb\ufffdc\\u0000',
      errorMessage: 'line\nbreak\ttab\u0001',
      tags: ['\ufffd'],
    });
  });

  test('rows that the database can never take are given back, and all others are written', async () => {
    const rows = Array.from({ length: 21 }, () => callRow());
    rows[3] = callRow({ input: 1.5 });
    rows[17] = callRow({ output: 1e30 });
    rows[18] = callRow({ outcome: null as unknown as string });
    const refused = await insert(...rows);
    expect(refused).toEqual([rows[3], rows[17], rows[18]].map(storableJson));
    expect((await store.list({}, 100)).rows).toHaveLength(18);
  });

  test('a database that is away rejects, so that nothing counts as refused', async () => {
    const away = createCallStore(() => Promise.reject(new Error('the database is away')));
    await expect(away.insertJson([storableJson(callRow())])).rejects.toThrow('the database is away');
  });

  test('a thousand rows at once are written', async () => {
    await insert(...Array.from({ length: 1000 }, () => callRow()));
    const [day] = await store.usage({}, 'day');
    expect(day?.requests).toBe(1000);
  });

  test('the list is newest first, filtered and limited', async () => {
    const at = (day: number) => Date.UTC(2026, 0, day);
    await insert(
      callRow({ requestId: 'r1', at: at(1) }),
      callRow({ requestId: 'r3', at: at(3) }),
      callRow({ requestId: 'r2', at: at(2), keyId: 'key_2', provider: 'other', modelUsed: null }),
    );
    const ids = async (...args: Parameters<CallStore['list']>) =>
      (await store.list(...args)).rows.map(({ requestId }) => requestId);
    expect(await ids({}, 10)).toEqual(['r3', 'r2', 'r1']);
    expect(await ids({}, 2)).toEqual(['r3', 'r2']);
    expect(await ids({ from: new Date(at(2)), to: new Date(at(3)) }, 10)).toEqual(['r2']);
    expect(await ids({ keyId: 'key_1' }, 10)).toEqual(['r3', 'r1']);
    expect(await ids({ provider: 'other' }, 10)).toEqual(['r2']);
    expect(await ids({ model: 'mock/tiny' }, 10)).toEqual(['r3', 'r1']);
    expect(await ids({ model: 'fast' }, 10)).toEqual(['r2']);
    expect(await ids({ keyId: "' or 1=1 --" }, 10)).toEqual([]);
  });

  test('usage is summed by day, key, model and provider', async () => {
    await insert(
      callRow({
        at: Date.UTC(2026, 0, 1, 23, 59, 59, 999),
        input: 1,
        audioInput: 2,
        cacheRead: 3,
        cacheWrite: 4,
        cacheWrite1h: 5,
        output: 6,
        audioOutput: 7,
        reasoning: 6,
        costNanos: 100,
        baselineNanos: 150,
      }),
      callRow({
        at: Date.UTC(2026, 0, 2),
        keyId: 'key_2',
        modelUsed: null,
        provider: null,
        outcome: 'failed',
        input: 0,
        output: 0,
        costNanos: 0,
        baselineNanos: 0,
      }),
      callRow({
        at: Date.UTC(2026, 0, 2, 1),
        input: 10,
        output: 5,
        costNanos: null,
        baselineNanos: null,
        outcome: 'aborted',
      }),
    );
    const first = {
      requests: 1,
      errors: 0,
      input: 3,
      cacheRead: 3,
      cacheWrite: 9,
      output: 13,
      reasoning: 6,
      totalTokens: 28,
      costNanos: 100,
      savedNanos: 50,
      unpriced: 0,
    };
    expect(await store.usage({}, 'day')).toEqual([
      { group: '2026-01-01', ...first },
      {
        group: '2026-01-02',
        requests: 2,
        errors: 1,
        input: 10,
        cacheRead: 0,
        cacheWrite: 0,
        output: 5,
        reasoning: 0,
        totalTokens: 15,
        costNanos: 0,
        savedNanos: 0,
        unpriced: 1,
      },
    ]);
    expect((await store.usage({}, 'key')).map(({ group, requests }) => [group, requests])).toEqual([
      ['key_1', 2],
      ['key_2', 1],
    ]);
    expect((await store.usage({}, 'model')).map(({ group }) => group)).toEqual(['fast', 'mock/tiny']);
    expect((await store.usage({}, 'provider')).map(({ group }) => group)).toEqual(['mock', 'none']);
    expect(await store.usage({ keyId: 'nobody' }, 'day')).toEqual([]);
  });

  test('the latency percentiles are of answered calls only, in milliseconds', async () => {
    const rows = Array.from({ length: 101 }, (_, index) => callRow({ latencyMs: index, firstTokenMs: index / 2 }));
    await insert(...rows, callRow({ latencyMs: 1e6, firstTokenMs: null, outcome: 'failed' }));
    expect(await store.stats({})).toMatchObject({
      requests: 102,
      errors: 1,
      latencyP50: 50,
      latencyP95: 95,
      latencyP99: 99,
      firstTokenP50: 25,
      firstTokenP95: 47.5,
    });
  });

  test('without any call the sums are 0 and the percentiles unknown', async () => {
    expect(await store.stats({})).toMatchObject({
      requests: 0,
      costNanos: 0,
      savedNanos: 0,
      latencyP50: null,
      firstTokenP99: null,
    });
  });

  test('sums above a thousand million dollars are still exact', async () => {
    await insert(
      callRow({ costNanos: 4_000_000_000_000_001, baselineNanos: 4_000_000_000_000_001 }),
      callRow({ costNanos: 4_000_000_000_000_001, baselineNanos: 4_000_000_000_000_003 }),
    );
    expect(await store.stats({})).toMatchObject({ costNanos: 8_000_000_000_000_002, savedNanos: 2 });
  });
});
