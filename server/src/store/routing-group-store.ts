import { asc, eq } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { routingGroups } from './schema.ts';

export type RoutingGroupRow = typeof routingGroups.$inferSelect;

/** Routing groups that administrators made. */
export function createRoutingGroupStore(sql: () => Promise<Sql>) {
  return {
    async list(): Promise<RoutingGroupRow[]> {
      return (await sql()).select().from(routingGroups).orderBy(asc(routingGroups.name));
    },
    /** Makes the group, or replaces the one of its name. */
    async put(name: string, settings: Record<string, unknown>, tx: Tx): Promise<RoutingGroupRow> {
      const [row] = await tx
        .insert(routingGroups)
        .values({ name, settings })
        .onConflictDoUpdate({ target: routingGroups.name, set: { settings, updatedAt: new Date() } })
        .returning();
      return row!;
    },
    async remove(name: string, tx: Tx): Promise<RoutingGroupRow | undefined> {
      const [row] = await tx.delete(routingGroups).where(eq(routingGroups.name, name)).returning();
      return row;
    },
  };
}

export type RoutingGroupStore = ReturnType<typeof createRoutingGroupStore>;
