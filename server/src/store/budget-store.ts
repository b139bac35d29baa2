import { and, asc, desc, eq } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import type { BudgetScope } from './schema/money.ts';
import { budgetAlerts, budgets, keys, memberships, teams } from './schema.ts';

export type Budget = typeof budgets.$inferSelect;
export type NewBudget = typeof budgets.$inferInsert;
export type BudgetAlert = typeof budgetAlerts.$inferSelect;

/** Budgets, and the alerts that they gave. */
export function createBudgetStore(sql: () => Promise<Sql>) {
  return {
    /** Oldest first. */
    async ofOrganisation(organisationId: string): Promise<Budget[]> {
      return (await sql())
        .select()
        .from(budgets)
        .where(eq(budgets.organisationId, organisationId))
        .orderBy(asc(budgets.createdAt), asc(budgets.id));
    },
    async byId(id: string): Promise<Budget | undefined> {
      const [row] = await (await sql()).select().from(budgets).where(eq(budgets.id, id));
      return row;
    },
    async insert(budget: NewBudget, tx: Tx): Promise<Budget> {
      const [row] = await tx.insert(budgets).values(budget).returning();
      return row!;
    },
    async update(id: string, change: Partial<NewBudget>, tx: Tx): Promise<Budget | undefined> {
      const [row] = await tx
        .update(budgets)
        .set({ ...change, updatedAt: new Date() })
        .where(eq(budgets.id, id))
        .returning();
      return row;
    },
    async remove(id: string, tx: Tx): Promise<Budget | undefined> {
      const [row] = await tx.delete(budgets).where(eq(budgets.id, id)).returning();
      return row;
    },
    /** Whether the organisation has what a budget is for. Agents and tags are names: they need not exist yet. */
    async hasTarget(organisationId: string, scope: BudgetScope, target: string): Promise<boolean> {
      const database = await sql();
      const found = (rows: unknown[]) => rows.length > 0;
      switch (scope) {
        case 'team':
          return found(
            await database
              .select({ id: teams.id })
              .from(teams)
              .where(and(eq(teams.id, target), eq(teams.organisationId, organisationId))),
          );
        case 'user':
          return found(
            await database
              .select({ id: memberships.userId })
              .from(memberships)
              .where(and(eq(memberships.userId, target), eq(memberships.organisationId, organisationId))),
          );
        case 'key':
          return found(
            await database
              .select({ id: keys.id })
              .from(keys)
              .where(and(eq(keys.id, target), eq(keys.organisationId, organisationId))),
          );
        default:
          return true;
      }
    },
    /** Notes that a threshold was reached; false when that was noted before. */
    async noteAlert(alert: typeof budgetAlerts.$inferInsert): Promise<boolean> {
      const rows = await (await sql())
        .insert(budgetAlerts)
        .values(alert)
        .onConflictDoNothing()
        .returning({ threshold: budgetAlerts.threshold });
      return rows.length > 0;
    },
    /** Newest first. */
    async alerts(budgetId: string, limit = 100): Promise<BudgetAlert[]> {
      return (await sql())
        .select()
        .from(budgetAlerts)
        .where(eq(budgetAlerts.budgetId, budgetId))
        .orderBy(desc(budgetAlerts.at))
        .limit(limit);
    },
  };
}

export type BudgetStore = ReturnType<typeof createBudgetStore>;
