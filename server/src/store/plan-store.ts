import { asc, eq } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { organisations, plans } from './schema.ts';

export type Plan = typeof plans.$inferSelect;
export type NewPlan = typeof plans.$inferInsert;

/** Plans, and which organisation has which. */
export function createPlanStore(sql: () => Promise<Sql>) {
  return {
    async list(): Promise<Plan[]> {
      return (await sql()).select().from(plans).orderBy(asc(plans.createdAt), asc(plans.id));
    },
    async byId(id: string): Promise<Plan | undefined> {
      const [row] = await (await sql()).select().from(plans).where(eq(plans.id, id));
      return row;
    },
    async ofOrganisation(organisationId: string): Promise<Plan | undefined> {
      const [row] = await (await sql())
        .select({ plan: plans })
        .from(organisations)
        .innerJoin(plans, eq(plans.id, organisations.planId))
        .where(eq(organisations.id, organisationId));
      return row?.plan;
    },
    async insert(plan: NewPlan, tx: Tx): Promise<Plan> {
      const [row] = await tx.insert(plans).values(plan).returning();
      return row!;
    },
    async update(id: string, change: Partial<NewPlan>, tx: Tx): Promise<Plan | undefined> {
      const [row] = await tx
        .update(plans)
        .set({ ...change, updatedAt: new Date() })
        .where(eq(plans.id, id))
        .returning();
      return row;
    },
    async remove(id: string, tx: Tx): Promise<Plan | undefined> {
      const [row] = await tx.delete(plans).where(eq(plans.id, id)).returning();
      return row;
    },
    /** The organisations that have this plan. */
    async holders(id: string): Promise<string[]> {
      const rows = await (await sql())
        .select({ id: organisations.id })
        .from(organisations)
        .where(eq(organisations.planId, id));
      return rows.map((row) => row.id);
    },
    /** False when there is no such organisation. */
    async assign(organisationId: string, planId: string | null, tx: Tx): Promise<boolean> {
      const rows = await tx
        .update(organisations)
        .set({ planId })
        .where(eq(organisations.id, organisationId))
        .returning({ id: organisations.id });
      return rows.length > 0;
    },
  };
}

export type PlanStore = ReturnType<typeof createPlanStore>;
