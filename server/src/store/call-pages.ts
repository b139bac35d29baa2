import { and, asc, sql as query } from 'drizzle-orm';
import { type CallFilter, type StoredCall, where } from './call-store.ts';
import type { Sql } from './database.ts';
import { calls } from './schema.ts';

const pageRows = 1000;

/** Every call that the filter means, oldest first, in pages: none twice and none left out, however many there are. */
export async function* callPages(sql: () => Promise<Sql>, filter: CallFilter): AsyncGenerator<StoredCall[]> {
  // The time as text: it may be finer than a Date can say.
  let last: { at: string; requestId: string; kind: string } | undefined;
  for (;;) {
    const after = last
      ? query`(${calls.at}, ${calls.requestId}, ${calls.kind}) > (${last.at}::timestamptz, ${last.requestId}, ${last.kind})`
      : undefined;
    const rows = await (await sql())
      .select({ call: calls, at: query<string>`${calls.at}::text` })
      .from(calls)
      .where(and(where(filter), after))
      .orderBy(asc(calls.at), asc(calls.requestId), asc(calls.kind))
      .limit(pageRows);
    if (rows.length > 0) yield rows.map(({ call }) => call);
    if (rows.length < pageRows) return;
    const { call, at } = rows.at(-1)!;
    last = { at, requestId: call.requestId, kind: call.kind };
  }
}
