import { and, eq } from 'drizzle-orm';
import type { Owner } from './chat-store.ts';
import type { Sql } from './database.ts';
import { preferences } from './schema.ts';

/** How people like the app. */
export function createPreferenceStore(sql: () => Promise<Sql>) {
  const own = ({ organisationId, ownerId }: Owner) =>
    and(eq(preferences.organisationId, organisationId), eq(preferences.ownerId, ownerId));

  return {
    async get(owner: Owner): Promise<Record<string, unknown>> {
      const [row] = await (await sql()).select().from(preferences).where(own(owner));
      return row?.settings ?? {};
    },
    async put({ organisationId, ownerId }: Owner, settings: Record<string, unknown>): Promise<void> {
      await (await sql())
        .insert(preferences)
        .values({ organisationId, ownerId, settings })
        .onConflictDoUpdate({
          target: [preferences.organisationId, preferences.ownerId],
          set: { settings, updatedAt: new Date() },
        });
    },
    async remove(owner: Owner): Promise<void> {
      await (await sql()).delete(preferences).where(own(owner));
    },
  };
}

export type PreferenceStore = ReturnType<typeof createPreferenceStore>;
