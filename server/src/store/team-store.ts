import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { memberships, teamMembers, teams, users } from './schema.ts';

export type TeamRow = typeof teams.$inferSelect;
export type NewTeam = typeof teams.$inferInsert;
export type TeamChange = Partial<Pick<TeamRow, 'name' | 'status' | 'permissions'>>;
export interface TeamMember {
  id: string;
  name: string;
  email: string;
  role: string;
}

/** Teams and who is in them. */
export function createTeamStore(sql: () => Promise<Sql>) {
  return {
    async insert(team: NewTeam, tx?: Tx): Promise<TeamRow> {
      const [row] = await (tx ?? (await sql())).insert(teams).values(team).returning();
      return row!;
    },
    /** By name; of one organisation, or of all. */
    async list(organisationId?: string): Promise<TeamRow[]> {
      return (await sql())
        .select()
        .from(teams)
        .where(organisationId === undefined ? undefined : eq(teams.organisationId, organisationId))
        .orderBy(teams.name, teams.id);
    },
    async byId(id: string, tx?: Tx): Promise<TeamRow | undefined> {
      const [row] = await (tx ?? (await sql())).select().from(teams).where(eq(teams.id, id));
      return row;
    },
    /** Those of the ids that are teams of the organisation. */
    async known(organisationId: string, ids: string[], tx?: Tx): Promise<string[]> {
      if (ids.length === 0) return [];
      const rows = await (tx ?? (await sql()))
        .select({ id: teams.id })
        .from(teams)
        .where(and(eq(teams.organisationId, organisationId), inArray(teams.id, ids)));
      return rows.map(({ id }) => id);
    },
    async update(id: string, change: TeamChange, tx?: Tx): Promise<TeamRow | undefined> {
      const [row] = await (tx ?? (await sql())).update(teams).set(change).where(eq(teams.id, id)).returning();
      return row;
    },
    async remove(id: string, tx?: Tx): Promise<boolean> {
      const rows = await (tx ?? (await sql())).delete(teams).where(eq(teams.id, id)).returning({ id: teams.id });
      return rows.length > 0;
    },
    async members(id: string): Promise<TeamMember[]> {
      return (await sql())
        .select({ id: users.id, name: users.name, email: users.email, role: memberships.role })
        .from(teamMembers)
        .innerJoin(teams, eq(teams.id, teamMembers.teamId))
        .innerJoin(users, eq(users.id, teamMembers.userId))
        .innerJoin(
          memberships,
          and(eq(memberships.userId, users.id), eq(memberships.organisationId, teams.organisationId)),
        )
        .where(eq(teamMembers.teamId, id))
        .orderBy(users.name, users.id);
    },
    async hasMember(id: string, userId: string, tx?: Tx): Promise<boolean> {
      const rows = await (tx ?? (await sql()))
        .select({ userId: teamMembers.userId })
        .from(teamMembers)
        .where(and(eq(teamMembers.teamId, id), eq(teamMembers.userId, userId)));
      return rows.length > 0;
    },
    /** False when they were in it already. */
    async addMember(id: string, userId: string, tx?: Tx): Promise<boolean> {
      const rows = await (tx ?? (await sql()))
        .insert(teamMembers)
        .values({ teamId: id, userId })
        .onConflictDoNothing()
        .returning();
      return rows.length > 0;
    },
    /** False when they were not in it. */
    async removeMember(id: string, userId: string, tx?: Tx): Promise<boolean> {
      const rows = await (tx ?? (await sql()))
        .delete(teamMembers)
        .where(and(eq(teamMembers.teamId, id), eq(teamMembers.userId, userId)))
        .returning();
      return rows.length > 0;
    },
    /** Takes a person out of every team of an organisation. */
    async leaveAll(organisationId: string, userId: string, tx: Tx): Promise<void> {
      const ofOrganisation = tx.select({ id: teams.id }).from(teams).where(eq(teams.organisationId, organisationId));
      await tx
        .delete(teamMembers)
        .where(and(eq(teamMembers.userId, userId), inArray(teamMembers.teamId, ofOrganisation)));
    },
  };
}

export type TeamStore = ReturnType<typeof createTeamStore>;
