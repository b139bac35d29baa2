import { and, eq, gte, lt, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { cacheInvalidations, cacheSettings, calls } from './schema.ts';

export type InvalidationRow = typeof cacheInvalidations.$inferSelect;

/** What the ledger says of the caches. */
export interface CacheSums {
  /** `none`, `miss`, `exact`, `semantic`, `shared` or `partial`. */
  cache: string;
  requests: number;
  savedNanos: number;
}

/** Settings and invalidations of the caches, and what the ledger says of them. */
export function createCacheStore(sql: () => Promise<Sql>) {
  return {
    async overrides(): Promise<Map<string, Record<string, unknown>>> {
      const rows = await (await sql()).select().from(cacheSettings);
      return new Map(rows.map(({ organisationId, settings }) => [organisationId, settings]));
    },
    async saveOverride(organisationId: string, settings: Record<string, unknown>, tx?: Tx): Promise<void> {
      await (tx ?? (await sql()))
        .insert(cacheSettings)
        .values({ organisationId, settings })
        .onConflictDoUpdate({ target: cacheSettings.organisationId, set: { settings, updatedAt: query`now()` } });
    },
    async removeOverride(organisationId: string, tx?: Tx): Promise<void> {
      await (tx ?? (await sql())).delete(cacheSettings).where(eq(cacheSettings.organisationId, organisationId));
    },
    invalidations: async (): Promise<InvalidationRow[]> => (await sql()).select().from(cacheInvalidations),
    /** Also forgets those from before `until`, whose answers are gone by themselves. */
    async addInvalidation(row: InvalidationRow, until: Date, tx?: Tx): Promise<void> {
      const database = tx ?? (await sql());
      await database.delete(cacheInvalidations).where(lt(cacheInvalidations.at, until));
      await database.insert(cacheInvalidations).values(row);
    },
    async sums(organisationId: string, from: Date): Promise<CacheSums[]> {
      return (await sql())
        .select({
          cache: query<string>`coalesce(${calls.cache}, 'none')`,
          requests: query<number>`count(*)::int`,
          savedNanos: query<number>`coalesce(sum(${calls.cacheSavedNanos}), 0)::float8`,
        })
        .from(calls)
        .where(and(eq(calls.organisationId, organisationId), gte(calls.at, from)))
        .groupBy(query`1`);
    },
  };
}

export type CacheStore = ReturnType<typeof createCacheStore>;
