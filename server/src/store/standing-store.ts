import { and, eq } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Permission } from '../core/principal.ts';
import type { Sql } from './database.ts';
import { keys, memberships, organisations, roles, teamMembers, teams, users } from './schema.ts';

export type Status = 'active' | 'suspended';

/** How a person stands in an organisation. */
export interface MembershipStanding {
  role: string;
  status: Status;
  /** What a custom role allows; null: the role is a built-in one, or gone. */
  rolePermissions: Permission[] | null;
}

/** A key as it was stored, and how everything stands that its rights hang on. Null: that is gone. */
export interface HeldKey {
  key: typeof keys.$inferSelect;
  organisationStatus: Status;
  /** What a custom role of the key allows. */
  rolePermissions: Permission[] | null;
  team: { status: Status; permissions: Permission[] | null } | null;
  owner: { status: Status; operator: boolean } | null;
  ownerMembership: MembershipStanding | null;
  /** Whether the owner is one of the key's team. */
  ownerInTeam: boolean;
}

/** A person in one of their organisations, oldest membership first. */
export interface UserStanding {
  user: typeof users.$inferSelect;
  organisation: { id: string; status: Status } | null;
  membership: MembershipStanding | null;
}

const keyRole = alias(roles, 'key_role');
const ownerRole = alias(roles, 'owner_role');

/** Everything that the rights of keys hang on, in one query; the caller says which keys. */
export const selectHeldKeys = (sql: Sql) =>
  sql
    .select({
      key: keys,
      organisationStatus: organisations.status,
      rolePermissions: keyRole.permissions,
      team: { status: teams.status, permissions: teams.permissions },
      owner: { status: users.status, operator: users.operator },
      ownerMembership: {
        role: memberships.role,
        status: memberships.status,
      },
      ownerRolePermissions: ownerRole.permissions,
      teamMember: teamMembers.userId,
    })
    .from(keys)
    .innerJoin(organisations, eq(organisations.id, keys.organisationId))
    .leftJoin(teams, and(eq(teams.id, keys.teamId), eq(teams.organisationId, keys.organisationId)))
    .leftJoin(teamMembers, and(eq(teamMembers.teamId, keys.teamId), eq(teamMembers.userId, keys.userId)))
    .leftJoin(users, eq(users.id, keys.userId))
    .leftJoin(
      memberships,
      and(eq(memberships.organisationId, keys.organisationId), eq(memberships.userId, keys.userId)),
    )
    .leftJoin(keyRole, and(eq(keyRole.id, keys.role), eq(keyRole.organisationId, keys.organisationId)))
    .leftJoin(ownerRole, and(eq(ownerRole.id, memberships.role), eq(ownerRole.organisationId, keys.organisationId)));

type HeldKeyRow = Awaited<ReturnType<typeof selectHeldKeys>>[number];

export const toHeldKey = ({ ownerMembership, ownerRolePermissions, teamMember, ...row }: HeldKeyRow): HeldKey => ({
  ...row,
  ownerMembership: ownerMembership && { ...ownerMembership, rolePermissions: ownerRolePermissions },
  ownerInTeam: teamMember !== null,
});

/** How people stand in their organisations. */
export function createStandingStore(sql: () => Promise<Sql>) {
  return {
    /** A row for each organisation of a person; one without an organisation for a person who has none. */
    async ofUser(userId: string): Promise<UserStanding[]> {
      const rows = await (await sql())
        .select({
          user: users,
          organisation: { id: organisations.id, status: organisations.status },
          membership: { role: memberships.role, status: memberships.status },
          rolePermissions: roles.permissions,
        })
        .from(users)
        .leftJoin(memberships, eq(memberships.userId, users.id))
        .leftJoin(organisations, eq(organisations.id, memberships.organisationId))
        .leftJoin(roles, and(eq(roles.id, memberships.role), eq(roles.organisationId, memberships.organisationId)))
        .where(eq(users.id, userId))
        .orderBy(memberships.createdAt, memberships.organisationId);
      return rows.map(({ rolePermissions, membership, ...row }) => ({
        ...row,
        membership: membership && { ...membership, rolePermissions },
      }));
    },
  };
}

export type StandingStore = ReturnType<typeof createStandingStore>;
