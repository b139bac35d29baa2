import type { Permission, Principal } from '../core/principal.ts';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import type { AuditedChange, Tx } from '../store/audit-store.ts';
import type { InvitationStore } from '../store/invitation-store.ts';
import type { KeyStore } from '../store/key-store.ts';
import type { MembershipChange, MembershipStore } from '../store/membership-store.ts';
import type { OrganisationStore } from '../store/organisation-store.ts';
import type { TeamStore } from '../store/team-store.ts';
import type { MembershipRow, UserStore, UserWithMemberships } from '../store/user-store.ts';
import { authorise } from './authorise.ts';
import { type Grants, mustHold } from './grants.ts';
import { listedOrganisation } from './organisation-of.ts';
import { actionOf } from './organisation-service.ts';

export interface MemberServiceDeps {
  users: UserStore;
  memberships: MembershipStore;
  organisations: OrganisationStore;
  teams: TeamStore;
  invitations: InvitationStore;
  keys: Pick<KeyStore, 'revokeAll'>;
  grants: Grants;
  audited: AuditedChange;
  /** Wall clock, milliseconds since 1970. */
  now?: () => number;
}

/**
 * The members of organisations. Nobody may act on a member who may do more than they may, and an organisation keeps an owner
 * who can act.
 */
export function createMemberService({
  users,
  memberships,
  organisations,
  teams,
  invitations,
  keys,
  grants,
  audited,
  now = Date.now,
}: MemberServiceDeps) {
  /** The membership, locked with its organisation against changes at the same time. */
  async function hold(actor: Principal, organisationId: string, userId: string, tx: Tx): Promise<MembershipRow> {
    await organisations.lock(organisationId, tx);
    const row = await memberships.find(organisationId, userId, tx);
    if (!row) throw noUser(userId);
    mustHold(actor, await permissionsOf(row, tx));
    return row;
  }

  /** A role that is gone allows nothing, and keeps nobody from being given another. */
  async function permissionsOf({ organisationId, role }: MembershipRow, tx: Tx): Promise<readonly Permission[]> {
    try {
      return await grants.permissionsOf(organisationId, role, tx);
    } catch (error) {
      if (error instanceof SluiceError) return [];
      throw error;
    }
  }

  async function mustNotBeLastOwner({ organisationId, userId }: MembershipRow, tx: Tx): Promise<void> {
    if (await memberships.hasOtherOwner(organisationId, userId, tx)) return;
    throw new SluiceError(
      'conflict',
      'This is the last owner of the organisation. Make somebody else an owner first, or suspend the organisation.',
    );
  }

  /** The organisation that an actor means: the one they named, else their own; an operator's is where the person is, if that is one. */
  async function organisationFor(actor: Principal, userId: string, asked: string | undefined): Promise<string> {
    if (!actor.operator || asked !== undefined) {
      const organisationId = asked ?? actor.organisationId;
      authorise(actor, 'members:write', { kind: 'user', id: userId, organisationId });
      return organisationId;
    }
    const [first, ...others] = await memberships.ofUser(userId);
    if (!first) throw noUser(userId);
    if (others.length > 0)
      throw invalidRequest(
        'This person has several organisations: say which, with ?organisationId=.',
        'organisationId',
      );
    return first.organisationId;
  }

  const target = (id: string) => ({ kind: 'user', id });

  return {
    /** The members of an organisation, by name; an operator who names none sees everybody. */
    async list(actor: Principal, organisation?: string): Promise<UserWithMemberships[]> {
      return users.list(listedOrganisation(actor, 'members:read', 'user', organisation));
    },
    async get(actor: Principal, id: string, organisation?: string): Promise<UserWithMemberships> {
      const person = await users.find(id, listedOrganisation(actor, 'members:read', 'user', organisation));
      if (!person) throw noUser(id);
      return person;
    },
    /** Gives a member another role, suspends or reactivates them in one organisation. */
    async change(
      actor: Principal,
      userId: string,
      { role, status }: MembershipChange,
      organisation?: string,
    ): Promise<MembershipRow> {
      const organisationId = await organisationFor(actor, userId, organisation);
      return audited(actor, async (tx, note) => {
        const before = await hold(actor, organisationId, userId, tx);
        if (role !== undefined) await grants.mayGive(actor, organisationId, role, tx);
        const loses = (role !== undefined && role !== before.role) || status === 'suspended';
        if (before.role === 'owner' && before.status === 'active' && loses) await mustNotBeLastOwner(before, tx);
        // What they offered to others rested on the rights they had.
        if (loses) await invitations.revokeAll({ organisationId, invitedBy: userId }, new Date(now()), tx);
        const change = { ...(role !== undefined && { role }), ...(status !== undefined && { status }) };
        if (Object.keys(change).length === 0) return before;
        const row = (await memberships.update(organisationId, userId, change, tx))!;
        const action = `user.${actionOf(before.status, row.status)}`;
        await note({ action, target: target(userId), organisationId, detail: { ...change, roleBefore: before.role } });
        return row;
      });
    },
    /** Suspends or reactivates a person in all their organisations at once; for operators. */
    async setStatus(actor: Principal, userId: string, status: 'active' | 'suspended'): Promise<void> {
      authorise(actor, 'operator', { ...target(userId), organisationId: actor.organisationId });
      await audited(actor, async (tx, note) => {
        const all = await memberships.ofUser(userId, tx);
        // In the order of their ids, as everybody locks them.
        for (const { organisationId } of all) await organisations.lock(organisationId, tx);
        const before = await users.byId(userId, tx);
        if (!before) throw noUser(userId);
        if (status === 'suspended' && before.status === 'active')
          for (const membership of all)
            if (membership.role === 'owner' && membership.status === 'active') await mustNotBeLastOwner(membership, tx);
        await users.setStatus(userId, status, tx);
        if (status === 'suspended')
          for (const { organisationId } of all)
            await invitations.revokeAll({ organisationId, invitedBy: userId }, new Date(now()), tx);
        await note({
          action: `user.${actionOf(before.status, status)}`,
          target: target(userId),
          detail: { everywhere: true },
        });
      });
    },
    /** Takes a person out of an organisation and its teams; their keys there and the invitations they sent end. */
    async remove(actor: Principal, userId: string, organisation?: string): Promise<void> {
      const organisationId = await organisationFor(actor, userId, organisation);
      await audited(actor, async (tx, note) => {
        const before = await hold(actor, organisationId, userId, tx);
        if (before.role === 'owner' && before.status === 'active') await mustNotBeLastOwner(before, tx);
        const ended = await keys.revokeAll({ organisationId, userId }, tx);
        await invitations.revokeAll({ organisationId, invitedBy: userId }, new Date(now()), tx);
        await teams.leaveAll(organisationId, userId, tx);
        await memberships.remove(organisationId, userId, tx);
        const detail = { role: before.role, keys: ended };
        await note({ action: 'user.remove', target: target(userId), organisationId, detail });
      });
    },
  };
}

export type MemberService = ReturnType<typeof createMemberService>;

const noUser = (id: string) => new SluiceError('not_found', `There is no user ${JSON.stringify(id)}.`);
