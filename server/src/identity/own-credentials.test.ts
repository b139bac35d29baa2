import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { sql as query } from 'drizzle-orm';
import { databaseKinds, databaseTimeoutMs, emptyDatabase } from '../../test/support/databases.ts';
import { principal } from '../../test/support/principals.ts';
import type { OwnCredentials } from '../core/own-credentials.ts';
import { operatorPrincipal } from '../core/principal.ts';
import { createAuditedChange } from '../store/audit-store.ts';
import { createProviderKeyStore } from '../store/provider-key-store.ts';
import { users } from '../store/schema.ts';
import { type MasterKey, openMasterKey } from './master-key.ts';
import { createOwnCredentials } from './own-credentials.ts';
import { createProviderKeyService, placeOf, reveal } from './provider-key-service.ts';
import { createSecretKeeping, sealedRows } from './rewrap.ts';

setDefaultTimeout(databaseTimeoutMs);

const newKey = () => randomBytes(32).toString('base64');

async function world(kind: (typeof databaseKinds)[number], master: MasterKey = openMasterKey('', newKey())) {
  const { sql } = await emptyDatabase(kind);
  const store = createProviderKeyStore(sql);
  const faults: unknown[] = [];
  const clock = { ms: 0 };
  const state = { reads: 0, open: true };
  const audited = createAuditedChange(sql);
  const resolve = async (reference: string) => `value of ${reference}`;
  const withMaster = (key: MasterKey) => {
    const memory = createOwnCredentials({
      store: {
        live(organisationId) {
          state.reads += 1;
          return store.live(organisationId);
        },
      },
      reveal: (row) => reveal(key, resolve, row),
      isOpen: () => state.open,
      onFault: (error) => faults.push(error),
      nowMs: () => clock.ms,
    });
    const deps = { store, master: key, audited, memory, resolve, takesKeys: () => true, check: async () => true };
    return {
      memory,
      keys: createProviderKeyService(deps),
      keeping: createSecretKeeping({ stores: [sealedRows(store, placeOf)], master: key, audited }),
    };
  };
  return { sql: await sql(), store, faults, clock, state, withMaster, ...withMaster(master) };
}

const wish = (key: string, over: object = {}) => ({
  provider: 'openai',
  name: 'n',
  secret: { key },
  validate: false,
  ...over,
});
const secretsOf = async (own: OwnCredentials | Promise<OwnCredentials>, provider = 'openai') =>
  (await own)(provider)?.map(({ secret }) => secret);
const member = principal();

