import { and, desc, eq, inArray, isNull, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { keys } from './schema.ts';

export type KeyRow = typeof keys.$inferSelect;

export type NewKey = typeof keys.$inferInsert;

/** Virtual keys in the database. */
export function createKeyStore(sql: () => Promise<Sql>) {
  return {
    async insert(key: NewKey, tx?: Tx): Promise<KeyRow> {
      const [row] = await (tx ?? (await sql())).insert(keys).values(key).returning();
      return row!;
    },
    /** Newest first; of one organisation, or of all. */
    async list(organisationId?: string): Promise<KeyRow[]> {
      return (await sql())
        .select()
        .from(keys)
        .where(organisationId === undefined ? undefined : eq(keys.organisationId, organisationId))
        .orderBy(desc(keys.createdAt));
    },
    async byHash(hash: string): Promise<KeyRow | undefined> {
      const [row] = await (await sql()).select().from(keys).where(eq(keys.hash, hash));
      return row;
    },
    async byId(id: string): Promise<KeyRow | undefined> {
      const [row] = await (await sql()).select().from(keys).where(eq(keys.id, id));
      return row;
    },
    /** Gives a key a new secret; the old one ends at once. Undefined when there is no such live key. */
    async replaceSecret(id: string, hash: string, hint: string, tx?: Tx): Promise<KeyRow | undefined> {
      const [row] = await (tx ?? (await sql()))
        .update(keys)
        .set({ hash, hint })
        .where(and(eq(keys.id, id), isNull(keys.revokedAt)))
        .returning();
      return row;
    },
    async revoke(id: string, tx?: Tx): Promise<KeyRow | undefined> {
      const [row] = await (tx ?? (await sql()))
        .update(keys)
        .set({ revokedAt: query`coalesce(${keys.revokedAt}, now())` })
        .where(eq(keys.id, id))
        .returning();
      return row;
    },
    async touch(ids: string[], at: Date): Promise<void> {
      if (ids.length === 0) return;
      await (await sql()).update(keys).set({ lastUsedAt: at }).where(inArray(keys.id, ids));
    },
  };
}

export type KeyStore = ReturnType<typeof createKeyStore>;
