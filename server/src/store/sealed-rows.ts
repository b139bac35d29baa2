import { and, asc, count, eq, gt, isNotNull, ne } from 'drizzle-orm';
import type { Sql } from './database.ts';
import type { gatewayProviders, providerKeys } from './schema.ts';

type SealedTable = typeof providerKeys | typeof gatewayProviders;

/** What is asked of any table that holds sealed secrets, to move them under another master key. */
export function sealedRowsOf<Table extends SealedTable>(sql: () => Promise<Sql>, table: Table) {
  const { id, sealed, wrappedKey, masterVersion }: SealedTable = table;
  const all: SealedTable = table;
  return {
    /** Rows whose data key is not under this version of the master key, by id, those after `after`. */
    async underOtherVersions(version: number, after: string, limit: number): Promise<Table['$inferSelect'][]> {
      return (await sql())
        .select()
        .from(all)
        .where(and(isNotNull(sealed), ne(masterVersion, version), gt(id, after)))
        .orderBy(asc(id))
        .limit(limit);
    },
    /** Puts a newly wrapped data key in place of the one that was read, unless somebody changed it meanwhile. */
    async rewrap(
      before: { id: string; wrappedKey: string | null },
      after: { wrappedKey: string; masterVersion: number },
    ): Promise<boolean> {
      const rows = await (await sql())
        .update(all)
        .set(after)
        .where(and(eq(id, before.id), eq(wrappedKey, before.wrappedKey ?? '')))
        .returning({ id });
      return rows.length > 0;
    },
    /** How many secrets are sealed under each version of the master key. */
    async countByVersion(): Promise<{ version: number; count: number }[]> {
      const rows = await (await sql())
        .select({ version: masterVersion, count: count() })
        .from(all)
        .where(isNotNull(sealed))
        .groupBy(masterVersion);
      return rows.map(({ version, count: rowCount }) => ({ version: version ?? 0, count: rowCount }));
    },
  };
}