describe.each(databaseKinds)('on %s', (kind) => {
  test('a person’s own key goes before the organisation’s, and is used for nobody else', async () => {
    const { sql, keys, memory } = await world(kind);
    await sql.insert(users).values({ id: 'user_1', name: 'A', email: 'a@example.com' });
    const person = principal({ userId: 'user_1' });
    expect(await secretsOf(memory.of(member))).toBeUndefined();
    await keys.create(operatorPrincipal, wish('sk-of-the-organisation'));
    await keys.create(person, wish('sk-of-the-person'));
    expect(await secretsOf(memory.of(person))).toEqual(['sk-of-the-person']);
    expect(await secretsOf(memory.of(member))).toEqual(['sk-of-the-organisation']);
    expect(await secretsOf(memory.of(principal({ userId: 'user_2' })))).toEqual(['sk-of-the-organisation']);
    expect(await secretsOf(memory.of(member), 'anthropic')).toBeUndefined();
    expect(await secretsOf(memory.of(principal({ organisationId: 'org_b' })))).toBeUndefined();
    // A person sees and touches their own only.
    expect((await keys.list(person)).map(({ userId }) => userId)).toEqual(['user_1']);
    const [ofAll] = (await keys.list(operatorPrincipal)).filter(({ userId }) => userId === null);
    await expect(keys.revoke(person, ofAll!.id)).rejects.toThrow('There is no provider key');
    await expect(keys.create(person, wish('sk', { owner: 'organisation' }))).rejects.toThrow('for yourself only');
  });

  test('a reference is read by its manager, and stands in the row instead of a secret', async () => {
    const { keys, memory } = await world(kind);
    const row = await keys.create(operatorPrincipal, wish('', { secret: { reference: 'vault:secret/openai#key' } }));
    expect(row).toMatchObject({ reference: 'vault:secret/openai#key', sealed: null, wrappedKey: null });
    expect(await secretsOf(memory.of(member))).toEqual(['value of vault:secret/openai#key']);
  });

  test('what is stored does not hold the key', async () => {
    const { sql, keys } = await world(kind);
    await keys.create(operatorPrincipal, wish('sk-that-is-nowhere-in-the-clear'));
    const rows = JSON.stringify(await sql.execute(query`select * from provider_keys`));
    expect(rows).not.toContain('nowhere');
    expect(rows).not.toContain(Buffer.from('nowhere-in').toString('base64').slice(0, 8));
  });

  test('a ciphertext that was moved to another row opens nowhere, and the gateway’s key is not used instead', async () => {
    const { sql, keys, memory, faults, clock } = await world(kind);
    await sql.execute(query`insert into organisations (id, name, slug) values ('org_b', 'B', 'b')`);
    const victim = await keys.create(operatorPrincipal, wish('sk-of-the-victim', { organisationId: 'org_b' }));
    const own = await keys.create(operatorPrincipal, wish('sk-of-the-thief'));
    await sql.execute(query`
      update provider_keys set sealed = ${victim.sealed}, wrapped_key = ${victim.wrappedKey} where id = ${own.id}`);
    expect(await secretsOf(memory.of(member))).toEqual([]);
    expect(String(faults[0])).toContain('does not open');
    // Nor does the row itself in another organisation.
    await sql.execute(query`delete from provider_keys where id = ${own.id}`);
    await sql.execute(query`update provider_keys set organisation_id = 'org_default' where id = ${victim.id}`);
    clock.ms += 1001;
    expect(await secretsOf(memory.of(member))).toEqual([]);
  });

  test('calls are answered from memory; a key that another replica revoked is gone within a second', async () => {
    const { sql, keys, memory, clock, state } = await world(kind);
    await keys.create(operatorPrincipal, wish('sk-1'));
    await memory.of(member);
    const { reads } = state;
    for (let call = 0; call < 1000; call++) expect(memory.of(member)).toBeFunction();
    expect(state.reads).toBe(reads);
    await sql.execute(query`update provider_keys set revoked_at = now()`);
    clock.ms = 1001;
    expect(await secretsOf(memory.of(member))).toBeUndefined();
  });

  test('an operator does not wait for a database that is still opening', async () => {
    const { memory, state } = await world(kind);
    state.open = false;
    expect(memory.of(operatorPrincipal)).toBeFunction();
    expect(state.reads).toBe(0);
    expect(memory.of(member)).toBeInstanceOf(Promise);
  });

  test('re-wrapping goes on beside calls and rotations, and lets the old master key go', async () => {
    const [first, second] = [newKey(), newKey()];
    const { keys, withMaster, store } = await world(kind, openMasterKey('', first));
    const made = [];
    for (let number = 0; number < 12; number++) made.push(await keys.create(operatorPrincipal, wish(`sk-${number}`)));
    const both = withMaster(openMasterKey('', `v2:${second},v1:${first}`));
    expect((await secretsOf(both.memory.of(member)))?.length).toBe(12);
    expect(await both.keeping.status(operatorPrincipal)).toEqual({
      newest: 2,
      versions: [2, 1],
      sealedUnder: [{ version: 1, count: 12 }],
    });
    const [report] = await Promise.all([
      both.keeping.rewrap(operatorPrincipal),
      ...made
        .slice(0, 4)
        .map(({ id }, index) => both.keys.rotate(operatorPrincipal, id, { key: `sk-new-${index}` }, false)),
    ]);
    expect(report).toMatchObject({ masterVersion: 2, failed: [] });
    expect(await store.countByVersion()).toEqual([{ version: 2, count: 12 }]);
    const onlyNew = withMaster(openMasterKey('', `v2:${second}`));
    const expected = made.map((_, index) => (index < 4 ? `sk-new-${index}` : `sk-${index}`));
    expect((await secretsOf(onlyNew.memory.of(member)))?.sort()).toEqual(expected.sort());
    expect(await both.keeping.rewrap(operatorPrincipal)).toMatchObject({ rewrapped: 0, failed: [] });
  });

  test('a secret under a master key that is gone is told, and the others are re-wrapped', async () => {
    const [first, second] = [newKey(), newKey()];
    const { keys, withMaster, sql } = await world(kind, openMasterKey('', first));
    const lost = await keys.create(operatorPrincipal, wish('sk-lost'));
    await keys.create(operatorPrincipal, wish('sk-kept'));
    await sql.execute(query`update provider_keys set master_version = 7 where id = ${lost.id}`);
    const { keeping } = withMaster(openMasterKey('', `v2:${second},v1:${first}`));
    expect(await keeping.rewrap(operatorPrincipal)).toEqual({ masterVersion: 2, rewrapped: 1, failed: [lost.id] });
  });
});
