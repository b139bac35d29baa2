import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sql as query } from 'drizzle-orm';
import type { Settings } from '../../config/settings.ts';
import type { Tables } from '../../store/database.ts';
import { NewerDatabaseError, readSchemaState } from '../../store/migrations.ts';
import { openForReading } from '../open-for-reading.ts';
import { compareClocks } from './clock.ts';
import { type Finding, fail, ok, saidBy, warn } from './finding.ts';

/** The oldest PostgreSQL that its makers still mend. */
const oldestMajor = 14;

/**
 * The database: that it answers, which it is, and whether this program and its tables fit together. What `meanwhile` finds is
 * found while it is open, or without it.
 */
export async function checkDatabase(
  settings: Settings,
  meanwhile: (tables: Tables | undefined) => Promise<Finding[]>,
): Promise<{ findings: Finding[]; meanwhile: Finding[] }> {
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl === undefined && !existsSync(join(dataDir, 'postgres')))
    return {
      findings: [ok('database', 'The embedded database is not there yet; the first start makes it.')],
      meanwhile: await meanwhile(undefined),
    };
  let opened: Awaited<ReturnType<typeof openForReading>> | undefined;
  try {
    opened = await openForReading(settings);
    const { kind } = opened.tables;
    const server = kind === 'postgresql' ? await checkServer(opened.tables) : [];
    return { findings: [...server, ...(await checkTables(opened.tables))], meanwhile: await meanwhile(opened.tables) };
  } catch (error) {
    const advice =
      databaseUrl === undefined
        ? 'If its files are broken, restore a backup into an empty folder.'
        : 'Start PostgreSQL, or mend DATABASE_URL; its user must be allowed to make tables.';
    return {
      findings: [fail('database', `The database cannot be used: ${saidBy(error)}`, advice)],
      meanwhile: await meanwhile(undefined),
    };
  } finally {
    await opened?.close();
  }
}

async function checkServer({ sql }: Tables): Promise<Finding[]> {
  const askedMs = Date.now();
  const [row] = await sql.execute<{ version: string; now: string }>(
    query`select current_setting('server_version') as version, extract(epoch from clock_timestamp()) * 1000 as now`,
  );
  const { version = '0', now = '0' } = row ?? {};
  return [
    Number.parseInt(version, 10) >= oldestMajor
      ? ok('postgresql', `PostgreSQL ${version} answers.`)
      : warn(
          'postgresql',
          `PostgreSQL ${version} is older than ${oldestMajor}.`,
          'Upgrade it; nobody mends it any more.',
        ),
    compareClocks('postgresql clock', 'PostgreSQL', Number(now), askedMs, Date.now()),
  ];
}

async function checkTables({ sql, kind }: Tables): Promise<Finding[]> {
  const noun = kind === 'embedded' ? 'The embedded database' : 'The database';
  try {
    const { version, name, pending, changed } = await readSchemaState(sql);
    if (changed.length > 0)
      return [
        warn(
          'database',
          `${noun} has other forms of ${changed.join(', ')} than this program.`,
          'Was it made by a changed program? Compare before you upgrade.',
        ),
      ];
    if (version === 0) return [ok('database', `${noun} is empty; the first start makes its tables.`)];
    if (pending.length === 0) return [ok('database', `${noun} answers, and its tables are up to date (${name}).`)];
    return [
      warn(
        'database',
        `${noun} has ${name ?? 'older tables'}; the next start runs ${pending.map((each) => each.name).join(', ')}.`,
        'Back it up, and rehearse it with `sluice migrate --dry-run`.',
      ),
    ];
  } catch (error) {
    if (!(error instanceof NewerDatabaseError)) throw error;
    return [fail('database', error.message, 'Run the newer program, or restore an older backup.')];
  }
}
