import { eq } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { memberships, organisations } from './schema.ts';

export type OrganisationRow = typeof organisations.$inferSelect;
export type NewOrganisation = typeof organisations.$inferInsert;
export type OrganisationChange = Partial<Pick<OrganisationRow, 'name' | 'slug' | 'status'>>;

/** Organisations in the database. */
export function createOrganisationStore(sql: () => Promise<Sql>) {
  return {
    async insert(organisation: NewOrganisation, tx?: Tx): Promise<OrganisationRow> {
      const [row] = await (tx ?? (await sql())).insert(organisations).values(organisation).returning();
      return row!;
    },
    /** Oldest first. */
    async list(): Promise<OrganisationRow[]> {
      return (await sql()).select().from(organisations).orderBy(organisations.createdAt, organisations.id);
    },
    /** Those that a person is a member of, suspended or not. */
    async ofUser(userId: string): Promise<{ organisation: OrganisationRow; role: string; status: string }[]> {
      return (await sql())
        .select({ organisation: organisations, role: memberships.role, status: memberships.status })
        .from(memberships)
        .innerJoin(organisations, eq(organisations.id, memberships.organisationId))
        .where(eq(memberships.userId, userId))
        .orderBy(memberships.createdAt, organisations.id);
    },
    async byId(id: string, tx?: Tx): Promise<OrganisationRow | undefined> {
      const [row] = await (tx ?? (await sql())).select().from(organisations).where(eq(organisations.id, id));
      return row;
    },
    /**
     * Holds the organisation until the transaction ends: changes of its members take turns, while new rows that refer to it
     * need not wait. Ask before the change is noted, else two changes may wait for each other. Undefined when there is none.
     */
    async lock(id: string, tx: Tx): Promise<OrganisationRow | undefined> {
      const [row] = await tx.select().from(organisations).where(eq(organisations.id, id)).for('no key update');
      return row;
    },
    async update(id: string, change: OrganisationChange, tx?: Tx): Promise<OrganisationRow | undefined> {
      const [row] = await (tx ?? (await sql()))
        .update(organisations)
        .set(change)
        .where(eq(organisations.id, id))
        .returning();
      return row;
    },
  };
}

export type OrganisationStore = ReturnType<typeof createOrganisationStore>;
