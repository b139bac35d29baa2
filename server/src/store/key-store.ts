import { and, desc, eq, inArray, isNull, sql as query } from 'drizzle-orm';
import type { Role } from '../core/principal.ts';
import type { Sql } from './database.ts';
import { keys } from './schema.ts';

export type KeyRow = typeof keys.$inferSelect;

export interface NewKey {
  id: string;
  name: string;
  hash: string;
  hint: string;
  role: Role;
  models?: string[] | null;
  expiresAt?: Date | null;
}

/** Virtual keys in the database. */
export function createKeyStore(sql: () => Promise<Sql>) {
  return {
    async insert(key: NewKey): Promise<KeyRow> {
      const [row] = await (await sql()).insert(keys).values(key).returning();
      return row!;
    },
    async list(): Promise<KeyRow[]> {
      return (await sql()).select().from(keys).orderBy(desc(keys.createdAt));
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
    async replaceSecret(id: string, hash: string, hint: string): Promise<KeyRow | undefined> {
      const [row] = await (await sql())
        .update(keys)
        .set({ hash, hint })
        .where(and(eq(keys.id, id), isNull(keys.revokedAt)))
        .returning();
      return row;
    },
    async revoke(id: string): Promise<KeyRow | undefined> {
      const [row] = await (await sql())
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
