import { and, eq, ne } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { memberships, users } from './schema.ts';
import type { MembershipRow } from './user-store.ts';

export type NewMembership = typeof memberships.$inferInsert;
export type MembershipChange = Partial<Pick<MembershipRow, 'role' | 'status'>>;

/** Who belongs to which organisation. */
export function createMembershipStore(sql: () => Promise<Sql>) {
  const oneOf = (organisationId: string, userId: string) =>
    and(eq(memberships.organisationId, organisationId), eq(memberships.userId, userId));

  return {
    /** Undefined when they are a member already. */
    async insert(membership: NewMembership, tx?: Tx): Promise<MembershipRow | undefined> {
      const [row] = await (tx ?? (await sql()))
        .insert(memberships)
        .values(membership)
        .onConflictDoNothing()
        .returning();
      return row;
    },
    async find(organisationId: string, userId: string, tx?: Tx): Promise<MembershipRow | undefined> {
      const [row] = await (tx ?? (await sql())).select().from(memberships).where(oneOf(organisationId, userId));
      return row;
    },
    async ofUser(userId: string, tx?: Tx): Promise<MembershipRow[]> {
      return (tx ?? (await sql()))
        .select()
        .from(memberships)
        .where(eq(memberships.userId, userId))
        .orderBy(memberships.organisationId);
    },
    /** Whether an organisation has an owner who can act, this person left out. */
    async hasOtherOwner(organisationId: string, userId: string, tx: Tx): Promise<boolean> {
      const rows = await tx
        .select({ id: users.id })
        .from(memberships)
        .innerJoin(users, eq(users.id, memberships.userId))
        .where(
          and(
            eq(memberships.organisationId, organisationId),
            ne(memberships.userId, userId),
            eq(memberships.role, 'owner'),
            eq(memberships.status, 'active'),
            eq(users.status, 'active'),
          ),
        )
        .limit(1);
      return rows.length > 0;
    },
    async update(
      organisationId: string,
      userId: string,
      change: MembershipChange,
      tx?: Tx,
    ): Promise<MembershipRow | undefined> {
      const [row] = await (tx ?? (await sql()))
        .update(memberships)
        .set(change)
        .where(oneOf(organisationId, userId))
        .returning();
      return row;
    },
    async remove(organisationId: string, userId: string, tx?: Tx): Promise<boolean> {
      const rows = await (tx ?? (await sql()))
        .delete(memberships)
        .where(oneOf(organisationId, userId))
        .returning({ userId: memberships.userId });
      return rows.length > 0;
    },
  };
}

export type MembershipStore = ReturnType<typeof createMembershipStore>;
