import { and, eq, sql as query } from 'drizzle-orm';
import type { Sql } from './database.ts';
import { responses } from './schema.ts';
import { storable } from './storable-json.ts';

export type StoredResponse = typeof responses.$inferSelect;

/** Answers of the Responses API that are kept for `previous_response_id` and retrieval; each belongs to the key that made it. */
export function createResponseStore(sql: () => Promise<Sql>) {
  return {
    async save(row: typeof responses.$inferInsert): Promise<void> {
      await (await sql())
        .insert(responses)
        .values({ ...row, items: storable(row.items), body: storable(row.body) })
        .onConflictDoNothing();
    },
    async find(id: string, keyId: string): Promise<StoredResponse | undefined> {
      const [row] = await (await sql())
        .select()
        .from(responses)
        .where(and(eq(responses.id, id), eq(responses.keyId, keyId)));
      return row;
    },
    /** Items of this key's stored responses, by their ids. */
    async items(ids: string[], keyId: string): Promise<Map<string, unknown>> {
      const rows = await (await sql()).execute<{ id: string; item: unknown }>(query`
        select distinct on (item->>'id') item->>'id' as id, item
        from ${responses}, jsonb_array_elements(${responses.items}) as item
        where ${responses.keyId} = ${keyId} and item->>'id' in ${ids}
        order by item->>'id', ${responses.createdAt} desc`);
      return new Map(rows.map(({ id, item }) => [id, item]));
    },
    /** Whether there was one to delete. */
    async remove(id: string, keyId: string): Promise<boolean> {
      const rows = await (await sql())
        .delete(responses)
        .where(and(eq(responses.id, id), eq(responses.keyId, keyId)))
        .returning({ id: responses.id });
      return rows.length > 0;
    },
  };
}

export type ResponseStore = ReturnType<typeof createResponseStore>;
