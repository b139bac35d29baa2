import { beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { and, eq } from 'drizzle-orm';
import { databaseKinds, databaseTimeoutMs, emptyDatabase } from '../../test/support/databases.ts';
import { builtInRoles, permissions } from '../core/principal.ts';
import type { Sql } from '../store/database.ts';
import { createKeyStore } from '../store/key-store.ts';
import { memberships, organisations, roles, teamMembers, teams, users } from '../store/schema.ts';
import { createStandingStore } from '../store/standing-store.ts';
import { createKey, hashKey } from './key-format.ts';
import { createKeyring } from './keys.ts';
import { createUserPrincipals } from './principal-of-user.ts';

setDefaultTimeout(databaseTimeoutMs);

const organisationId = 'org_a';
const mine = and(eq(memberships.organisationId, organisationId), eq(memberships.userId, 'usr_a'));

/** Each as another replica writes it, of which this one hears nothing. */
const ends: [string, (sql: Sql) => Promise<unknown>][] = [
  ['the organisation is suspended', (sql) => sql.update(organisations).set({ status: 'suspended' })],
  ['the person is suspended', (sql) => sql.update(users).set({ status: 'suspended' })],
  ['the membership is suspended', (sql) => sql.update(memberships).set({ status: 'suspended' }).where(mine)],
  ['the membership is gone', (sql) => sql.delete(memberships).where(mine)],
  ['the person is gone', (sql) => sql.delete(users).where(eq(users.id, 'usr_a'))],
];
const endsOfKeys: typeof ends = [
  ['the team is suspended', (sql) => sql.update(teams).set({ status: 'suspended' })],
  ['the team is gone', (sql) => sql.delete(teams)],
  ['the owner has left the team', (sql) => sql.delete(teamMembers)],
];

describe.each(databaseKinds)('on %s', (kind) => {
  let sql: Sql;
  let clockMs: number;
  let key: string;
  let keyring: ReturnType<typeof createKeyring>;
  let people: ReturnType<typeof createUserPrincipals>;

  beforeEach(async () => {
    const opened = await emptyDatabase(kind);
    sql = await opened.sql();
    clockMs = 5000;
    const nowMs = () => clockMs;
    const store = createKeyStore(opened.sql);
    keyring = createKeyring({ store, adminKey: createKey(), nowMs });
    people = createUserPrincipals({ standings: createStandingStore(opened.sql), nowMs });
    await sql.update(organisations).set({ status: 'active' });
    await sql.insert(organisations).values([
      { id: organisationId, name: 'A', slug: 'a' },
      { id: 'org_b', name: 'B', slug: 'b' },
    ]);
    await sql.insert(users).values({ id: 'usr_a', name: 'Ada', email: 'ada@example.com' });
    await sql.insert(teams).values({ id: 'team_a', organisationId, name: 'crew' });
    await sql.insert(memberships).values({ organisationId, userId: 'usr_a', role: 'admin' });
    await sql.insert(teamMembers).values({ teamId: 'team_a', userId: 'usr_a' });
    key = createKey();
    const owned = { organisationId, teamId: 'team_a', userId: 'usr_a' };
    await store.insert({ id: 'key_a', ...owned, name: 'k', role: 'owner', hash: hashKey(key), hint: 'k' });
  });

  const holder = async () => keyring.identify(key);
  const ada = async (organisation?: string) => people.principalOfUser('usr_a', organisation);

  test.each([...ends, ...endsOfKeys])('a key works within the second, and no longer, after %s', async (_what, end) => {
    expect((await holder()).keyId).toBe('key_a');
    await end(sql);
    clockMs += 999;
    expect((await holder()).keyId).toBe('key_a');
    clockMs += 1;
    await expect(holder()).rejects.toMatchObject({ code: 'invalid_key', status: 401 });
  });

  test.each(ends)('a person is let in within the second, and no longer, after %s', async (_what, end) => {
    expect(await ada(organisationId)).toMatchObject({ kind: 'user', keyId: 'session:usr_a', role: 'admin' });
    await end(sql);
    clockMs += 999;
    expect(await ada(organisationId)).toBeDefined();
    clockMs += 1;
    expect(await ada(organisationId)).toBeUndefined();
    expect(await ada()).toBeUndefined();
  });

  test('a demotion is in force after a second, for the key and the person', async () => {
    expect((await holder()).permissions.has('members:write')).toBe(true);
    expect((await ada())?.permissions.has('members:write')).toBe(true);
    await sql.update(memberships).set({ role: 'member' }).where(mine);
    clockMs += 1000;
    expect([...(await holder()).permissions].sort()).toEqual([...builtInRoles.member].sort());
    expect([...((await ada())?.permissions ?? [])].sort()).toEqual([...builtInRoles.member].sort());
  });

  test('the second counts from when the reading began, however long it took', async () => {
    const held = createStandingStore(async () => sql);
    const slow = createUserPrincipals({
      standings: {
        ofUser: async (id) => {
          const rows = await held.ofUser(id);
          clockMs += 600;
          return rows;
        },
      },
      nowMs: () => clockMs,
    });
    expect(await slow.principalOfUser('usr_a')).toBeDefined();
    await sql.update(users).set({ status: 'suspended' });
    clockMs += 400;
    expect(await slow.principalOfUser('usr_a')).toBeUndefined();
  });

  test('a person is somebody else in each of their organisations, and nobody in the others', async () => {
    await sql.insert(roles).values({ id: 'role_b', organisationId: 'org_b', name: 'x', permissions: ['audit:read'] });
    await sql.insert(memberships).values({ organisationId: 'org_b', userId: 'usr_a', role: 'role_b' });
    expect(await ada(organisationId)).toMatchObject({ organisationId, role: 'admin', operator: false });
    expect([...((await ada('org_b'))?.permissions ?? [])]).toEqual(['audit:read']);
    expect(await ada('org_default')).toBeUndefined();
    expect((await ada())?.organisationId).toBe(organisationId);
    await sql.update(memberships).set({ status: 'suspended' }).where(mine);
    clockMs += 1000;
    expect((await ada())?.organisationId).toBe('org_b');
    expect(await people.principalOfUser('nobody')).toBeUndefined();
  });

  test('a role of another organisation allows nothing here', async () => {
    await sql.insert(roles).values({ id: 'role_b', organisationId: 'org_b', name: 'x', permissions: [...permissions] });
    await sql.update(memberships).set({ role: 'role_b' }).where(mine);
    expect((await holder()).permissions.size).toBe(0);
    expect((await ada())?.permissions.size).toBe(0);
  });

  test('an operator may do everything everywhere, but a key of theirs is no operator, and a suspended one is nobody', async () => {
    await sql.update(users).set({ operator: true });
    await sql.delete(memberships).where(mine);
    await sql.delete(teamMembers);
    expect(await ada('org_b')).toMatchObject({ operator: true, organisationId: 'org_b' });
    expect((await ada())?.organisationId).toBe('org_default');
    expect(await holder()).toMatchObject({ operator: false, organisationId });
    await sql.update(users).set({ status: 'suspended' });
    clockMs += 1000;
    expect(await ada('org_b')).toBeUndefined();
    await expect(holder()).rejects.toMatchObject({ code: 'invalid_key' });
  });

  test('many who ask at the same time share one reading, and the next second has one more', async () => {
    let asked = 0;
    const store = createStandingStore(async () => sql);
    const counted = createUserPrincipals({
      standings: {
        ofUser(id) {
          asked++;
          return store.ofUser(id);
        },
      },
      nowMs: () => clockMs,
    });
    await Promise.all(Array.from({ length: 50 }, () => counted.principalOfUser('usr_a')));
    expect(counted.principalOfUser('usr_a')).not.toBeInstanceOf(Promise);
    expect(asked).toBe(1);
    counted.forget();
    await counted.principalOfUser('usr_a');
    expect(asked).toBe(2);
  });
});
