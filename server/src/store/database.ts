import { join } from 'node:path';
import { sql as query } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { openEmbedded } from './embedded.ts';
import * as schema from './schema.ts';
import { away, backoff, watchDatabase } from './watch-database.ts';

type Plain = Record<string, never>;
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

// Any number will do, as long as no other program locks it: the first eight letters of "sluice" and "db" as bytes.
const migrationLock = 7_168_101_226;

export interface OpenDatabase {
  url?: string;
  dataDir: string;
  /** Told when PostgreSQL stops answering. */
  onAway?: () => void;
}

/** Opens PostgreSQL at `url`, or the embedded one in `dataDir`, and brings its tables up to date. */
export async function openDatabase({ url, dataDir, onAway }: OpenDatabase): Promise<Database> {
  const embedded = url === undefined ? await openEmbedded(dataDir) : undefined;
  const options = { onnotice: () => {}, backoff, connection: { application_name: 'sluice' } };
  const watch = url === undefined ? undefined : watchDatabase(url, { onAway });
  const client = embedded
    ? // The embedded database is one session whatever its connections: two would overwrite each other's unnamed statements.
      postgres({ ...options, host: embedded.socketDir, port: 5432, database: 'postgres', username: 'postgres', max: 1 })
    : postgres(url!, { ...options, max: 10, connect_timeout: 10, socket: watch!.socket } as postgres.Options<Plain>);
  const sql = drizzle(client, { schema });
  const close = async () => {
    await watch?.close();
    await client.end({ timeout: 5 });
    await embedded?.close();
  };
  try {
    await migrateOnce(client, sql, embedded !== undefined);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get sql() {
      if (watch && !watch.answers()) throw away();
      return sql;
    },
    kind: embedded ? 'embedded' : 'postgresql',
    async isUp() {
      if (watch && !watch.answers()) return false;
      return sql.execute(query`select 1`).then(
        () => true,
        () => false,
      );
    },
    close,
  };
}

/** Several replicas may start at once: one migrates, the others wait for it. */
async function migrateOnce(client: postgres.Sql, sql: Sql, alone: boolean): Promise<void> {
  const migrationsFolder = join(import.meta.dirname, 'migrations');
  if (alone) return migrate(sql, { migrationsFolder });
  const reserved = await client.reserve();
  try {
    await reserved`select pg_advisory_lock(${migrationLock})`;
    await migrate(sql, { migrationsFolder });
  } finally {
    await reserved`select pg_advisory_unlock(${migrationLock})`.catch(() => {});
    reserved.release();
  }
}
