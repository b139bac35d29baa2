import { sql as query } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { shippedPath } from '../core/shipped.ts';
import { openEmbedded } from './embedded.ts';
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

// Any number will do, as long as no other program locks it: the first eight letters of "sluice" and "db" as bytes.
const migrationLock = 7_168_101_226;

/** Opens PostgreSQL at `url`, or the embedded one in `dataDir`, and brings its tables up to date. */
export async function openDatabase({ url, dataDir }: { url?: string; dataDir: string }): Promise<Database> {
  const embedded = url === undefined ? await openEmbedded(dataDir) : undefined;
  const options = { onnotice: () => {}, connection: { application_name: 'sluice' } };
  const client = embedded
    ? // The embedded database is one session whatever its connections: two would overwrite each other's unnamed statements.
      postgres({ ...options, host: embedded.socketDir, port: 5432, database: 'postgres', username: 'postgres', max: 1 })
    : postgres(url!, { ...options, max: 10, connect_timeout: 10 });
  const sql = drizzle(client, { schema });
  const close = async () => {
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
    sql,
    kind: embedded ? 'embedded' : 'postgresql',
    async isUp() {
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
  const migrationsFolder = shippedPath('server/src/store/migrations');
  if (alone) return migrate(sql, { migrationsFolder });
  // The lock belongs to a transaction: a pooler in between may give each transaction another session.
  await client.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${migrationLock})`;
    await migrate(sql, { migrationsFolder });
  });
}
