import { isBuiltInRole, type Permission, type Principal } from '../core/principal.ts';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import type { Tx } from '../store/audit-store.ts';
import type { RoleStore } from '../store/role-store.ts';
import { permissionsOfRole } from './effective-rights.ts';

/** The rights that hold another within them: whoever may do it to everything may do it to their own. */
const widerForms: Partial<Record<Permission, readonly Permission[]>> = {
  'keys:own': ['keys:read', 'keys:write'],
  'usage:own': ['usage:read'],
};

/** The permissions among these that the actor does not hold. */
export function missing(actor: Principal, permissions: Iterable<Permission>): Permission[] {
  if (actor.operator) return [];
  const holds = (permission: Permission) =>
    actor.permissions.has(permission) || widerForms[permission]?.every((wider) => actor.permissions.has(wider));
  return [...permissions].filter((permission) => !holds(permission));
}

/** Throws `forbidden` when the actor would give what they do not have. */
export function mustHold(actor: Principal, permissions: Iterable<Permission>): void {
  const lacking = missing(actor, permissions);
  if (lacking.length === 0) return;
  throw new SluiceError(
    'forbidden',
    `Nobody may grant what they do not hold, or act on somebody who may do more: you lack ${lacking.join(', ')}.`,
  );
}

export interface GrantsDeps {
  roles: Pick<RoleStore, 'byId'>;
}

/** Who may give what to whom. Within a transaction every question takes its `tx`. */
export function createGrants({ roles }: GrantsDeps) {
  /** What a role of the organisation allows. Throws `invalid_request` when it has no such role. */
  async function permissionsOf(organisationId: string, role: string, tx?: Tx): Promise<readonly Permission[]> {
    if (isBuiltInRole(role)) return permissionsOfRole(role, null);
    const row = await roles.byId(role, tx);
    if (row?.organisationId !== organisationId)
      throw invalidRequest(
        `There is no role ${JSON.stringify(role)}. \`GET /api/v1/roles\` lists those there are.`,
        'role',
      );
    return row.permissions;
  }

  return {
    permissionsOf,
    /** Throws `forbidden` when the role allows what the actor may not do, and `invalid_request` when there is no such role. */
    async mayGive(actor: Principal, organisationId: string, role: string, tx?: Tx): Promise<void> {
      mustHold(actor, await permissionsOf(organisationId, role, tx));
    },
  };
}

export type Grants = ReturnType<typeof createGrants>;
