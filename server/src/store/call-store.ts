import { and, desc, eq, getTableColumns, gte, inArray, lt, sql as query, type SQL } from 'drizzle-orm';
import { defaultOrganisationId } from '../core/principal.ts';
import type { Sql } from './database.ts';
import { calls } from './schema.ts';

export type StoredCall = typeof calls.$inferSelect;

export interface CallFilter {
  from?: Date;
  to?: Date;
  organisationId?: string;
  userId?: string;
  keyId?: string;
  model?: string;
  provider?: string;
}

/** A row's place in the order of time. The time as text: it may be finer than a Date can say. */
export interface CallPlace {
  at: string;
  requestId: string;
  kind: string;
}

export type UsageGrouping = 'day' | 'key' | 'model' | 'provider';

export interface UsageRow {
  group: string;
  requests: number;
  errors: number;
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
  totalTokens: number;
  costNanos: number;
  savedNanos: number;
  unpriced: number;
}

const groupColumns: Record<UsageGrouping, SQL<string>> = {
  day: query<string>`to_char(${calls.at} at time zone 'UTC', 'YYYY-MM-DD')`,
  key: query<string>`${calls.keyId}`,
  model: query<string>`coalesce(${calls.modelUsed}, ${calls.modelAsked})`,
  provider: query<string>`coalesce(${calls.provider}, 'none')`,
};

const number = (expression: SQL) => query<number>`${expression}`.mapWith(Number);

const sums = {
  requests: number(query`count(*)`),
  errors: number(query`count(*) filter (where ${calls.outcome} not in ('ok', 'aborted'))`),
  input: number(query`coalesce(sum(${calls.input} + ${calls.audioInput}), 0)`),
  cacheRead: number(query`coalesce(sum(${calls.cacheRead}), 0)`),
  cacheWrite: number(query`coalesce(sum(${calls.cacheWrite} + ${calls.cacheWrite1h}), 0)`),
  output: number(query`coalesce(sum(${calls.output} + ${calls.audioOutput}), 0)`),
  reasoning: number(query`coalesce(sum(${calls.reasoning}), 0)`),
  totalTokens: number(
    query`coalesce(sum(${calls.input} + ${calls.audioInput} + ${calls.cacheRead} + ${calls.cacheWrite} + ${calls.cacheWrite1h} + ${calls.output} + ${calls.audioOutput}), 0)`,
  ),
  costNanos: number(query`coalesce(sum(${calls.costNanos}), 0)`),
  savedNanos: number(query`coalesce(sum(${calls.baselineNanos} - ${calls.costNanos}), 0)`),
  unpriced: number(query`count(*) filter (where ${calls.costNanos} is null)`),
};

const columns = Object.entries(getTableColumns(calls));
const columnNames = query.raw(columns.map(([, { name }]) => `"${name}"`).join(', '));
/** Rows of a journal that an older version wrote know nothing of organisations. */
const selectedForm: Record<string, string> = {
  at: 'to_timestamp("at" / 1000.0)',
  organisationId: `coalesce("organisationId", '${defaultOrganisationId}')`,
};
const selected = query.raw(columns.map(([field]) => selectedForm[field] ?? `"${field}"`).join(', '));
const record = query.raw(
  columns
    .map(([field, column]) => `"${field}" ${field === 'at' ? 'double precision' : column.getSQLType()}`)
    .join(', '),
);

const insertFromJson = (json: string): SQL =>
  query`insert into ${calls} (${columnNames}) select ${selected} from json_to_recordset(${json}::json) as record(${record}) on conflict do nothing`;

/** SQLSTATE classes 22 (data exception) and 23 (integrity): the same row would be refused every time. */
function isDataError(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? error) as { code?: unknown };
  return typeof code === 'string' && /^2[23]/.test(code);
}

