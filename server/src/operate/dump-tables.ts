import { sql as query } from 'drizzle-orm';
import type { Tx } from '../store/audit-store.ts';
import { ownTables } from '../store/migrations.ts';

export interface DumpedTable {
  columns: string[];
  rows: number;
}

const partBytes = 8 * 1024 * 1024;
const fetchRows = 500;
// A file of a conversation may have tens of megabytes, twice that as hexadecimal text.
const fetchRowsWithBytes = 1;

/**
 * Every row of Sluice's tables as lines of JSON arrays: one text a column, as PostgreSQL itself writes the value, so that any
 * PostgreSQL reads the same from it. `onPart` is given pieces of some megabytes.
 */
export async function dumpTables(
  tx: Tx,
  onPart: (table: string, part: number, content: Buffer) => Promise<void>,
): Promise<Record<string, DumpedTable>> {
  await writeExactly(tx);
  const tables: Record<string, DumpedTable> = {};
  for (const table of await tablesIn(tx)) {
    const columns = await columnsOf(tx, table);
    tables[table] = { columns: columns.map(({ name }) => name), rows: 0 };
    const batch = columns.some(({ type }) => type === 'bytea') ? fetchRowsWithBytes : fetchRows;
    let lines: string[] = [];
    let bytes = 0;
    let part = 0;
    const flush = async () => {
      if (lines.length === 0) return;
      await onPart(table, ++part, Buffer.from(`${lines.join('\n')}\n`));
      lines = [];
      bytes = 0;
    };
    for await (const rows of readRows(tx, table, columns, batch)) {
      tables[table].rows += rows.length;
      for (const row of rows) {
        lines.push(row);
        bytes += row.length;
      }
      if (bytes > partBytes) await flush();
    }
    await flush();
  }
  return tables;
}

/** Sluice's tables that are in this database, in the order in which migrations made them. */
export async function tablesIn(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ name: string }>(
    query`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const there = new Set(rows.map(({ name }) => name));
  return ownTables().filter((table) => there.has(table));
}

export interface Column {
  name: string;
  /** As SQL writes it. */
  type: string;
}

/** The columns that hold something of their own: what is worked out of others is worked out again. */
export async function columnsOf(tx: Tx, table: string): Promise<Column[]> {
  const rows = await tx.execute<{ name: string; type: string }>(query`
    select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = ${`public.${table}`}::regclass and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum`);
  return rows.map(({ name, type }) => ({ name, type }));
}

/** The last number of each sequence that gave one. */
export async function readSequences(tx: Tx): Promise<Record<string, string>> {
  const sequences: Record<string, string> = {};
  for (const name of await readSequenceNames(tx)) {
    const [row] = await tx.execute<{ last: string | null }>(
      query`select last_value::text as last from pg_sequences where schemaname = 'public' and sequencename = ${name}`,
    );
    if (row?.last != null) sequences[name] = row.last;
  }
  return sequences;
}

/** The sequences that belong to columns of Sluice's tables. */
export async function readSequenceNames(tx: Tx): Promise<string[]> {
  const own = await tablesIn(tx);
  const rows = await tx.execute<{ name: string; table: string }>(query`
    select sequence.relname as name, owner.relname as table from pg_depend
    join pg_class sequence on sequence.oid = pg_depend.objid and sequence.relkind = 'S'
    join pg_class owner on owner.oid = pg_depend.refobjid
    where sequence.relnamespace = 'public'::regnamespace and pg_depend.deptype in ('a', 'i')`);
  return rows.filter(({ table }) => own.includes(table)).map(({ name }) => name);
}

/** Secrets that open only with the master key: they stand in columns called `sealed`, in whatever table. */
export async function countSealed(tx: Tx): Promise<number> {
  let count = 0;
  for (const table of await tablesIn(tx)) {
    const columns = await columnsOf(tx, table);
    if (!columns.some(({ name }) => name === 'sealed')) continue;
    const [row] = await tx.execute<{ sealed: number }>(
      query`select count(sealed)::int as sealed from ${query.identifier(table)}`,
    );
    count += row?.sealed ?? 0;
  }
  return count;
}

async function* readRows(tx: Tx, table: string, columns: Column[], batch: number): AsyncGenerator<string[]> {
  const fields = query.join(
    columns.map(({ name }) => query`${query.identifier(name)}::text`),
    query`, `,
  );
  await tx.execute(
    query`declare backup no scroll cursor for select array_to_json(array[${fields}])::text as row from ${query.identifier(table)}`,
  );
  for (;;) {
    const rows = await tx.execute<{ row: string }>(query.raw(`fetch ${batch} from backup`));
    if (rows.length > 0) yield rows.map(({ row }) => row);
    if (rows.length < batch) break;
  }
  await tx.execute(query`close backup`);
}

/** Values as texts that read back to the same value, whatever the server's settings. */
async function writeExactly(tx: Tx): Promise<void> {
  for (const setting of ["datestyle = 'ISO'", "timezone = 'UTC'", 'extra_float_digits = 1', "bytea_output = 'hex'"])
    await tx.execute(query.raw(`set local ${setting}`));
}
