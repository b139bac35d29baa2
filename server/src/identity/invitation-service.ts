import { randomBytes } from 'node:crypto';
import { newId } from '../core/new-id.ts';
import type { Principal } from '../core/principal.ts';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import type { InvitationRow, InvitationStore } from '../store/invitation-store.ts';
import type { MembershipStore } from '../store/membership-store.ts';
import type { OrganisationStore } from '../store/organisation-store.ts';
import type { TeamStore } from '../store/team-store.ts';
import type { UserStore } from '../store/user-store.ts';
import { authorise } from './authorise.ts';
import type { Grants } from './grants.ts';
import { hashKey } from './key-format.ts';
import { listedOrganisation, organisationOf } from './organisation-of.ts';

export interface InvitationWish {
  email: string;
  role: string;
  teamIds: string[];
  expiresAt?: Date;
  /** Without it, the actor's own. */
  organisationId?: string;
}

/** Somebody who is logged in and holds a token. */
export interface Invitee {
  id: string;
  email: string;
}

export interface OpenInvitation {
  email: string;
  role: string;
  organisation: { id: string; name: string };
  expiresAt: Date;
}

export interface InvitationServiceDeps {
  invitations: InvitationStore;
  organisations: OrganisationStore;
  memberships: MembershipStore;
  teams: TeamStore;
  users: UserStore;
  grants: Grants;
  audited: AuditedChange;
  /** Wall clock, milliseconds since 1970. */
  now?: () => number;
}

export const invitationDays = 7;
export const mostInvitationDays = 90;
const dayMs = 86_400_000;
const tokenPrefix = 'sl_invite_';

/** Invites people into an organisation. The token is returned once, and nowhere kept. */
export function createInvitationService({
  invitations,
  organisations,
  memberships,
  teams,
  users,
  grants,
  audited,
  now = Date.now,
}: InvitationServiceDeps) {
  /** The invitation of a token, while it is open. Throws `not_found` in words that say why it is not. */
  async function openOf(token: string): Promise<InvitationRow> {
    const row = await invitations.byHash(hashKey(token));
    if (!row) throw closed('This invitation is unknown.');
    if (row.acceptedAt) throw closed('This invitation was accepted already.');
    if (row.revokedAt) throw closed('This invitation was withdrawn.');
    if (row.expiresAt.getTime() <= now()) throw closed('This invitation has expired.');
    const organisation = await organisations.byId(row.organisationId);
    if (organisation?.status !== 'active') throw closed('The organisation of this invitation is suspended.');
    return row;
  }

  return {
    async list(actor: Principal, organisation?: string): Promise<InvitationRow[]> {
      return invitations.list(listedOrganisation(actor, 'members:read', 'invitation', organisation));
    },
    /** Invites an address; an earlier invitation to it ends. The role may allow no more than the actor may do. */
    async create(
      actor: Principal,
      { email, role, teamIds, expiresAt = new Date(now() + invitationDays * dayMs), ...wish }: InvitationWish,
    ): Promise<{ row: InvitationRow; token: string }> {
      const organisationId = organisationOf(actor, 'members:write', 'invitation', wish.organisationId);
      const left = expiresAt.getTime() - now();
      if (left <= 0 || left > mostInvitationDays * dayMs)
        throw invalidRequest(`An invitation ends after now and within ${mostInvitationDays} days.`, 'expiresAt');
      const address = email.toLowerCase();
      const token = tokenPrefix + randomBytes(24).toString('base64url');
      const row = await audited(actor, async (tx, note) => {
        if (!(await organisations.byId(organisationId, tx))) throw noOrganisation(organisationId);
        await grants.mayGive(actor, organisationId, role, tx);
        const known = await teams.known(organisationId, teamIds, tx);
        const strange = teamIds.find((id) => !known.includes(id));
        if (strange !== undefined) throw invalidRequest(`There is no team ${JSON.stringify(strange)}.`, 'teamIds');
        const user = await users.byEmail(address, tx);
        if (user && (await memberships.find(organisationId, user.id, tx)))
          throw new SluiceError('conflict', `${address} is a member already. Change their role instead.`);
        await invitations.revokeAll({ organisationId, email: address }, new Date(now()), tx);
        const made = await invitations.insert(
          {
            id: newId('inv_'),
            organisationId,
            email: address,
            role,
            teamIds: known,
            tokenHash: hashKey(token),
            invitedBy: actor.userId ?? actor.keyId,
            createdAt: new Date(now()),
            expiresAt,
          },
          tx,
        );
        await note({
          action: 'invitation.create',
          target: { kind: 'invitation', id: made.id },
          organisationId,
          detail: { email: address, role, teamIds: known },
        });
        return made;
      });
      return { row, token };
    },
    async revoke(actor: Principal, id: string): Promise<InvitationRow> {
      const found = await invitations.byId(id);
      if (!found) throw noInvitation(id);
      const { organisationId } = found;
      authorise(actor, 'members:write', { kind: 'invitation', id, organisationId });
      return audited(actor, async (tx, note) => {
        const row = await invitations.revoke(id, new Date(now()), tx);
        if (!row) throw new SluiceError('conflict', `The invitation ${JSON.stringify(id)} is not open any more.`);
        await note({ action: 'invitation.revoke', target: { kind: 'invitation', id }, organisationId });
        return row;
      });
    },
    /** What a token opens, for whoever asks people to join. Throws `not_found` when it opens nothing (any more). */
    async peek(token: string): Promise<OpenInvitation> {
      const { email, role, organisationId, expiresAt } = await openOf(token);
      const { id, name } = (await organisations.byId(organisationId))!;
      return { email, role, expiresAt, organisation: { id, name } };
    },
    /**
     * Makes a person, who is logged in and has the address that was invited, a member. A token is taken once. Throws
     * `not_found` when it is unknown, taken, withdrawn or expired, `forbidden` when it was sent to another address and
     * `conflict` when they are a member already (a suspended one stays suspended).
     */
    async accept(token: string, user: Invitee): Promise<{ organisationId: string; role: string; teamIds: string[] }> {
      const { id, email, organisationId } = await openOf(token);
      if (user.email.toLowerCase() !== email)
        throw new SluiceError('forbidden', 'This invitation was sent to another address. Log in with that one.');
      const actor = {
        kind: 'user' as const,
        keyId: `session:${user.id}`,
        keyName: user.email,
        organisationId,
      };
      return audited(actor, async (tx, note) => {
        await organisations.lock(organisationId, tx);
        const row = await invitations.take(id, new Date(now()), tx);
        if (!row) throw closed('This invitation is not open any more.');
        const { role } = row;
        // A role that is gone by now would allow nothing; better to say so.
        await grants.permissionsOf(organisationId, role, tx);
        if (!(await memberships.insert({ organisationId, userId: user.id, role }, tx)))
          throw new SluiceError('conflict', 'You are a member of this organisation already.');
        const teamIds = await teams.known(organisationId, row.teamIds, tx);
        for (const teamId of teamIds) await teams.addMember(teamId, user.id, tx);
        await note({ action: 'invitation.accept', target: { kind: 'invitation', id }, detail: { role, teamIds } });
        return { organisationId, role, teamIds };
      });
    },
  };
}

export type InvitationService = ReturnType<typeof createInvitationService>;

const closed = (message: string) => new SluiceError('not_found', `${message} Ask whoever invited you for a new one.`);
const noInvitation = (id: string) => new SluiceError('not_found', `There is no invitation ${JSON.stringify(id)}.`);
const noOrganisation = (id: string) => new SluiceError('not_found', `There is no organisation ${JSON.stringify(id)}.`);
