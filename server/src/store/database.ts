import { sql as query } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { openEmbedded } from './embedded.ts';
import { type Migration, migrate } from './migrations.ts';
import * as schema from './schema.ts';

export type Sql = PostgresJsDatabase<typeof schema>;

export interface Database {
  sql: Sql;
  /** `embedded` when no DATABASE_URL is set. */
  kind: 'embedded' | 'postgresql';
  /** Whether a query gets an answer. */
  isUp(): Promise<boolean>;
  close(): Promise<void>;
}

export interface DatabasePlace {
  /** A PostgreSQL; without it, the embedded one in `dataDir`. */
  url?: string;
  dataDir: string;
}

/**
 * Opens PostgreSQL at `url`, or the embedded one in `dataDir`, and brings its tables up to date. Throws NewerDatabaseError
 * when they are of a newer program.
 */
export async function openDatabase(place: DatabasePlace): Promise<Database> {
  const database = await openTables(place);
  try {
    await database.migrate();
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** A database whose tables are as they were found. */
export interface Tables extends Database {
  /** Brings them up to date, or to an older version, once: several replicas may ask at once. Returns what was run. */
  migrate(upTo?: number): Promise<Migration[]>;
}

/** Opens a database for those who look after it, and leaves its tables as they are. */
export async function openTables({ url, dataDir }: DatabasePlace): Promise<Tables> {
  const embedded = url === undefined ? await openEmbedded(dataDir) : undefined;
  const options = { onnotice: () => {}, connection: { application_name: 'sluice' } };
  const client = embedded
    ? // The embedded database is one session whatever its connections: two would overwrite each other's unnamed statements.
      postgres({ ...options, host: embedded.socketDir, port: 5432, database: 'postgres', username: 'postgres', max: 1 })
    : postgres(url!, { ...options, max: 10, connect_timeout: 10 });
  const sql = drizzle(client, { schema });
  return {
    sql,
    kind: embedded ? 'embedded' : 'postgresql',
    async isUp() {
      return sql.execute(query`select 1`).then(
        () => true,
        () => false,
      );
    },
    migrate: (upTo) => migrate(sql, upTo),
    async close() {
      await client.end({ timeout: 5 });
      await embedded?.close();
    },
  };
}
