import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { databaseKinds, databaseTimeoutMs, emptyDatabase } from '../../test/support/databases.ts';
import { createResponseStore, type ResponseStore } from './response-store.ts';

const row = {
  id: 'resp_1',
  keyId: 'key_1',
  previousId: 'resp_0',
  items: [{ type: 'message', content: 'häl\n"lo" 😀' }],
  body: { id: 'resp_1', output: [1, null, { a: 1.5 }] },
};

setDefaultTimeout(databaseTimeoutMs);

describe.each(databaseKinds)('on %s', (kind) => {
  let store: ResponseStore;
  beforeAll(async () => {
    store = createResponseStore((await emptyDatabase(kind)).sql);
  });
  beforeEach(async () => {
    await emptyDatabase(kind);
    await store.save(row);
  });

  test('what was kept comes back whole', async () => {
    expect(await store.find('resp_1', 'key_1')).toMatchObject(row);
  });

  test("another key's answer is not found and not removed", async () => {
    expect(await store.find('resp_1', 'key_2')).toBeUndefined();
    expect(await store.remove('resp_1', 'key_2')).toBe(false);
    expect(await store.find('resp_1', 'key_1')).toBeDefined();
  });

  test('what is removed is gone, once', async () => {
    expect(await store.remove('resp_1', 'key_1')).toBe(true);
    expect(await store.remove('resp_1', 'key_1')).toBe(false);
    expect(await store.find('resp_1', 'key_1')).toBeUndefined();
  });

  test('an answer with NUL in its text is kept, with a mark in its place', async () => {
    await store.save({ ...row, id: 'resp_nul', items: ['a\0b'], body: { text: '\ud800' } });
    expect(await store.find('resp_nul', 'key_1')).toMatchObject({ items: ['a\ufffdb'], body: { text: '\ufffd' } });
  });

  test('the same id is kept once, as it was first', async () => {
    await store.save({ ...row, keyId: 'key_2', body: {} });
    expect(await store.find('resp_1', 'key_1')).toMatchObject(row);
  });
});
