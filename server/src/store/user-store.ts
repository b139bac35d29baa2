import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { memberships, users } from './schema.ts';

export type UserRow = typeof users.$inferSelect;
export type NewUser = typeof users.$inferInsert;
export type MembershipRow = typeof memberships.$inferSelect;
export interface UserWithMemberships {
  user: UserRow;
  memberships: MembershipRow[];
}

/** People, whether or not they belong to an organisation. */
export function createUserStore(sql: () => Promise<Sql>) {
  /** The people of a condition, each with the memberships that the reader may see. */
  async function withMemberships(of: { organisationId?: string; userId?: string }): Promise<UserWithMemberships[]> {
    const { organisationId, userId } = of;
    const database = await sql();
    const within = organisationId === undefined ? undefined : eq(memberships.organisationId, organisationId);
    const members = database.select({ id: memberships.userId }).from(memberships).where(within);
    const rows = await database
      .select({ user: users, membership: memberships })
      .from(users)
      .leftJoin(memberships, and(eq(memberships.userId, users.id), within))
      .where(
        and(
          userId === undefined ? undefined : eq(users.id, userId),
          organisationId === undefined ? undefined : inArray(users.id, members),
        ),
      )
      .orderBy(users.name, users.id, memberships.createdAt);
    const people = new Map<string, UserWithMemberships>();
    for (const { user, membership } of rows) {
      const person = people.get(user.id) ?? { user, memberships: [] };
      if (membership) person.memberships.push(membership);
      people.set(user.id, person);
    }
    return [...people.values()];
  }

  return {
    async insert(user: NewUser, tx?: Tx): Promise<UserRow> {
      const [row] = await (tx ?? (await sql())).insert(users).values(user).returning();
      return row!;
    },
    /** By name: the members of an organisation with their membership in it, or everybody with all of theirs. */
    list: (organisationId?: string): Promise<UserWithMemberships[]> => withMemberships({ organisationId }),
    /** One person, with the membership in an organisation (undefined when they have none there) or with all of theirs. */
    async find(userId: string, organisationId?: string): Promise<UserWithMemberships | undefined> {
      return (await withMemberships({ userId, organisationId }))[0];
    },
    async byId(id: string, tx?: Tx): Promise<UserRow | undefined> {
      const [row] = await (tx ?? (await sql())).select().from(users).where(eq(users.id, id));
      return row;
    },
    /** `email` in lower case. */
    async byEmail(email: string, tx?: Tx): Promise<UserRow | undefined> {
      const [row] = await (tx ?? (await sql())).select().from(users).where(eq(users.email, email));
      return row;
    },
    async setStatus(id: string, status: UserRow['status'], tx?: Tx): Promise<UserRow | undefined> {
      const [row] = await (tx ?? (await sql()))
        .update(users)
        .set({ status, updatedAt: new Date() })
        .where(eq(users.id, id))
        .returning();
      return row;
    },
  };
}

export type UserStore = ReturnType<typeof createUserStore>;
