import { asc, eq, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { gatewayModels } from './schema.ts';

export type GatewayModelRow = typeof gatewayModels.$inferSelect;

/** What operators say of models, in the database. */
export function createGatewayModelStore(sql: () => Promise<Sql>) {
  return {
    async list(): Promise<GatewayModelRow[]> {
      return (await sql()).select().from(gatewayModels).orderBy(asc(gatewayModels.id));
    },
    async put(id: string, facts: Record<string, unknown>, tx: Tx): Promise<void> {
      await tx
        .insert(gatewayModels)
        .values({ id, facts })
        .onConflictDoUpdate({ target: gatewayModels.id, set: { facts, updatedAt: query`now()` } });
    },
    async remove(id: string, tx: Tx): Promise<GatewayModelRow | undefined> {
      const [row] = await tx.delete(gatewayModels).where(eq(gatewayModels.id, id)).returning();
      return row;
    },
  };
}

export type GatewayModelStore = ReturnType<typeof createGatewayModelStore>;
