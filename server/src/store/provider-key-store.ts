import { and, asc, count, desc, eq, isNull, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { providerKeys } from './schema.ts';
import { sealedRowsOf } from './sealed-rows.ts';

export type ProviderKeyRow = typeof providerKeys.$inferSelect;
export type NewProviderKey = typeof providerKeys.$inferInsert;

/** Where a secret is: sealed in the row, or kept elsewhere under a reference. */
export type StoredSecret = Pick<ProviderKeyRow, 'reference' | 'sealed' | 'wrappedKey' | 'masterVersion' | 'hint'>;

/** The keys of providers that organisations and people brought, in the database. */
export function createProviderKeyStore(sql: () => Promise<Sql>) {
  const live = (id: string) => and(eq(providerKeys.id, id), isNull(providerKeys.revokedAt));
  return {
    async insert(row: NewProviderKey, tx: Tx): Promise<ProviderKeyRow> {
      const [made] = await tx.insert(providerKeys).values(row).returning();
      return made!;
    },
    async byId(id: string): Promise<ProviderKeyRow | undefined> {
      const [row] = await (await sql()).select().from(providerKeys).where(eq(providerKeys.id, id));
      return row;
    },
    /** Newest first; of one organisation, or of all. */
    async list(organisationId?: string): Promise<ProviderKeyRow[]> {
      return (await sql())
        .select()
        .from(providerKeys)
        .where(organisationId === undefined ? undefined : eq(providerKeys.organisationId, organisationId))
        .orderBy(desc(providerKeys.createdAt), desc(providerKeys.id));
    },
    /** Those of an organisation that calls may use, oldest first. */
    async live(organisationId: string): Promise<ProviderKeyRow[]> {
      return (await sql())
        .select()
        .from(providerKeys)
        .where(and(eq(providerKeys.organisationId, organisationId), isNull(providerKeys.revokedAt)))
        .orderBy(asc(providerKeys.createdAt), asc(providerKeys.id));
    },
    async countLive(organisationId: string, tx: Tx): Promise<number> {
      const [row] = await tx
        .select({ count: count() })
        .from(providerKeys)
        .where(and(eq(providerKeys.organisationId, organisationId), isNull(providerKeys.revokedAt)));
      return row?.count ?? 0;
    },
    /** Undefined when there is no such live key. */
    async replaceSecret(
      id: string,
      secret: StoredSecret & Pick<ProviderKeyRow, 'valid' | 'checkedAt'>,
      tx: Tx,
    ): Promise<ProviderKeyRow | undefined> {
      const change = { ...secret, rotatedAt: query`now()` };
      const [row] = await tx.update(providerKeys).set(change).where(live(id)).returning();
      return row;
    },
    async noteCheck(id: string, valid: boolean | null, checkedAt: Date): Promise<ProviderKeyRow | undefined> {
      const change = { valid, checkedAt };
      const [row] = await (await sql()).update(providerKeys).set(change).where(live(id)).returning();
      return row;
    },
    async revoke(id: string, tx: Tx): Promise<ProviderKeyRow | undefined> {
      const [row] = await tx.update(providerKeys).set({ revokedAt: query`now()` }).where(live(id)).returning();
      return row;
    },
    async remove(id: string, tx: Tx): Promise<void> {
      await tx.delete(providerKeys).where(eq(providerKeys.id, id));
    },
    ...sealedRowsOf(sql, providerKeys),
  };
}

export type ProviderKeyStore = ReturnType<typeof createProviderKeyStore>;
