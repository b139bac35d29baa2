import { beforeEach, expect, setDefaultTimeout, setSystemTime, test } from 'bun:test';
import { databaseTimeoutMs, emptyDatabase } from '../../test/support/databases.ts';
import { operatorPrincipal, type Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { createAuditedChange } from '../store/audit-store.ts';
import type { Sql } from '../store/database.ts';
import { createKeyOwnerStore } from '../store/key-owner-store.ts';
import { createKeyStore, type KeyStore } from '../store/key-store.ts';
import type { HeldKey } from '../store/standing-store.ts';
import { createKey, hashKey } from './key-format.ts';
import { createKeyService, type KeyService } from './key-service.ts';
import { createKeyring, type Keyring } from './keys.ts';

setDefaultTimeout(databaseTimeoutMs);

const adminKey = createKey();
let sql: () => Promise<Sql>;
let store: KeyStore;
let keyring: Keyring;
let keys: KeyService;
let clockMs: number;

beforeEach(async () => {
  ({ sql } = await emptyDatabase('embedded'));
  store = createKeyStore(sql);
  clockMs = 0;
  keyring = createKeyring({ store, adminKey, nowMs: () => clockMs });
  keys = createKeyService({ store, owners: createKeyOwnerStore(sql), keyring, audited: createAuditedChange(sql) });
});

const who = async (key: string | undefined): Promise<Principal> => keyring.identify(key);

async function refusal(key: string | undefined): Promise<[string, number]> {
  try {
    await who(key);
  } catch (error) {
    if (error instanceof SluiceError) return [error.code, error.status];
    throw error;
  }
  throw new Error('the key was taken');
}

test('a created key tells who holds it, with its role and models', async () => {
  const { row, key } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member', models: ['mock/*'] });
  expect(await who(key)).toMatchObject({ keyId: row.id, keyName: 'ci', role: 'member', models: ['mock/*'] });
  const admin = await keys.create(operatorPrincipal, { name: 'ops', role: 'admin' });
  expect(await who(admin.key)).toMatchObject({ keyId: admin.row.id, keyName: 'ops', role: 'admin' });
});

test('the key itself is stored nowhere, only its hash and a hint', async () => {
  const { row, key } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member' });
  const stored = JSON.stringify(await store.list());
  expect(stored).toContain(hashKey(key));
  expect(stored).not.toContain(key);
  expect(stored).not.toContain(key.slice(12, -4));
  expect(JSON.stringify(row)).not.toContain(key);
});

test('a valid beginning with another end is a stranger, before and after the real key was seen', async () => {
  const { key } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member' });
  const tails = [createKey().slice(-10), key.slice(-10).toLowerCase(), '0000000000']
    .map((tail) => key.slice(0, -10) + tail)
    .filter((other) => other !== key);
  for (const other of tails) expect(await refusal(other)).toEqual(['invalid_key', 401]);
  await who(key);
  for (const other of tails) expect(await refusal(other)).toEqual(['invalid_key', 401]);
  expect(await refusal(adminKey.slice(0, -1))).toEqual(['invalid_key', 401]);
});

test('a missing key, an unknown one and a hostile one are refused', async () => {
  expect(await refusal(undefined)).toEqual(['missing_key', 401]);
  expect(await refusal('')).toEqual(['missing_key', 401]);
  for (const key of [createKey(), "' or 1=1 --", 'sl_live_', 'null', '\0', 'a'.repeat(100_000), '😀'])
    expect(await refusal(key)).toEqual(['invalid_key', 401]);
});

test('a malformed key is refused without asking the database', async () => {
  const away = createKeyring({
    store: { byHash: () => Promise.reject(new Error('asked')) } as unknown as KeyStore,
    adminKey,
  });
  expect(() => away.identify('sl_live_nonsense')).toThrow(SluiceError);
});

test('the admin key works at once, without the database', () => {
  const away = createKeyring({
    store: { byHash: () => Promise.reject(new Error('asked')) } as unknown as KeyStore,
    adminKey,
  });
  expect(away.identify(adminKey)).toEqual(operatorPrincipal);
});

test('a revoked key is refused at once', async () => {
  const { row, key } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member' });
  await who(key);
  await keys.revoke(operatorPrincipal, row.id);
  expect(await refusal(key)).toEqual(['invalid_key', 401]);
});

test('a key that is revoked while it is looked up is refused by the next call', async () => {
  const { row, key } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member' });
  const stale = await store.byHash(hashKey(key));
  const first = Promise.withResolvers<HeldKey | undefined>();
  const answers = [first.promise];
  keyring = createKeyring({
    store: { ...store, byHash: (hash) => answers.shift() ?? store.byHash(hash) },
    adminKey,
    nowMs: () => clockMs,
  });
  keys = createKeyService({ store, owners: createKeyOwnerStore(sql), keyring, audited: createAuditedChange(sql) });
  const early = who(key);
  await keys.revoke(operatorPrincipal, row.id);
  const late = refusal(key);
  first.resolve(stale);
  await early;
  expect(await late).toEqual(['invalid_key', 401]);
  expect(await refusal(key)).toEqual(['invalid_key', 401]);
});

test('a key that another replica revoked is refused within a second', async () => {
  const { row, key } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member' });
  await who(key);
  await store.revoke(row.id);
  clockMs = 999;
  expect((await who(key)).keyId).toBe(row.id);
  clockMs = 1000;
  expect(await refusal(key)).toEqual(['invalid_key', 401]);
});

test('a rotated key keeps its id and rights; the old secret ends at once', async () => {
  const { row, key } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member', models: ['auto'] });
  await who(key);
  const rotated = await keys.rotate(operatorPrincipal, row.id);
  expect(await refusal(key)).toEqual(['invalid_key', 401]);
  expect(await who(rotated.key)).toMatchObject({ keyId: row.id, keyName: 'ci', role: 'member', models: ['auto'] });
});

test('a key is refused from the moment it expires, in words of its own, though it was read a moment before', async () => {
  const expiresAt = new Date(Date.now() + 60_000);
  const { key } = await keys.create(operatorPrincipal, { name: 'short', role: 'member', expiresAt });
  expect((await who(key)).keyName).toBe('short');
  setSystemTime(expiresAt);
  try {
    expect(() => keyring.identify(key)).toThrow(/expired/);
  } finally {
    setSystemTime();
  }
});

test('a key that is not there can be neither rotated nor revoked', async () => {
  const { row } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member' });
  await keys.revoke(operatorPrincipal, row.id);
  for (const act of [
    () => keys.rotate(operatorPrincipal, 'nobody'),
    () => keys.revoke(operatorPrincipal, 'nobody'),
    () => keys.rotate(operatorPrincipal, row.id),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'not_found' });
});

test('a key is looked up once for many calls at the same time, and not again within a second', async () => {
  const { key } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member' });
  let asked = 0;
  keyring = createKeyring({
    store: {
      ...store,
      byHash(hash) {
        asked++;
        return store.byHash(hash);
      },
    },
    adminKey,
    nowMs: () => clockMs,
  });
  await Promise.all(Array.from({ length: 50 }, () => who(key)));
  expect(keyring.identify(key)).not.toBeInstanceOf(Promise);
  expect(asked).toBe(1);
  clockMs = 1000;
  await who(key);
  expect(asked).toBe(2);
});

test('a database that is away is no verdict on the key, and is asked again', async () => {
  const { key } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member' });
  let away = true;
  keyring = createKeyring({
    store: { ...store, byHash: (hash) => (away ? Promise.reject(new Error('away')) : store.byHash(hash)) },
    adminKey,
  });
  await expect(who(key)).rejects.toThrow('away');
  away = false;
  expect((await who(key)).keyName).toBe('ci');
});

test('when a key was last used is noted, also after the database was away', async () => {
  const { row, key } = await keys.create(operatorPrincipal, { name: 'ci', role: 'member' });
  let away = true;
  keyring = createKeyring({
    store: { ...store, touch: (...args) => (away ? Promise.reject(new Error('away')) : store.touch(...args)) },
    adminKey,
  });
  await who(key);
  await expect(keyring.noteUse()).rejects.toThrow('away');
  away = false;
  await keyring.noteUse();
  expect((await store.byId(row.id))?.lastUsedAt).toBeDate();
});
