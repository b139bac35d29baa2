import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql as query } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { shippedPath } from '../core/shipped.ts';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';

/** A step of the tables from one version to the next. */
export interface Migration {
  /** As the file is called, like `0004_money`. */
  name: string;
  /** Orders them and says which a database has: milliseconds. */
  version: number;
  hash: string;
  statements: string[];
}

export interface SchemaState {
  /** The newest migration that the database has, by version; 0 when it is empty. */
  version: number;
  /** Its name, where this program knows it. */
  name: string | undefined;
  /** What this program would still run, oldest first. */
  pending: Migration[];
  /** Migrations that the database has otherwise than this program knows them, by name. */
  changed: string[];
}

/** The database has tables of a newer program. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError';
}

const folder = shippedPath('server/src/store/migrations');

/** All that this program knows, oldest first. */
export function knownMigrations(): Migration[] {
  const { entries } = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string }[];
  };
  return readMigrationFiles({ migrationsFolder: folder }).map(({ sql, hash, folderMillis }, index) => ({
    name: entries[index]!.tag,
    version: folderMillis,
    hash,
    statements: sql,
  }));
}

/** The migration that a program must know to read these tables. */
export const newestMigration = (): Migration => knownMigrations().at(-1)!;

/** The tables that any version of this program makes. */
export const ownTables = (): string[] => namesIn(/^\s*create table (?:if not exists )?"?(\w+)"?/gim);

/** The functions that their triggers call. */
export const ownFunctions = (): string[] => namesIn(/^\s*create (?:or replace )?function "?(\w+)"?/gim);

/** The tables that have rows before anybody did anything. */
export const seededTables = (): string[] => namesIn(/^\s*insert into "?(\w+)"?/gim);

function namesIn(pattern: RegExp): string[] {
  const statements = knownMigrations().flatMap((migration) => migration.statements);
  const found = statements.flatMap((statement) => [...statement.matchAll(pattern)].map(([, name]) => name!));
  return [...new Set(found)];
}

/** What a database has and what it lacks; changes nothing. Throws NewerDatabaseError when it has what this program does not know. */
export async function readSchemaState(sql: Sql | Tx): Promise<SchemaState> {
  const known = knownMigrations();
  const done = await readDone(sql);
  const version = Math.max(0, ...done.map((each) => each.version));
  const newest = known.at(-1)!;
  if (version > newest.version) {
    throw new NewerDatabaseError(
      `The database was written by a newer Sluice: its tables are of ${new Date(version).toISOString()}, and this program ` +
        `knows them up to ${newest.name}. Start the newer program again, or restore a backup that was made before the upgrade.`,
    );
  }
  const hashes = new Map(done.map((each) => [each.version, each.hash]));
  return {
    version,
    name: known.find((each) => each.version === version)?.name,
    pending: known.filter((each) => each.version > version),
    changed: known
      .filter((each) => hashes.has(each.version) && hashes.get(each.version) !== each.hash)
      .map(({ name }) => name),
  };
}

// Any number will do, as long as no other program locks it: the first eight letters of "sluice" and "db" as bytes.
const migrationLock = 7_168_101_226;

/**
 * Runs what a database lacks, up to a version when one is given: all of it or nothing. Returns what was run. Several replicas
 * may ask at once: one migrates, the others wait for it, and then find nothing to do.
 */
export async function migrate(sql: Sql | Tx, upTo = Number.POSITIVE_INFINITY): Promise<Migration[]> {
  return sql.transaction(async (tx) => {
    await takeTurn(tx);
    const { pending } = await readSchemaState(tx);
    const wanted = pending.filter(({ version }) => version <= upTo);
    await run(tx, wanted);
    return wanted;
  });
}

// A rehearsal holds the locks that the migration would: it must not wait for them behind long transactions while others queue.
const rehearsalLockMs = 5000;

/** Runs what a database lacks and takes it back: whether it would work. Returns what was run; throws what the database says. */
export async function rehearse(sql: Sql): Promise<Migration[]> {
  const undo = new Error('rehearsed');
  let rehearsed: Migration[] = [];
  try {
    await sql.transaction(async (tx) => {
      await tx.execute(query.raw(`set local lock_timeout = ${rehearsalLockMs}`));
      await takeTurn(tx);
      ({ pending: rehearsed } = await readSchemaState(tx));
      await run(tx, rehearsed);
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  return rehearsed;
}

/** The lock belongs to the transaction: a pooler in between may give each transaction another session. */
const takeTurn = (tx: Tx) => tx.execute(query`select pg_advisory_xact_lock(${migrationLock})`);

async function readDone(sql: Sql | Tx): Promise<{ version: number; hash: string }[]> {
  const [table] = await sql.execute<{ there: boolean }>(
    query`select to_regclass('drizzle.__drizzle_migrations') is not null as there`,
  );
  if (!table?.there) return [];
  const rows = await sql.execute<{ created_at: string; hash: string }>(
    query`select created_at, hash from drizzle.__drizzle_migrations`,
  );
  return rows.map(({ created_at, hash }) => ({ version: Number(created_at), hash }));
}

/** The table of what was done is that of drizzle-kit. */
async function run(tx: Tx, migrations: readonly Migration[]): Promise<void> {
  if (migrations.length === 0) return;
  await tx.execute(query`create schema if not exists drizzle`);
  await tx.execute(
    query`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`,
  );
  for (const { name, version, hash, statements } of migrations) {
    for (const statement of statements) {
      await tx.execute(query.raw(statement)).catch((cause: Error) => {
        const said = (cause.cause as Error | undefined)?.message ?? cause.message;
        throw new Error(`The migration ${name} failed, and nothing was changed: ${said}`, { cause });
      });
    }
    await tx.execute(query`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${version})`);
  }
}
