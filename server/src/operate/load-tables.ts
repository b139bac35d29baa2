import { sql as query } from 'drizzle-orm';
import type { Tx } from '../store/audit-store.ts';
import { ownFunctions, seededTables } from '../store/migrations.ts';
import { columnsOf, readSequenceNames, tablesIn } from './dump-tables.ts';

/** Takes Sluice's tables out of a database, with what they hold; other tables stay. */
export async function dropTables(tx: Tx): Promise<void> {
  for (const table of await tablesIn(tx)) await tx.execute(query`drop table ${query.identifier(table)} cascade`);
  for (const name of ownFunctions())
    await tx.execute(query`drop function if exists public.${query.identifier(name)}() cascade`);
  await tx.execute(query`drop table if exists drizzle.__drizzle_migrations`);
}

/**
 * The first table with something that people made. Undefined when there is none: of tables that have rows from the beginning,
 * whoever changed one left a row in the audit.
 */
export async function firstFilledTable(tx: Tx): Promise<string | undefined> {
  const seeded = seededTables();
  for (const table of await tablesIn(tx)) {
    if (seeded.includes(table)) continue;
    const rows = await tx.execute(query`select 1 from ${query.identifier(table)} limit 1`);
    if (rows.length > 0) return table;
  }
  return undefined;
}

/** What migrations put into tables themselves: the backup has it too. */
export async function emptyTables(tx: Tx): Promise<void> {
  for (const table of await tablesIn(tx)) await tx.execute(query`delete from ${query.identifier(table)}`);
}

/**
 * Runs `load` while no trigger acts and no foreign key is held to, so that rows may come in any order and stay as they are; the
 * foreign keys are all checked at its end. Throws when a row refers to one that is not there.
 */
export async function withoutRules(tx: Tx, load: () => Promise<void>): Promise<void> {
  const tables = await tablesIn(tx);
  const own = new Set(tables);
  const found = await tx.execute<{ table: string; name: string; definition: string }>(query`
    select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`);
  const keys = found.filter(({ table }) => own.has(table));
  for (const { table, name } of keys) await tx.execute(query.raw(`alter table ${table} drop constraint ${name}`));
  for (const table of tables) await tx.execute(query`alter table ${query.identifier(table)} disable trigger user`);
  await load();
  for (const table of tables) await tx.execute(query`alter table ${query.identifier(table)} enable trigger user`);
  for (const { table, name, definition } of keys)
    await tx.execute(query.raw(`alter table ${table} add constraint ${name} ${definition}`));
}

/** Makes the loader of one table: its lines are those of `dumpTables`. Returns the rows that a piece had. */
export async function createLoader(tx: Tx, table: string, columns: readonly string[]) {
  const known = new Map((await columnsOf(tx, table)).map(({ name, type }) => [name, type]));
  const missing = columns.find((name) => !known.has(name));
  if (missing !== undefined) throw new Error(`The table ${table} has no column ${missing}.`);
  const names = query.join(
    columns.map((name) => query.identifier(name)),
    query`, `,
  );
  const target = query`${query.identifier(table)} (${names})`;
  const types = columns.map((name) => query.raw(known.get(name)!));

  /** Many rows at once: PostgreSQL takes them apart. */
  function insertAll(lines: readonly string[]) {
    const values = query.join(
      types.map((type, index) => query`(r->>${query.raw(String(index))})::${type}`),
      query`, `,
    );
    const rows = `[${lines.join(',')}]`;
    return tx.execute(query`insert into ${target} select ${values} from jsonb_array_elements(${rows}::text::jsonb) r`);
  }

  /** A row with bytes may have many megabytes: its values go as they are. */
  async function insertEach(lines: readonly string[]) {
    for (const line of lines) {
      const row = JSON.parse(line) as (string | null)[];
      const values = query.join(
        types.map((type, index) => query`${row[index]}::text::${type}`),
        query`, `,
      );
      await tx.execute(query`insert into ${target} values (${values})`);
    }
  }

  const insert = columns.some((name) => known.get(name) === 'bytea') ? insertEach : insertAll;
  return async function load(content: Buffer): Promise<number> {
    const lines = content.toString('utf8').split('\n').filter(Boolean);
    let batch: string[] = [];
    let bytes = 0;
    for (const line of lines) {
      batch.push(line);
      bytes += line.length;
      if (bytes < batchBytes) continue;
      await insert(batch);
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) await insert(batch);
    return lines.length;
  };
}

const batchBytes = 1024 * 1024;

/** Lets the sequences of Sluice's tables go on where they stood; others are left alone. */
export async function setSequences(tx: Tx, sequences: Record<string, string>): Promise<void> {
  const there = await readSequenceNames(tx);
  for (const [name, last] of Object.entries(sequences))
    if (there.includes(name)) await tx.execute(query`select setval(${`public.${name}`}::regclass, ${last}::bigint)`);
}
