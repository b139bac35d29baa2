import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { auditEntries } from '../../src/store/schema.ts';
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

  const status = async (...asked: Parameters<World['ask']>) => (await world.ask(...asked)).status;
  const audit = async () => {
    const entries = await (await world.gateway.sql()).select().from(auditEntries).orderBy(auditEntries.seq);
    return entries.map(({ action, targetId }) => `${action} ${targetId}`);
  };

  describe('nobody gives what they do not have:', () => {
    let admin: string;
    let helpdesk: string;
    let ownerRole: string;
    let owner: string;
    beforeAll(async () => {
      admin = (await world.key(org, { role: 'admin' })).key;
      const role = await world.mustAsk('POST', '/api/v1/roles', {
        name: 'helpdesk',
        permissions: ['members:read', 'members:write', 'keys:write', 'keys:read'],
        organisationId: org,
      });
      helpdesk = (await world.key(org, { role: role.id })).key;
      ownerRole = (
        await world.mustAsk('POST', '/api/v1/roles', {
          name: 'landlord',
          permissions: ['organisation:write'],
          organisationId: org,
        })
      ).id;
      owner = (await world.member(org, 'owner')).id;
      await world.member(org, 'owner');
    });

    test('by role', async () => {
      const { id } = await world.member(org, 'member');
      for (const role of ['owner', ownerRole])
        expect(await status('PATCH', `/api/v1/users/${id}`, { role }, admin)).toBe(403);
      expect(await status('PATCH', `/api/v1/users/${id}`, { role: 'admin' }, helpdesk)).toBe(403);
      expect(await status('PATCH', `/api/v1/users/${id}`, { role: 'admin' }, admin)).toBe(200);
      expect(await status('PATCH', `/api/v1/users/${id}`, { role: 'boss' }, admin)).toBe(400);
    });

    test('by a custom role, new or changed', async () => {
      const wish = { name: 'mine', permissions: ['organisation:write'] };
      expect(await status('POST', '/api/v1/roles', wish, admin)).toBe(403);
      expect(await status('POST', '/api/v1/roles', { name: 'spender', permissions: ['budgets:write'] }, helpdesk)).toBe(
        403,
      );
      const own = await world.mustAsk(
        'POST',
        '/api/v1/roles',
        { name: 'reader', permissions: ['members:read'] },
        helpdesk,
      );
      const path = `/api/v1/roles/${own.id}`;
      expect(await status('PATCH', path, { permissions: ['audit:read'] }, helpdesk)).toBe(403);
      expect(await status('PATCH', path, { permissions: ['keys:own', 'keys:read'] }, helpdesk)).toBe(200);
      expect(await status('PATCH', `/api/v1/roles/${ownerRole}`, { permissions: [] }, admin)).toBe(403);
      expect(await status('DELETE', `/api/v1/roles/${ownerRole}`, undefined, admin)).toBe(403);
    });

    test('by invitation', async () => {
      const invite = (role: string, key: string) =>
        status('POST', '/api/v1/invitations', { email: 'friend@example.com', role }, key);
      expect(await invite('owner', admin)).toBe(403);
      expect(await invite(ownerRole, admin)).toBe(403);
      expect(await invite('member', helpdesk)).toBe(403);
      expect(await invite('member', admin)).toBe(201);
    });

    test('by key, made or taken over', async () => {
      const make = (role: string, key: string) => status('POST', '/api/v1/keys', { name: 'k', role }, key);
      expect(await make('owner', admin)).toBe(403);
      expect(await make(ownerRole, admin)).toBe(403);
      expect(await make('viewer', helpdesk)).toBe(403);
      expect(await make('admin', admin)).toBe(201);
      const greater = await world.key(org, { role: 'owner' });
      expect(await status('POST', `/api/v1/keys/${greater.id}/rotate`, undefined, admin)).toBe(403);
      expect(await status('GET', '/api/v1/me', undefined, greater.key)).toBe(200);
    });

    test('by taking the limits off a team', async () => {
      const { id } = await world.mustAsk(
        'POST',
        '/api/v1/teams',
        { name: 'few', permissions: ['keys:read'] },
        helpdesk,
      );
      const path = `/api/v1/teams/${id}`;
      expect(await status('PATCH', path, { permissions: null }, helpdesk)).toBe(403);
      expect(await status('PATCH', path, { permissions: ['audit:read'] }, helpdesk)).toBe(403);
      expect(await status('PATCH', path, { permissions: ['members:read'] }, helpdesk)).toBe(200);
    });

    test('and nobody touches somebody who may do more', async () => {
      const path = `/api/v1/users/${owner}`;
      for (const change of [{ role: 'member' }, { status: 'suspended' }])
        expect(await status('PATCH', path, change, admin)).toBe(403);
      expect(await status('DELETE', path, undefined, admin)).toBe(403);
      expect((await world.mustAsk('GET', path, undefined, admin)).memberships).toMatchObject([
        { role: 'owner', status: 'active' },
      ]);
    });

    test('a person with a member key cannot raise themselves by any of it', async () => {
      const person = await world.member(org, 'member');
      const { key } = await world.key(org, { role: 'owner', userId: person.id });
      const tries = [
        ['PATCH', `/api/v1/users/${person.id}`, { role: 'owner' }],
        ['POST', '/api/v1/roles', { name: 'x', permissions: ['audit:read'] }],
        ['POST', '/api/v1/invitations', { email: 'me@example.com', role: 'owner' }],
        ['POST', '/api/v1/keys', { name: 'x', role: 'admin' }],
        ['POST', '/api/v1/keys', { name: 'x', role: 'member', userId: null }],
        ['POST', '/api/v1/keys', { name: 'x', role: 'member', userId: owner }],
        ['PATCH', `/api/v1/organisations/${org}`, { name: 'mine' }],
      ] as const;
      for (const [method, path, body] of tries)
        expect({ path, status: await status(method, path, body, key) }).toEqual({ path, status: 403 });
    });
  });

  describe('an organisation keeps an owner', () => {
    test('the last one is not demoted, suspended or removed, not even by an operator', async () => {
      const organisation = await world.organisation('Lonely');
      const owner = await world.member(organisation, 'owner');
      const path = `/api/v1/users/${owner.id}`;
      const tries = [
        ['PATCH', path, { role: 'admin' }],
        ['PATCH', `${path}?organisationId=${organisation}`, { status: 'suspended' }],
        ['PATCH', path, { status: 'suspended' }],
        ['DELETE', path, undefined],
      ] as const;
      for (const key of [world.gateway.key, (await world.key(organisation)).key])
        for (const [method, where, body] of tries)
          expect(await world.ask(method, where, body, key)).toMatchObject({ status: 409, body: { code: 'conflict' } });

      const second = await world.member(organisation, 'owner');
      expect(await status('PATCH', path, { role: 'admin' })).toBe(200);
      expect(await status('DELETE', `/api/v1/users/${second.id}`)).toBe(409);
    });

    test('an owner who is suspended, here or everywhere, is not the one who is left', async () => {
      const organisation = await world.organisation('Half');
      const [first, second, third] = await Promise.all([1, 2, 3].map(() => world.member(organisation, 'owner')));
      await world.mustAsk('PATCH', `/api/v1/users/${first!.id}?organisationId=${organisation}`, {
        status: 'suspended',
      });
      await world.mustAsk('PATCH', `/api/v1/users/${second!.id}`, { status: 'suspended' });
      expect(await status('PATCH', `/api/v1/users/${third!.id}`, { role: 'member' })).toBe(409);
    });

    test('two owners who demote each other at the same moment leave one', async () => {
      for (let round = 0; round < 5; round++) {
        const organisation = await world.organisation(`Duel ${round}`);
        const people = await Promise.all([1, 2].map(() => world.member(organisation, 'owner')));
        const statuses = await Promise.all(
          people.map(({ id }) => status('PATCH', `/api/v1/users/${id}`, { role: 'member' })),
        );
        expect(statuses.sort()).toEqual([200, 409]);
      }
    });
  });

  test('a role that somebody has is not removed', async () => {
    const wish = { name: 'used', permissions: ['models:use'], organisationId: org };
    const { id } = await world.mustAsk('POST', '/api/v1/roles', wish);
    expect(await status('POST', '/api/v1/roles', wish)).toBe(409);
    const person = await world.member(org, id);
    expect(await world.ask('DELETE', `/api/v1/roles/${id}`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('1 members') },
    });
    await world.mustAsk('DELETE', `/api/v1/users/${person.id}`);
    expect(await status('DELETE', `/api/v1/roles/${id}`)).toBe(204);
    expect(await status('DELETE', '/api/v1/roles/admin')).toBe(409);
  });

  test('every change stands in the audit, and one that was refused does not', async () => {
    const organisation = await world.organisation('Audited');
    const { id } = await world.mustAsk('POST', '/api/v1/teams', { name: 'a', organisationId: organisation });
    await world.mustAsk('PATCH', `/api/v1/teams/${id}`, { status: 'suspended' });
    await world.mustAsk('PATCH', `/api/v1/organisations/${organisation}`, { status: 'suspended' });
    await world.mustAsk('PATCH', `/api/v1/organisations/${organisation}`, { status: 'active' });
    expect(await status('POST', '/api/v1/teams', { name: 'a', organisationId: organisation })).toBe(409);
    const told = (await audit()).filter((line) => line.endsWith(id) || line.endsWith(organisation));
    expect(told).toEqual([
      `organisation.create ${organisation}`,
      `team.create ${id}`,
      `team.suspend ${id}`,
      `organisation.suspend ${organisation}`,
      `organisation.reactivate ${organisation}`,
    ]);
  });
});
