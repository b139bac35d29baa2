import { and, asc, eq, isNull, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { gatewayProviders } from './schema.ts';
import { sealedRowsOf } from './sealed-rows.ts';

export type GatewayProviderRow = typeof gatewayProviders.$inferSelect;
export type NewGatewayProvider = Omit<typeof gatewayProviders.$inferInsert, 'createdAt' | 'updatedAt'>;

/** The providers that operators added or switched off, in the database. */
export function createGatewayProviderStore(sql: () => Promise<Sql>) {
  return {
    async list(): Promise<GatewayProviderRow[]> {
      return (await sql()).select().from(gatewayProviders).orderBy(asc(gatewayProviders.id));
    },
    async byId(id: string, tx: Tx): Promise<GatewayProviderRow | undefined> {
      const [row] = await tx.select().from(gatewayProviders).where(eq(gatewayProviders.id, id)).for('update');
      return row;
    },
    /** Makes the row, or replaces the one of its id. */
    async put(row: NewGatewayProvider, tx: Tx): Promise<GatewayProviderRow> {
      const { id, ...rest } = row;
      const [kept] = await tx
        .insert(gatewayProviders)
        .values(row)
        .onConflictDoUpdate({ target: gatewayProviders.id, set: { ...rest, updatedAt: query`now()` } })
        .returning();
      return kept!;
    },
    /** Whether a provider is in use, wherever its settings stand. */
    async enable(id: string, enabled: boolean, tx: Tx): Promise<void> {
      await tx
        .insert(gatewayProviders)
        .values({ id, enabled })
        .onConflictDoUpdate({ target: gatewayProviders.id, set: { enabled, updatedAt: query`now()` } });
      // What says nothing needs no row.
      const idle = and(isNull(gatewayProviders.settings), eq(gatewayProviders.enabled, true));
      await tx.delete(gatewayProviders).where(and(eq(gatewayProviders.id, id), idle));
    },
    async remove(id: string, tx: Tx): Promise<void> {
      await tx.delete(gatewayProviders).where(eq(gatewayProviders.id, id));
    },
    ...sealedRowsOf(sql, gatewayProviders),
  };
}

export type GatewayProviderStore = ReturnType<typeof createGatewayProviderStore>;
