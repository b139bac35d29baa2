import { join } from 'node:path';
import postgres from 'postgres';
import { type CliResult, runCli } from '../../../cli/test/run-cli.ts';
import { openTables } from '../../src/store/database.ts';
import { ownTables } from '../../src/store/migrations.ts';
import { testDatabaseUrl } from '../support/databases.ts';

/** The environment of an installation in a folder, as `startServer` gives it, with its database in it or elsewhere. */
export const installation = (folder: string, databaseUrl?: string): Record<string, string> => ({
  HOME: folder,
  PORT: '0',
  SLUICE_DATA_DIR: join(folder, 'data'),
  SLUICE_CONFIG: join(folder, 'sluice.yaml'),
  ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
});

/** Runs `sluice …` where an installation is. */
export const sluice = (environment: Record<string, string>, ...line: string[]): Promise<CliResult> =>
  runCli(line, { environment });

/** Runs it with `--json`; throws with what it complained of unless it ended with the code. */
export async function sluiceJson<Value>(
  environment: Record<string, string>,
  line: readonly string[],
  wantedCode = 0,
): Promise<Value> {
  const { code, stdout, stderr } = await sluice(environment, ...line, '--json');
  if (code !== wantedCode) throw new Error(`sluice ${line.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  return JSON.parse(stdout) as Value;
}

let made = 0;

/** Empty databases of one's own on the tests' PostgreSQL. */
export function scratchDatabases() {
  const admin = postgres(testDatabaseUrl!, { max: 1, onnotice() {} });
  const names: string[] = [];
  return {
    async create(): Promise<string> {
      const name = `sluice_operate_test_${process.pid}_${++made}`;
      await admin.unsafe(`create database ${name}`);
      names.push(name);
      const url = new URL(testDatabaseUrl!);
      url.pathname = `/${name}`;
      return url.href;
    },
    async drop(): Promise<void> {
      for (const name of names) await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

/** What every table of a stopped installation holds: its rows, and a digest of them in any order. */
export async function contentOf({
  DATABASE_URL: url,
  SLUICE_DATA_DIR: dataDir,
}: Record<string, string>): Promise<Record<string, { rows: number; digest: string | null }>> {
  const tables = await openTables({ ...(url !== undefined && { url }), dataDir: dataDir! });
  try {
    await tables.sql.execute(`set timezone = 'UTC'`);
    const content: Record<string, { rows: number; digest: string | null }> = {};
    for (const table of ownTables()) {
      const [row] = await tables.sql.execute<{ rows: number; digest: string | null }>(
        `select count(*)::int as rows, md5(string_agg(md5(t::text), '' order by md5(t::text))) as digest from ${table} t`,
      );
      content[table] = { rows: row!.rows, digest: row!.digest };
    }
    return content;
  } finally {
    await tables.close();
  }
}
