import { and, eq } from 'drizzle-orm';
import type { Permission } from '../core/principal.ts';
import type { Sql } from './database.ts';
import { memberships, organisations, roles, teamMembers, teams } from './schema.ts';

/** What must be true of those whom a key is made for. */
export function createKeyOwnerStore(sql: () => Promise<Sql>) {
  const exists = async (rows: PromiseLike<unknown[]>) => (await rows).length > 0;
  return {
    async hasOrganisation(id: string): Promise<boolean> {
      return exists((await sql()).select({ id: organisations.id }).from(organisations).where(eq(organisations.id, id)));
    },
    async hasMember(organisationId: string, userId: string): Promise<boolean> {
      const whose = and(eq(memberships.organisationId, organisationId), eq(memberships.userId, userId));
      return exists((await sql()).select({ id: memberships.userId }).from(memberships).where(whose));
    },
    async hasTeam(organisationId: string, teamId: string): Promise<boolean> {
      const which = and(eq(teams.organisationId, organisationId), eq(teams.id, teamId));
      return exists((await sql()).select({ id: teams.id }).from(teams).where(which));
    },
    async isInTeam(teamId: string, userId: string): Promise<boolean> {
      const whose = and(eq(teamMembers.teamId, teamId), eq(teamMembers.userId, userId));
      return exists((await sql()).select({ id: teamMembers.userId }).from(teamMembers).where(whose));
    },
    /** What a role of an organisation's own making allows; undefined when it has no such role. */
    async permissionsOfCustomRole(organisationId: string, role: string): Promise<readonly Permission[] | undefined> {
      const [row] = await (await sql())
        .select({ permissions: roles.permissions })
        .from(roles)
        .where(and(eq(roles.organisationId, organisationId), eq(roles.id, role)));
      return row?.permissions;
    },
  };
}

export type KeyOwnerStore = ReturnType<typeof createKeyOwnerStore>;
