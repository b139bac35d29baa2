import { and, asc, count, eq, gt, isNotNull, isNull, ne, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { gatewayProviders } from './schema.ts';

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
    /** Rows whose data key is not under this version of the master key, by id, those after `after`. */
    async underOtherVersions(version: number, after: string, limit: number): Promise<GatewayProviderRow[]> {
      return (await sql())
        .select()
        .from(gatewayProviders)
        .where(
          and(
            isNotNull(gatewayProviders.sealed),
            ne(gatewayProviders.masterVersion, version),
            gt(gatewayProviders.id, after),
          ),
        )
        .orderBy(asc(gatewayProviders.id))
        .limit(limit);
    },
    /** Puts a newly wrapped data key in place of the one that was read, unless somebody changed it meanwhile. */
    async rewrap(
      before: Pick<GatewayProviderRow, 'id' | 'wrappedKey'>,
      after: { wrappedKey: string; masterVersion: number },
    ): Promise<boolean> {
      const rows = await (await sql())
        .update(gatewayProviders)
        .set(after)
        .where(and(eq(gatewayProviders.id, before.id), eq(gatewayProviders.wrappedKey, before.wrappedKey ?? '')))
        .returning({ id: gatewayProviders.id });
      return rows.length > 0;
    },
    /** How many rows are sealed under each version of the master key. */
    async countByVersion(): Promise<{ version: number; count: number }[]> {
      const rows = await (await sql())
        .select({ version: gatewayProviders.masterVersion, count: count() })
        .from(gatewayProviders)
        .where(isNotNull(gatewayProviders.sealed))
        .groupBy(gatewayProviders.masterVersion);
      return rows.map(({ version, count: rowCount }) => ({ version: version ?? 0, count: rowCount }));
    },
  };
}

export type GatewayProviderStore = ReturnType<typeof createGatewayProviderStore>;
