import { and, asc, eq, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { guardrails, keys, teams } from './schema.ts';

export type GuardrailRow = typeof guardrails.$inferSelect;
export type NewGuardrail = typeof guardrails.$inferInsert;
export type GuardrailChange = Partial<Omit<NewGuardrail, 'id' | 'organisationId' | 'createdAt' | 'updatedAt'>>;

/** Guardrails in the database. */
export function createGuardrailStore(sql: () => Promise<Sql>) {
  return {
    async insert(rule: NewGuardrail, tx?: Tx): Promise<GuardrailRow> {
      const [row] = await (tx ?? (await sql())).insert(guardrails).values(rule).returning();
      return row!;
    },
    /** Of one organisation, in the order in which they apply. */
    async list(organisationId: string): Promise<GuardrailRow[]> {
      return (await sql())
        .select()
        .from(guardrails)
        .where(eq(guardrails.organisationId, organisationId))
        .orderBy(asc(guardrails.position), asc(guardrails.id));
    },
    async byId(id: string): Promise<GuardrailRow | undefined> {
      const [row] = await (await sql()).select().from(guardrails).where(eq(guardrails.id, id));
      return row;
    },
    /** The position after the last. */
    async nextPosition(organisationId: string, tx: Tx): Promise<number> {
      const [row] = await tx
        .select({ last: query<number>`coalesce(max(${guardrails.position}), 0)::int` })
        .from(guardrails)
        .where(eq(guardrails.organisationId, organisationId));
      return (row?.last ?? 0) + 10;
    },
    /** Undefined when there is no such rule. */
    async update(id: string, change: GuardrailChange, tx?: Tx): Promise<GuardrailRow | undefined> {
      const [row] = await (tx ?? (await sql()))
        .update(guardrails)
        .set({ ...change, updatedAt: query`now()` })
        .where(eq(guardrails.id, id))
        .returning();
      return row;
    },
    async remove(id: string, tx?: Tx): Promise<GuardrailRow | undefined> {
      const [row] = await (tx ?? (await sql())).delete(guardrails).where(eq(guardrails.id, id)).returning();
      return row;
    },
    /** Whether the organisation has such a team or key. */
    async hasSubject(organisationId: string, subject: 'team' | 'key', id: string): Promise<boolean> {
      const table = subject === 'team' ? teams : keys;
      const found = await (await sql())
        .select({ id: table.id })
        .from(table)
        .where(and(eq(table.id, id), eq(table.organisationId, organisationId)));
      return found.length > 0;
    },
  };
}

export type GuardrailStore = ReturnType<typeof createGuardrailStore>;
