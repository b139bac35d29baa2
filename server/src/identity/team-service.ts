import { newId } from '../core/new-id.ts';
import { permissions as allPermissions, type Permission, type Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { AuditedChange, Tx } from '../store/audit-store.ts';
import type { KeyStore } from '../store/key-store.ts';
import type { MembershipStore } from '../store/membership-store.ts';
import type { OrganisationStore } from '../store/organisation-store.ts';
import type { TeamChange, TeamMember, TeamRow, TeamStore } from '../store/team-store.ts';
import { isUniqueViolation } from '../store/unique-violation.ts';
import { authorise } from './authorise.ts';
import { mustHold } from './grants.ts';
import { listedOrganisation, organisationOf } from './organisation-of.ts';
import { actionOf } from './organisation-service.ts';

export interface TeamServiceDeps {
  teams: TeamStore;
  organisations: OrganisationStore;
  memberships: MembershipStore;
  keys: Pick<KeyStore, 'revokeAll'>;
  audited: AuditedChange;
}

export interface TeamWish {
  name: string;
  permissions?: Permission[] | null;
  /** Without it, the actor's own. */
  organisationId?: string;
}

/** Makes, changes and removes teams, and says who is in them. */
export function createTeamService({ teams, organisations, memberships, keys, audited }: TeamServiceDeps) {
  async function find(actor: Principal, id: string, action: 'members:read' | 'members:write'): Promise<TeamRow> {
    const row = await teams.byId(id);
    if (!row) throw noTeam(id);
    authorise(actor, action, { kind: 'team', id, organisationId: row.organisationId });
    return row;
  }
  const still = async (id: string, tx: Tx): Promise<TeamRow> => {
    const row = await teams.byId(id, tx);
    if (!row) throw noTeam(id);
    return row;
  };
  const target = (id: string) => ({ kind: 'team', id });

  return {
    async list(actor: Principal, organisation?: string): Promise<TeamRow[]> {
      return teams.list(listedOrganisation(actor, 'members:read', 'team', organisation));
    },
    get: (actor: Principal, id: string): Promise<TeamRow> => find(actor, id, 'members:read'),
    /** Throws `conflict` when the organisation has a team of this name. */
    async create(actor: Principal, { name, permissions = null, ...wish }: TeamWish): Promise<TeamRow> {
      const organisationId = organisationOf(actor, 'members:write', 'team', wish.organisationId);
      return orTaken(name, () =>
        audited(actor, async (tx, note) => {
          if (!(await organisations.byId(organisationId, tx)))
            throw new SluiceError('not_found', `There is no organisation ${JSON.stringify(organisationId)}.`);
          const row = await teams.insert({ id: newId('team_'), organisationId, name, permissions }, tx);
          await note({ action: 'team.create', target: target(row.id), organisationId, detail: { name, permissions } });
          return row;
        }),
      );
    },
    /** Throws `forbidden` when it would give the team's keys something that the actor may not do. */
    async change(actor: Principal, id: string, change: TeamChange): Promise<TeamRow> {
      const { organisationId } = await find(actor, id, 'members:write');
      return orTaken(change.name ?? '', () =>
        audited(actor, async (tx, note) => {
          await organisations.lock(organisationId, tx);
          const before = await still(id, tx);
          if (change.permissions !== undefined) {
            const had = before.permissions ?? allPermissions;
            mustHold(
              actor,
              (change.permissions ?? allPermissions).filter((permission) => !had.includes(permission)),
            );
          }
          const row = Object.keys(change).length === 0 ? before : (await teams.update(id, change, tx))!;
          const action = `team.${actionOf(before.status, row.status)}`;
          await note({ action, target: target(id), organisationId, detail: { ...change } });
          return row;
        }),
      );
    },
    /** Removes a team; its keys end with it. */
    async remove(actor: Principal, id: string): Promise<void> {
      const { organisationId } = await find(actor, id, 'members:write');
      await audited(actor, async (tx, note) => {
        const { name } = await still(id, tx);
        const ended = await keys.revokeAll({ organisationId, teamId: id }, tx);
        await teams.remove(id, tx);
        await note({ action: 'team.remove', target: target(id), organisationId, detail: { name, keys: ended } });
      });
    },
    async members(actor: Principal, id: string): Promise<TeamMember[]> {
      await find(actor, id, 'members:read');
      return teams.members(id);
    },
    /** Puts a member of the organisation into a team. Throws `not_found` when they are none. */
    async addMember(actor: Principal, id: string, userId: string): Promise<void> {
      const { organisationId } = await find(actor, id, 'members:write');
      await audited(actor, async (tx, note) => {
        await still(id, tx);
        if (!(await memberships.find(organisationId, userId, tx))) throw noMember(userId);
        if (!(await teams.addMember(id, userId, tx))) return;
        await note({ action: 'team.add-member', target: target(id), organisationId, detail: { userId } });
      });
    },
    /** Takes a person out of a team; the keys that they had for it end. */
    async removeMember(actor: Principal, id: string, userId: string): Promise<void> {
      const { organisationId } = await find(actor, id, 'members:write');
      await audited(actor, async (tx, note) => {
        if (!(await teams.removeMember(id, userId, tx))) throw noMember(userId);
        const ended = await keys.revokeAll({ organisationId, teamId: id, userId }, tx);
        const detail = { userId, keys: ended };
        await note({ action: 'team.remove-member', target: target(id), organisationId, detail });
      });
    },
  };
}

export type TeamService = ReturnType<typeof createTeamService>;

async function orTaken<T>(name: string, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (isUniqueViolation(error))
      throw new SluiceError('conflict', `The organisation has a team ${JSON.stringify(name)} already.`);
    throw error;
  }
}

const noTeam = (id: string) => new SluiceError('not_found', `There is no team ${JSON.stringify(id)}.`);
const noMember = (id: string) => new SluiceError('not_found', `There is no member ${JSON.stringify(id)}.`);
