import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { builtInRoles } from '../../src/core/principal.ts';
import { databaseKinds, databaseTimeoutMs, emptyDatabase } from '../support/databases.ts';
import { openWorld, type World } from './world.ts';

setDefaultTimeout(databaseTimeoutMs);

describe.each(databaseKinds)('on %s', (kind) => {
  let world: World;
  let org: string;
  beforeAll(async () => {
    if (kind === 'postgresql') await emptyDatabase(kind);
    world = await openWorld(kind);
    org = await world.organisation('Acme');
  });
  afterAll(() => world.stop());

  const me = async (key: string) => (await world.mustAsk('GET', '/api/v1/me', undefined, key)) as unknown as Me;
  interface Me {
    permissions: string[];
    role: string;
    organisations: { id: string; role: string }[];
  }

  test('a key may do no more than its role, its owner and its team all allow', async () => {
    const team = await world.mustAsk('POST', '/api/v1/teams', {
      name: 'narrow',
      permissions: ['models:use', 'usage:read', 'keys:own'],
      organisationId: org,
    });
    const admin = await world.member(org, 'admin', [team.id]);
    const member = await world.member(org, 'member', [team.id]);
    const cases = [
      [{ role: 'owner' }, builtInRoles.owner],
      [{ role: 'owner', userId: admin.id }, builtInRoles.admin],
      [{ role: 'viewer', userId: member.id }, ['usage:own']],
      [{ role: 'owner', teamId: team.id }, ['models:use', 'usage:read', 'keys:own']],
      [{ role: 'owner', teamId: team.id, userId: member.id }, ['models:use', 'keys:own']],
      [{ role: 'viewer', teamId: team.id, userId: admin.id }, ['usage:read']],
      [{ role: 'nothing of this name' }, []],
    ] as const;
    for (const [over, allowed] of cases) {
      const { key } = await world.key(org, over);
      expect({ over, permissions: (await me(key)).permissions.sort() }).toEqual({
        over,
        permissions: [...allowed].sort(),
      });
    }
  });

  test('a custom role allows what it lists, in its own organisation only', async () => {
    const role = await world.mustAsk('POST', '/api/v1/roles', {
      name: 'bookkeeper',
      permissions: ['usage:read', 'budgets:read'],
      organisationId: org,
    });
    const other = await world.organisation('Other');
    const clerk = await world.member(org, role.id);
    const own = await world.key(org, { role: 'owner', userId: clerk.id });
    expect((await me(own.key)).permissions.sort()).toEqual(['budgets:read', 'usage:read']);
    expect((await me((await world.key(org, { role: role.id })).key)).permissions).toHaveLength(2);
    expect((await me((await world.key(other, { role: role.id })).key)).permissions).toEqual([]);

    await world.mustAsk('PATCH', `/api/v1/roles/${role.id}`, { permissions: ['usage:read', 'models:use'] });
    expect((await me(own.key)).permissions.sort()).toEqual(['models:use', 'usage:read']);
  });

  test('a viewer reads and calls no model; a member calls models and reads nothing', async () => {
    const viewer = await world.key(org, { role: 'viewer' });
    const member = await world.key(org, { role: 'member' });
    expect(await world.callsModel(viewer.key)).toBe(403);
    expect(await world.callsModel(member.key)).toBe(200);
    expect((await world.ask('GET', '/api/v1/users', undefined, viewer.key)).status).toBe(200);
    expect((await world.ask('GET', '/api/v1/users', undefined, member.key)).status).toBe(403);
  });

  describe('the next call after it is refused with 401, here and at once, when', () => {
    type Change = (given: { org: string; teamId: string; userId: string; keyId: string }) => Promise<unknown>;
    const patch = (path: string, body: object) => world.mustAsk('PATCH', path, body);
    const cases: [string, Change][] = [
      ['the organisation is suspended', ({ org }) => patch(`/api/v1/organisations/${org}`, { status: 'suspended' })],
      ['the team is suspended', ({ teamId }) => patch(`/api/v1/teams/${teamId}`, { status: 'suspended' })],
      ['the team is removed', ({ teamId }) => world.mustAsk('DELETE', `/api/v1/teams/${teamId}`)],
      [
        'the owner leaves the team',
        ({ teamId, userId }) => world.mustAsk('DELETE', `/api/v1/teams/${teamId}/members/${userId}`),
      ],
      ['the owner is suspended everywhere', ({ userId }) => patch(`/api/v1/users/${userId}`, { status: 'suspended' })],
      [
        'the membership is suspended',
        ({ org, userId }) => patch(`/api/v1/users/${userId}?organisationId=${org}`, { status: 'suspended' }),
      ],
      [
        'the owner is taken out of the organisation',
        ({ org, userId }) => world.mustAsk('DELETE', `/api/v1/users/${userId}?organisationId=${org}`),
      ],
      ['the key is revoked', ({ keyId }) => world.mustAsk('DELETE', `/api/v1/keys/${keyId}`)],
    ];
    test.each(cases)('%s', async (what, change) => {
      const organisation = await world.organisation(what);
      const team = await world.mustAsk('POST', '/api/v1/teams', { name: 'crew', organisationId: organisation });
      const person = await world.member(organisation, 'member', [team.id]);
      const { id: keyId, key } = await world.key(organisation, {
        role: 'member',
        teamId: team.id,
        userId: person.id,
      });
      expect(await world.callsModel(key)).toBe(200);
      await change({ org: organisation, teamId: team.id, userId: person.id, keyId });
      expect(await world.callsModel(key)).toBe(401);
      expect(await world.ask('GET', '/api/v1/me', undefined, key)).toMatchObject({
        status: 401,
        body: { code: 'invalid_key' },
      });
    });
  });

  test('who is reactivated is let in again; who was removed and invited again needs new keys', async () => {
    const person = await world.member(org, 'member');
    const { key } = await world.key(org, { role: 'member', userId: person.id });
    const path = `/api/v1/users/${person.id}`;
    await world.mustAsk('PATCH', path, { status: 'suspended' });
    expect(await world.callsModel(key)).toBe(401);
    await world.mustAsk('PATCH', path, { status: 'active' });
    expect(await world.callsModel(key)).toBe(200);

    await world.mustAsk('DELETE', path);
    const { token } = await world.mustAsk('POST', '/api/v1/invitations', {
      email: person.email,
      organisationId: org,
    });
    await world.elsewhere.services.invitations.accept(token, person);
    expect(await world.callsModel(key)).toBe(401);
  });

  test('a demotion takes away what the old role allowed from the next call on', async () => {
    const person = await world.member(org, 'admin');
    const { key } = await world.key(org, { role: 'owner', userId: person.id });
    expect((await world.ask('GET', '/api/v1/users', undefined, key)).status).toBe(200);
    await world.mustAsk('PATCH', `/api/v1/users/${person.id}`, { role: 'member' });
    expect((await world.ask('GET', '/api/v1/users', undefined, key)).status).toBe(403);
  });

  test('a person sees their organisations, a key only its own, an operator all', async () => {
    const second = await world.organisation('Second');
    const person = await world.member(org, 'member');
    const { token } = await world.mustAsk('POST', '/api/v1/invitations', {
      email: person.email,
      role: 'viewer',
      organisationId: second,
    });
    await world.elsewhere.services.invitations.accept(token, person);
    const { key } = await world.key(org, { userId: person.id });
    expect((await me(key)).organisations.map(({ id }) => id)).toEqual([org]);
    const principal = await world.elsewhere.principals.principalOfUser(person.id, second);
    expect(principal).toMatchObject({ kind: 'user', organisationId: second, role: 'viewer' });
    const seen = await world.elsewhere.services.organisations.list(principal!);
    expect(seen.map(({ organisation, role }) => [organisation.id, role])).toEqual([
      [org, 'member'],
      [second, 'viewer'],
    ]);
    const all = (await me(world.gateway.key)).organisations.map(({ id }) => id);
    expect(all).toEqual(expect.arrayContaining(['org_default', org, second]));
  });
});
