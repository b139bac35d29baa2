import { newId } from '../core/new-id.ts';
import { builtInRoles, isBuiltInRole, type Permission, type Principal } from '../core/principal.ts';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import type { OrganisationStore } from '../store/organisation-store.ts';
import type { RoleChange, RoleRow, RoleStore } from '../store/role-store.ts';
import { isUniqueViolation } from '../store/unique-violation.ts';
import { authorise } from './authorise.ts';
import { mustHold } from './grants.ts';
import { listedOrganisation, organisationOf } from './organisation-of.ts';

export interface RoleServiceDeps {
  roles: RoleStore;
  organisations: OrganisationStore;
  audited: AuditedChange;
}

/** A role that somebody may be given: `id` is what is named. */
export interface Role {
  id: string;
  name: string;
  builtIn: boolean;
  organisationId: string | null;
  permissions: readonly Permission[];
}

/** Custom roles of organisations. Nobody may make, change or remove one that allows what they may not do themselves. */
export function createRoleService({ roles, organisations, audited }: RoleServiceDeps) {
  async function find(actor: Principal, id: string): Promise<RoleRow> {
    if (isBuiltInRole(id))
      throw new SluiceError('conflict', `The role ${id} is built in and stays as it is. Make a role of your own.`);
    const row = await roles.byId(id);
    if (!row) throw noRole(id);
    authorise(actor, 'members:write', { kind: 'role', id, organisationId: row.organisationId });
    return row;
  }
  const target = (id: string) => ({ kind: 'role', id });

  return {
    /** The built-in roles, then the custom ones by name. */
    async list(actor: Principal, organisation?: string): Promise<Role[]> {
      const custom = await roles.list(listedOrganisation(actor, 'members:read', 'role', organisation));
      return [...builtIns, ...custom.map(present)];
    },
    async create(
      actor: Principal,
      { name, permissions, ...wish }: { name: string; permissions: Permission[]; organisationId?: string },
    ): Promise<Role> {
      const organisationId = organisationOf(actor, 'members:write', 'role', wish.organisationId);
      mustBeFree(name);
      mustHold(actor, permissions);
      return orTaken(name, () =>
        audited(actor, async (tx, note) => {
          if (!(await organisations.byId(organisationId, tx)))
            throw new SluiceError('not_found', `There is no organisation ${JSON.stringify(organisationId)}.`);
          const row = await roles.insert({ id: newId('role_'), organisationId, name, permissions }, tx);
          await note({ action: 'role.create', target: target(row.id), organisationId, detail: { name, permissions } });
          return present(row);
        }),
      );
    },
    async change(actor: Principal, id: string, change: RoleChange): Promise<Role> {
      const { organisationId } = await find(actor, id);
      if (change.name !== undefined) mustBeFree(change.name);
      return orTaken(change.name ?? '', () =>
        audited(actor, async (tx, note) => {
          await organisations.lock(organisationId, tx);
          const before = await roles.byId(id, tx);
          if (!before) throw noRole(id);
          mustHold(actor, new Set([...before.permissions, ...(change.permissions ?? [])]));
          const row = Object.keys(change).length === 0 ? before : (await roles.update(id, change, tx))!;
          await note({ action: 'role.change', target: target(id), organisationId, detail: { ...change } });
          return present(row);
        }),
      );
    },
    /** Throws `conflict` while somebody or something has the role. */
    async remove(actor: Principal, id: string): Promise<void> {
      const { organisationId } = await find(actor, id);
      await audited(actor, async (tx, note) => {
        await organisations.lock(organisationId, tx);
        const row = await roles.byId(id, tx);
        if (!row) throw noRole(id);
        mustHold(actor, row.permissions);
        const { members, keys, invitations } = await roles.uses(id, tx);
        if (members + keys + invitations > 0)
          throw new SluiceError(
            'conflict',
            `The role ${JSON.stringify(row.name)} is in use: ${members} members, ${keys} keys, ${invitations} invitations.`,
          );
        await roles.remove(id, tx);
        await note({ action: 'role.remove', target: target(id), organisationId, detail: { name: row.name } });
      });
    },
  };
}

export type RoleService = ReturnType<typeof createRoleService>;

const builtIns: Role[] = Object.entries(builtInRoles).map(([name, permissions]) => ({
  id: name,
  name,
  builtIn: true,
  organisationId: null,
  permissions,
}));

const present = ({ id, name, organisationId, permissions }: RoleRow): Role => ({
  id,
  name,
  builtIn: false,
  organisationId,
  permissions,
});

function mustBeFree(name: string): void {
  if (isBuiltInRole(name.toLowerCase())) throw invalidRequest(`The name ${name} belongs to a built-in role.`, 'name');
}

async function orTaken<T>(name: string, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (isUniqueViolation(error))
      throw new SluiceError('conflict', `The organisation has a role ${JSON.stringify(name)} already.`);
    throw error;
  }
}

const noRole = (id: string) => new SluiceError('not_found', `There is no role ${JSON.stringify(id)}.`);
