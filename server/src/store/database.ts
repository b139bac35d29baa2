import { sql as query } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { openEmbedded } from './embedded.ts';
import { type Migration, migrate } from './migrations.ts';
import * as schema from './schema.ts';
import { away, backoff, type WatchedClient, watchClient } from './watch-database.ts';

export type Sql = PostgresJsDatabase<typeof schema>;

export interface Database {
  /** Throws `unavailable` while PostgreSQL takes questions and does not answer them. */
  readonly sql: Sql;
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
  /** Told when PostgreSQL stops answering. */
  onAway?: () => void;
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
export async function openTables({ url, dataDir, onAway }: DatabasePlace): Promise<Tables> {
  const embedded = url === undefined ? await openEmbedded(dataDir) : undefined;
  const options = { onnotice: () => {}, backoff, connection: { application_name: 'sluice' } };
  const watched = url === undefined ? undefined : watchPostgres(url, onAway);
  const client =
    watched?.client ??
    // The embedded database is one session whatever its connections: two would overwrite each other's unnamed statements.
    postgres({ ...options, host: embedded!.socketDir, port: 5432, database: 'postgres', username: 'postgres', max: 1 });
  const sql = drizzle(client, { schema });
  return {
    get sql() {
      if (watched && !watched.answers()) throw away();
      return sql;
    },
    kind: embedded ? 'embedded' : 'postgresql',
    async isUp() {
      if (watched && !watched.answers()) return false;
      return sql.execute(query`select 1`).then(
        () => true,
        () => false,
      );
    },
    migrate: (upTo) => migrate(sql, upTo),
    async close() {
      await (watched ? watched.close() : client.end({ timeout: 5 }));
      await embedded?.close();
    },
  };
}

function watchPostgres(url: string, onAway?: () => void): WatchedClient {
  const options = { onnotice: () => {}, backoff };
  return watchClient({
    onAway,
    open(onEnd) {
      const client = postgres(url, {
        ...options,
        onclose: onEnd,
        max: 10,
        connect_timeout: 10,
        connection: { application_name: 'sluice' },
      });
      // Drizzle reads some types by itself, and tells each client so.
      drizzle(client);
      return client;
    },
    openAsker: () =>
      postgres(url, { ...options, max: 1, connect_timeout: 5, connection: { application_name: 'sluice watch' } }),
  });
}
