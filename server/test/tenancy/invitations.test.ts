import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { composeTenancy } from '../../src/compose-tenancy.ts';
import { createInvitationService } from '../../src/identity/invitation-service.ts';
import { createAuditedChange } from '../../src/store/audit-store.ts';
import { databaseKinds, databaseTimeoutMs, emptyDatabase } from '../support/databases.ts';
import { openWorld, type World } from './world.ts';

setDefaultTimeout(databaseTimeoutMs);

const dayMs = 86_400_000;

describe.each(databaseKinds)('on %s', (kind) => {
  let world: World;
  let org: string;
  beforeAll(async () => {
    if (kind === 'postgresql') await emptyDatabase(kind);
    world = await openWorld(kind);
    org = await world.organisation('Acme');
  });
  afterAll(() => world.stop());

  const accept: ReturnType<typeof composeTenancy>['services']['invitations']['accept'] = (...given) =>
    world.elsewhere.services.invitations.accept(...given);
  const invite = (email: string, over: object = {}) =>
    world.mustAsk('POST', '/api/v1/invitations', { email, organisationId: org, ...over });

  test('a token is shown once, and nothing that is kept or listed holds it', async () => {
    const { token, id } = await invite('ada@example.com');
    expect(token).toMatch(/^sl_invite_[\w-]{32}$/);
    const listed = await world.mustAsk('GET', `/api/v1/invitations?organisationId=${org}`);
    expect(listed.data.map((row) => row.id)).toContain(id);
    const sql = await world.gateway.sql();
    const kept = [listed, await sql.query.invitations.findMany(), await sql.query.auditEntries.findMany()];
    expect(JSON.stringify(kept)).not.toContain(token.slice('sl_invite_'.length));
  });

  test('whoever accepts has the role and the teams of the invitation, once', async () => {
    const team = await world.mustAsk('POST', '/api/v1/teams', { name: 'crew', organisationId: org });
    const person = await world.stranger();
    const { token } = await invite(person.email.toUpperCase(), { role: 'viewer', teamIds: [team.id] });
    expect(await accept(token, person)).toEqual({ organisationId: org, role: 'viewer', teamIds: [team.id] });
    const members = await world.mustAsk('GET', `/api/v1/teams/${team.id}/members`);
    expect(members.data).toMatchObject([{ id: person.id, role: 'viewer' }]);
    await expect(accept(token, person)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('of many who come with one token at the same time, one gets in', async () => {
    const person = await world.stranger();
    const { token } = await invite(person.email);
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => accept(token, person)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('an invitation that is withdrawn while it is being accepted lets nobody in', async () => {
    const person = await world.stranger();
    const { token, id } = await invite(person.email);
    const { stores } = world.elsewhere;
    const seen = await stores.invitations.byId(id);
    await world.mustAsk('DELETE', `/api/v1/invitations/${id}`);
    const late = createInvitationService({
      ...stores,
      invitations: { ...stores.invitations, byHash: async () => seen },
      grants: { permissionsOf: async () => [], mayGive: async () => {} },
      audited: createAuditedChange(world.gateway.sql),
    });
    await expect(late.accept(token, person)).rejects.toMatchObject({ code: 'not_found' });
    expect(await world.elsewhere.principals.principalOfUser(person.id)).toBeUndefined();
  });

  test('a token opens nothing for another address, and stays open for its own', async () => {
    const [person, thief] = [await world.stranger(), await world.stranger()];
    const { token } = await invite(person.email, { role: 'owner' });
    await expect(accept(token, thief)).rejects.toMatchObject({ code: 'forbidden' });
    expect((await accept(token, person)).role).toBe('owner');
  });

  test('a withdrawn, replaced, mistyped or unknown token opens nothing', async () => {
    const person = await world.stranger();
    const first = await invite(person.email);
    const second = await invite(person.email);
    await expect(accept(first.token, person)).rejects.toMatchObject({ message: expect.stringContaining('withdrawn') });
    await world.mustAsk('DELETE', `/api/v1/invitations/${second.id}`);
    expect((await world.ask('DELETE', `/api/v1/invitations/${second.id}`)).status).toBe(409);
    for (const token of [second.token, `${second.token}x`, second.token.slice(0, -1), '', "' or true --"])
      await expect(accept(token, person)).rejects.toMatchObject({ code: 'not_found' });
    expect(await world.elsewhere.principals.principalOfUser(person.id)).toBeUndefined();
  });

  test('an invitation ends when it says so, in a week if it does not', async () => {
    const person = await world.stranger();
    const { token, ...row } = await invite(person.email);
    const endMs = Date.parse(String(row.expiresAt));
    expect(Math.abs(endMs - Date.now() - 7 * dayMs)).toBeLessThan(60_000);
    const { stores } = world.elsewhere;
    const at = (nowMs: number) =>
      createInvitationService({
        ...stores,
        grants: { permissionsOf: async () => [], mayGive: async () => {} },
        audited: createAuditedChange(world.gateway.sql),
        now: () => nowMs,
      });
    await expect(at(endMs).accept(token, person)).rejects.toMatchObject({
      message: expect.stringContaining('expired'),
    });
    expect(await at(endMs - 1).accept(token, person)).toMatchObject({ organisationId: org });
    for (const expiresAt of ['2020-01-01T00:00:00Z', new Date(Date.now() + 91 * dayMs).toISOString()])
      expect(
        await world.ask('POST', '/api/v1/invitations', { email: 'x@example.com', expiresAt, organisationId: org }),
      ).toMatchObject({ status: 400, body: { param: 'expiresAt' } });
  });

  test('members are not invited again, and a suspended one does not come back this way', async () => {
    const person = await world.stranger();
    const { token } = await invite(person.email);
    const rival = await world.elsewhere.stores.memberships.insert({
      organisationId: org,
      userId: person.id,
      role: 'viewer',
      status: 'suspended',
    });
    expect(rival).toBeDefined();
    await expect(accept(token, person)).rejects.toMatchObject({ code: 'conflict' });
    expect(await world.elsewhere.principals.principalOfUser(person.id, org)).toBeUndefined();
    expect((await world.ask('POST', '/api/v1/invitations', { email: person.email, organisationId: org })).status).toBe(
      409,
    );
  });

  test('a suspended organisation lets nobody in', async () => {
    const other = await world.organisation('Closed');
    const person = await world.stranger();
    const { token } = await invite(person.email, { organisationId: other });
    await world.mustAsk('PATCH', `/api/v1/organisations/${other}`, { status: 'suspended' });
    await expect(accept(token, person)).rejects.toMatchObject({ message: expect.stringContaining('suspended') });
  });

  test.each([
    ['suspended', (id: string) => world.mustAsk('PATCH', `/api/v1/users/${id}`, { status: 'suspended' })],
    ['demoted', (id: string) => world.mustAsk('PATCH', `/api/v1/users/${id}`, { role: 'member' })],
    ['removed', (id: string) => world.mustAsk('DELETE', `/api/v1/users/${id}`)],
  ])('what somebody offered ends when they are %s', async (_what, change) => {
    const organisation = await world.organisation('Brief');
    const admin = await world.member(organisation, 'admin');
    const { key } = await world.key(organisation, { role: 'admin', userId: admin.id });
    const person = await world.stranger();
    const { token } = await world.mustAsk('POST', '/api/v1/invitations', { email: person.email, role: 'admin' }, key);
    await change(admin.id);
    await expect(accept(token, person)).rejects.toMatchObject({ code: 'not_found' });
  });
});
