import { and, asc, eq, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { keys, limits, memberships, teams } from './schema.ts';

export type LimitRow = typeof limits.$inferSelect;
export type NewLimit = typeof limits.$inferInsert;
export type LimitChange = Partial<Pick<NewLimit, 'requestsPerMinute' | 'tokensPerMinute' | 'concurrent'>>;

/** Limits in the database. */
export function createLimitStore(sql: () => Promise<Sql>) {
  return {
    async insert(limit: NewLimit, tx?: Tx): Promise<LimitRow> {
      const [row] = await (tx ?? (await sql())).insert(limits).values(limit).returning();
      return row!;
    },
    /** Oldest first; of one organisation, or of all. */
    async list(organisationId?: string): Promise<LimitRow[]> {
      return (await sql())
        .select()
        .from(limits)
        .where(organisationId === undefined ? undefined : eq(limits.organisationId, organisationId))
        .orderBy(asc(limits.id));
    },
    async byId(id: string): Promise<LimitRow | undefined> {
      const [row] = await (await sql()).select().from(limits).where(eq(limits.id, id));
      return row;
    },
    /** Undefined when there is no such limit. */
    async update(id: string, change: LimitChange, tx?: Tx): Promise<LimitRow | undefined> {
      const [row] = await (tx ?? (await sql()))
        .update(limits)
        .set({ ...change, updatedAt: query`now()` })
        .where(eq(limits.id, id))
        .returning();
      return row;
    },
    async remove(id: string, tx?: Tx): Promise<LimitRow | undefined> {
      const [row] = await (tx ?? (await sql())).delete(limits).where(eq(limits.id, id)).returning();
      return row;
    },
    /** Whether the organisation has such a team, member or key. */
    async hasSubject(organisationId: string, subject: 'team' | 'user' | 'key', id: string): Promise<boolean> {
      const ready = await sql();
      switch (subject) {
        case 'team':
          return found(
            await ready
              .select({ id: teams.id })
              .from(teams)
              .where(and(eq(teams.id, id), eq(teams.organisationId, organisationId))),
          );
        case 'user':
          return found(
            await ready
              .select({ id: memberships.userId })
              .from(memberships)
              .where(and(eq(memberships.userId, id), eq(memberships.organisationId, organisationId))),
          );
        case 'key':
          return found(
            await ready
              .select({ id: keys.id })
              .from(keys)
              .where(and(eq(keys.id, id), eq(keys.organisationId, organisationId))),
          );
      }
    },
  };
}

export type LimitStore = ReturnType<typeof createLimitStore>;

const found = (rows: readonly unknown[]): boolean => rows.length > 0;
