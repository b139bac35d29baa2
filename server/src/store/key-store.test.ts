import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { databaseKinds, databaseTimeoutMs, emptyDatabase } from '../../test/support/databases.ts';
import { createKeyStore, type KeyStore, type NewKey } from './key-store.ts';

const newKey = (id: string, over: Partial<NewKey> = {}): NewKey => ({
  id,
  name: `key ${id}`,
  hash: `hash-${id}`,
  hint: 'sl_live_abcd…wxyz',
  role: 'member',
  organisationId: 'org_default',
  ...over,
});

setDefaultTimeout(databaseTimeoutMs);

describe.each(databaseKinds)('on %s', (kind) => {
  let store: KeyStore;
  beforeAll(async () => {
    store = createKeyStore((await emptyDatabase(kind)).sql);
  });
  beforeEach(async () => {
    await emptyDatabase(kind);
  });

  test('a key is found by its hash and its id, with everything it was given', async () => {
    const expiresAt = new Date('2030-01-01T00:00:00Z');
    const row = await store.insert(newKey('k1', { role: 'admin', models: ['mock/*', 'auto'], expiresAt }));
    expect(row).toMatchObject({
      id: 'k1',
      role: 'admin',
      models: ['mock/*', 'auto'],
      expiresAt,
      revokedAt: null,
      lastUsedAt: null,
    });
    expect(Math.abs(row.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect((await store.byHash('hash-k1'))?.key).toEqual(row);
    expect(await store.byId('k1')).toEqual(row);
    expect(await store.byHash("' or '1'='1")).toBeUndefined();
  });

  test('two keys cannot have one hash', async () => {
    await store.insert(newKey('k1'));
    await expect(store.insert(newKey('k2', { hash: 'hash-k1' }))).rejects.toThrow();
  });

  test('a new secret takes the place of the old one', async () => {
    await store.insert(newKey('k1'));
    expect(await store.replaceSecret('k1', { hash: 'hash-new', hint: 'hint-new' })).toMatchObject({
      id: 'k1',
      hash: 'hash-new',
      hint: 'hint-new',
    });
    expect(await store.byHash('hash-k1')).toBeUndefined();
    expect((await store.byHash('hash-new'))?.key.id).toBe('k1');
  });

  test('many secrets are found at once, each as it would be alone', async () => {
    for (const id of ['k1', 'k2', 'k3']) await store.insert(newKey(id));
    await store.replaceSecret('k1', { hash: 'hash-new', hint: 'h', overlapSeconds: 60 });
    await store.replaceSecret('k2', { hash: 'hash-other', hint: 'h' });
    const hashes = ['none', 'hash-new', 'hash-k1', 'hash-k2', 'hash-other', 'hash-k3', 'hash-k3'];
    const found = await Promise.all(hashes.map((hash) => store.byHash(hash)));
    expect(found.map((held) => held?.key.id)).toEqual([undefined, 'k1', 'k1', undefined, 'k2', 'k3', 'k3']);
    expect([found[1]!.key.expiresAt, found[2]!.key.expiresAt !== null]).toEqual([null, true]);
  });

  test('a revoked key stays revoked at its first time and gets no new secret', async () => {
    await store.insert(newKey('k1'));
    const revokedAt = (await store.revoke('k1'))?.revokedAt;
    expect(revokedAt).toBeDate();
    expect((await store.revoke('k1'))?.revokedAt).toEqual(revokedAt!);
    expect(await store.replaceSecret('k1', { hash: 'hash-new', hint: 'hint' })).toBeUndefined();
  });

  test('a key that is not there is not revoked and not replaced', async () => {
    expect(await store.revoke('nobody')).toBeUndefined();
    expect(await store.replaceSecret('nobody', { hash: 'h', hint: 'h' })).toBeUndefined();
  });

  test('use is noted for the keys that were used, and for no key at all', async () => {
    await store.insert(newKey('k1'));
    await store.insert(newKey('k2'));
    const at = new Date('2026-05-05T05:05:05Z');
    await store.touch(['k1', 'gone'], at);
    await store.touch([], at);
    expect((await store.byId('k1'))?.lastUsedAt).toEqual(at);
    expect((await store.byId('k2'))?.lastUsedAt).toBeNull();
  });

  test('keys are listed newest first', async () => {
    for (const id of ['k1', 'k2', 'k3']) await store.insert(newKey(id));
    expect((await store.list()).map(({ id }) => id)).toEqual(['k3', 'k2', 'k1']);
  });
});
