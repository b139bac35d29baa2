import { and, desc, eq, gt, inArray, isNull, lt, or, sql as query } from 'drizzle-orm';
import { inBatches } from '../core/in-batches.ts';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { keys } from './schema.ts';
import { type HeldKey, selectHeldKeys, toHeldKey } from './standing-store.ts';

export type KeyRow = typeof keys.$inferSelect;

export type NewKey = typeof keys.$inferInsert;

/** What may change of a key that somebody has. */
export type KeyChange = Partial<
  Pick<KeyRow, 'name' | 'role' | 'models' | 'scopes' | 'addresses' | 'tags' | 'expiresAt'>
>;

/** As many as the next power of two, the last one again and again: so there are few forms of the query. */
function padded(hashes: readonly string[]): string[] {
  const length = 2 ** Math.ceil(Math.log2(hashes.length));
  return Array.from({ length }, (_, at) => hashes[Math.min(at, hashes.length - 1)]!);
}

/** Virtual keys in the database. */
export function createKeyStore(sql: () => Promise<Sql>) {
  async function heldByHash(hashes: readonly string[]): Promise<Map<string, HeldKey>> {
    const found = new Map<string, HeldKey>();
    const wanted = padded(hashes);
    const database = await sql();
    const ofThese = or(
      inArray(keys.hash, wanted),
      and(inArray(keys.previousHash, wanted), gt(keys.previousUntil, query`now()`)),
    );
    // Of a flood of made-up keys there is none; that is found out without planning a query over seven tables.
    const [any] = await database.select({ id: keys.id }).from(keys).where(ofThese).limit(1);
    if (!any) return found;
    const rows = await selectHeldKeys(database).where(ofThese);
    const asked = new Set(hashes);
    for (const held of rows.map(toHeldKey)) {
      const { hash, previousHash } = held.key;
      const replaced = previousHash !== null && asked.has(previousHash) ? previousHash : undefined;
      if (asked.has(hash)) {
        found.set(hash, held);
        // Found by its new secret: whether the old one still works only the database's clock can say.
        if (replaced) for (const [old, key] of await heldByHash([replaced])) found.set(old, key);
      }
      // A secret that was replaced ends with the overlap, whatever the key itself does.
      else if (replaced) found.set(replaced, { ...held, key: endingAtOverlap(held.key) });
    }
    return found;
  }

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
        .orderBy(desc(keys.createdAt), desc(keys.id));
    },
    /**
     * A key with everything that its rights hang on: this is what every new caller waits for. Those who ask at the same time
     * share a query: anybody can make up keys, and a flood of them must not keep the database from its work.
     */
    byHash: inBatches({ load: heldByHash }),
    async byId(id: string): Promise<KeyRow | undefined> {
      const [row] = await (await sql()).select().from(keys).where(eq(keys.id, id));
      return row;
    },
    /**
     * Gives a key a new secret; the old one works for so many seconds of the database's clock, and one before that ends at
     * once. Undefined when there is no such live key.
     */
    async replaceSecret(
      id: string,
      { hash, hint, overlapSeconds = 0 }: { hash: string; hint: string; overlapSeconds?: number },
      tx?: Tx,
    ): Promise<KeyRow | undefined> {
      const previous =
        overlapSeconds > 0
          ? {
              previousHash: query`${keys.hash}`,
              previousUntil: query`now() + make_interval(secs => ${overlapSeconds})`,
            }
          : { previousHash: null, previousUntil: null };
      const [row] = await (tx ?? (await sql()))
        .update(keys)
        .set({ hash, hint, ...previous })
        .where(and(eq(keys.id, id), isNull(keys.revokedAt)))
        .returning();
      return row;
    },
    /** Undefined when there is no such live key. */
    async update(id: string, change: KeyChange, tx?: Tx): Promise<KeyRow | undefined> {
      const [row] = await (tx ?? (await sql()))
        .update(keys)
        .set(change)
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
    /** Ends the keys of a team, or those of a person in an organisation. Returns their ids. */
    async revokeAll(whose: { organisationId: string; teamId?: string; userId?: string }, tx?: Tx): Promise<string[]> {
      const { organisationId, teamId, userId } = whose;
      if (teamId === undefined && userId === undefined) throw new Error('Whose keys end is not said.');
      const rows = await (tx ?? (await sql()))
        .update(keys)
        .set({ revokedAt: query`now()` })
        .where(
          and(
            eq(keys.organisationId, organisationId),
            isNull(keys.revokedAt),
            teamId === undefined ? undefined : eq(keys.teamId, teamId),
            userId === undefined ? undefined : eq(keys.userId, userId),
          ),
        )
        .returning({ id: keys.id });
      return rows.map(({ id }) => id);
    },
    async touch(ids: string[], at: Date): Promise<void> {
      if (ids.length === 0) return;
      // Replicas tell in any order: the latest stays.
      const older = or(isNull(keys.lastUsedAt), lt(keys.lastUsedAt, at));
      await (await sql())
        .update(keys)
        .set({ lastUsedAt: at })
        .where(and(inArray(keys.id, ids), older));
    },
  };
}

export type KeyStore = ReturnType<typeof createKeyStore>;

function endingAtOverlap(key: KeyRow): KeyRow {
  const { expiresAt, previousUntil } = key;
  return { ...key, expiresAt: expiresAt && previousUntil && expiresAt < previousUntil ? expiresAt : previousUntil };
}
