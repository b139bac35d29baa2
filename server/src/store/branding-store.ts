import { sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { gatewayBranding } from './schema.ts';

/** What the app calls itself and looks like, in the database. */
export function createBrandingStore(sql: () => Promise<Sql>) {
  return {
    async get(): Promise<Record<string, unknown> | undefined> {
      const [row] = await (await sql()).select().from(gatewayBranding);
      return row?.settings;
    },
    async put(settings: Record<string, unknown>, tx: Tx): Promise<void> {
      await tx
        .insert(gatewayBranding)
        .values({ settings })
        .onConflictDoUpdate({ target: gatewayBranding.id, set: { settings, updatedAt: query`now()` } });
    },
  };
}

export type BrandingStore = ReturnType<typeof createBrandingStore>;