/** The ledger's rows in the database. */
export function createCallStore(sql: () => Promise<Sql>) {
  return {
    /**
     * Inserts rows given as JSON texts of the row's own field names, `at` in milliseconds since 1970; those whose (request
     * id, kind) is there already are left as they are. One parameter for all of them: a quarter of the work of a parameter
     * for every field (80 against 320 us a row with the embedded database). Returns the rows whose data the database can
     * never take; rejects when it is away.
     */
    async insertJson(rows: string[]): Promise<string[]> {
      if (rows.length === 0) return [];
      try {
        await (await sql()).execute(insertFromJson(`[${rows.join(',')}]`));
        return [];
      } catch (error) {
        if (!isDataError(error)) throw error;
        if (rows.length === 1) return rows;
        const half = rows.length >> 1;
        return [...(await this.insertJson(rows.slice(0, half))), ...(await this.insertJson(rows.slice(half)))];
      }
    },
    /** Which of these requests have a row. */
    async among(requestIds: string[]): Promise<Set<string>> {
      if (requestIds.length === 0) return new Set();
      const rows = await (await sql())
        .select({ requestId: calls.requestId })
        .from(calls)
        .where(inArray(calls.requestId, requestIds));
      return new Set(rows.map(({ requestId }) => requestId));
    },
    async byRequestId(requestId: string): Promise<StoredCall | undefined> {
      const [row] = await (await sql()).select().from(calls).where(eq(calls.requestId, requestId));
      return row;
    },
    /** Newest first; those after the place of a page before. `next` is the place of the last one, when there are more. */
    async list(
      filter: CallFilter,
      limit: number,
      after?: CallPlace,
    ): Promise<{ rows: StoredCall[]; next?: CallPlace }> {
      const older =
        after &&
        query`(${calls.at}, ${calls.requestId}, ${calls.kind}) < (${after.at}::timestamptz, ${after.requestId}, ${after.kind})`;
      const found = await (await sql())
        .select({ call: calls, at: query<string>`${calls.at}::text` })
        .from(calls)
        .where(and(where(filter), older))
        .orderBy(desc(calls.at), desc(calls.requestId), desc(calls.kind))
        .limit(limit + 1);
      const rows = found.slice(0, limit);
      const last = found.length > limit ? rows.at(-1) : undefined;
      return {
        rows: rows.map(({ call }) => call),
        ...(last && { next: { at: last.at, requestId: last.call.requestId, kind: last.call.kind } }),
      };
    },
    async usage(filter: CallFilter, by: UsageGrouping): Promise<UsageRow[]> {
      const group = groupColumns[by];
      const rows = await (await sql())
        .select({ group, ...sums })
        .from(calls)
        .where(where(filter))
        .groupBy(query`1`)
        .orderBy(query`1`);
      return rows;
    },
    /** The mean length of an organisation's answers in tokens, by the model that gave them. */
    async usualOutput(organisationId: string, since: Date): Promise<Map<string, number>> {
      const rows = await (await sql())
        .select({ model: calls.modelUsed, tokens: number(query`round(avg(${calls.output}))`) })
        .from(calls)
        .where(
          and(
            eq(calls.organisationId, organisationId),
            gte(calls.at, since),
            eq(calls.outcome, 'ok'),
            eq(calls.operation, 'chat'),
          ),
        )
        .groupBy(calls.modelUsed);
      return new Map(rows.flatMap(({ model, tokens }) => (model === null ? [] : [[model, tokens] as const])));
    },
    /** Totals, and latency percentiles in milliseconds over answered calls. */
    async stats(filter: CallFilter) {
      const percentile = (share: number, column: typeof calls.latencyMs | typeof calls.firstTokenMs) =>
        query<
          number | null
        >`percentile_cont(${query.raw(String(share))}) within group (order by ${column}) filter (where ${calls.outcome} = 'ok')`;
      const [row] = await (await sql())
        .select({
          ...sums,
          latencyP50: percentile(0.5, calls.latencyMs),
          latencyP95: percentile(0.95, calls.latencyMs),
          latencyP99: percentile(0.99, calls.latencyMs),
          firstTokenP50: percentile(0.5, calls.firstTokenMs),
          firstTokenP95: percentile(0.95, calls.firstTokenMs),
          firstTokenP99: percentile(0.99, calls.firstTokenMs),
        })
        .from(calls)
        .where(where(filter));
      return row!;
    },
  };
}

export type CallStore = ReturnType<typeof createCallStore>;

/** The calls that a filter means. */
export function where({ from, to, organisationId, userId, keyId, model, provider }: CallFilter): SQL | undefined {
  return and(
    from && gte(calls.at, from),
    to && lt(calls.at, to),
    organisationId === undefined ? undefined : eq(calls.organisationId, organisationId),
    userId === undefined ? undefined : eq(calls.userId, userId),
    keyId === undefined ? undefined : eq(calls.keyId, keyId),
    model === undefined ? undefined : query`coalesce(${calls.modelUsed}, ${calls.modelAsked}) = ${model}`,
    provider === undefined ? undefined : eq(calls.provider, provider),
  );
}
