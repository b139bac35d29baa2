import { and, eq, gte, inArray, lt, sql as query, type SQL } from 'drizzle-orm';
import type { Budget } from './budget-store.ts';
import type { Sql } from './database.ts';
import { calls } from './schema.ts';

/** What a budget's calls came to, by their time of arrival. */
export interface SpentQuery {
  budget: Pick<Budget, 'organisationId' | 'scope' | 'target' | 'unit'>;
  fromMs: number;
  toMs: number | undefined;
}

const nanos = query<number>`coalesce(sum(${calls.costNanos}), 0)`.mapWith(Number);
const tokens =
  query<number>`coalesce(sum(${calls.input} + ${calls.audioInput} + ${calls.cacheRead} + ${calls.cacheWrite} + ${calls.cacheWrite1h} + ${calls.output} + ${calls.audioOutput}), 0)`.mapWith(
    Number,
  );

/** Sums of the ledger for budgets. */
export function createSpendStore(sql: () => Promise<Sql>) {
  return {
    /**
     * The spent of a budget, and which of the rows that `settled` names once the sum is taken are within it: sum and look-up
     * see the same state of the database, so a row that arrives meanwhile is counted by exactly one of the two.
     */
    async spent(
      wanted: SpentQuery,
      settled: () => Promise<string[]>,
    ): Promise<{ spent: number; included: Set<string> }> {
      return (await sql()).transaction(
        async (tx) => {
          const [row] = await tx
            .select({ spent: wanted.budget.unit === 'usd' ? nanos : tokens })
            .from(calls)
            .where(charged(wanted));
          const ids = await settled();
          const rows =
            ids.length === 0
              ? []
              : await tx
                  .select({ id: calls.requestId })
                  .from(calls)
                  .where(and(charged(wanted), inArray(calls.requestId, ids)));
          return { spent: row!.spent, included: new Set(rows.map(({ id }) => id)) };
        },
        { isolationLevel: 'repeatable read', accessMode: 'read only' },
      );
    },
  };
}

export type SpendStore = ReturnType<typeof createSpendStore>;

function charged({ budget: { organisationId, scope, target }, fromMs, toMs }: SpentQuery): SQL | undefined {
  return and(
    eq(calls.organisationId, organisationId),
    gte(calls.at, new Date(fromMs)),
    toMs === undefined ? undefined : lt(calls.at, new Date(toMs)),
    // An answer out of a cache is nobody's expense.
    query`coalesce(${calls.cache}, 'none') not in ('exact', 'semantic', 'shared')`,
    ofTarget(scope, target ?? ''),
  );
}

function ofTarget(scope: Budget['scope'], target: string): SQL | undefined {
  switch (scope) {
    case 'organisation':
      return undefined;
    case 'team':
      return eq(calls.teamId, target);
    case 'user':
      return eq(calls.userId, target);
    case 'key':
      return eq(calls.keyId, target);
    case 'agent':
      return eq(calls.agentId, target);
    case 'tag':
      return query`${calls.tags} @> ${JSON.stringify([target])}::jsonb`;
  }
}
