import { builtInRoles, isBuiltInRole, type Permission, type Principal, permissions } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { HeldKey, MembershipStanding } from '../store/standing-store.ts';

/** What a role allows: a built-in one by its name, else what the organisation gave it. A role that is gone allows nothing. */
export const permissionsOfRole = (role: string, custom: readonly Permission[] | null): readonly Permission[] =>
  isBuiltInRole(role) ? builtInRoles[role] : (custom ?? []);

/**
 * What a key may do: no more than its role, its owner's role and its team allow. Throws `invalid_key` when the organisation,
 * the team, the owner or their membership is suspended or gone.
 */
export function rightsOfKey(held: HeldKey): Set<Permission> {
  const { key, organisationStatus, team, owner, ownerMembership, ownerInTeam } = held;
  if (organisationStatus !== 'active') throw refused('The organisation of this key is suspended.');
  let rights = permissionsOfRole(key.role, held.rolePermissions);
  if (key.teamId !== null) {
    if (!team) throw refused('The team of this key was removed.');
    if (team.status !== 'active') throw refused('The team of this key is suspended.');
    rights = both(rights, team.permissions ?? permissions);
  }
  if (key.userId === null) return new Set(rights);
  if (!owner) throw refused('The owner of this key was removed.');
  if (owner.status !== 'active') throw refused('The owner of this key is suspended.');
  // An operator needs no membership; the key has its own role for all that.
  if (owner.operator) return new Set(rights);
  if (!ownerMembership) throw refused('The owner of this key is no longer a member of its organisation.');
  if (ownerMembership.status !== 'active') throw refused('The owner of this key is suspended.');
  if (key.teamId !== null && !ownerInTeam) throw refused('The owner of this key is no longer a member of its team.');
  return new Set(both(rights, permissionsOfMember(ownerMembership)));
}

export const permissionsOfMember = ({ role, rolePermissions }: MembershipStanding): readonly Permission[] =>
  permissionsOfRole(role, rolePermissions);

const both = (some: readonly Permission[], others: readonly Permission[]): readonly Permission[] =>
  some.filter((permission) => others.includes(permission));

const refused = (message: string) =>
  new SluiceError('invalid_key', `${message} Ask an administrator of your organisation.`);

/** What a person or key of the principal can be called in writing: the principal of a key, from what is known of it. */
export const principalOfKey = (held: HeldKey): Principal => {
  const { key } = held;
  return {
    kind: 'key',
    keyId: key.id,
    keyName: key.name,
    organisationId: key.organisationId,
    ...(key.teamId !== null && { teamId: key.teamId }),
    ...(key.userId !== null && { userId: key.userId }),
    role: key.role,
    permissions: rightsOfKey(held),
    operator: false,
    ...(key.models && { models: key.models }),
    ...(key.scopes && { scopes: key.scopes }),
    ...(key.tags.length > 0 && { tags: key.tags }),
  };
};
