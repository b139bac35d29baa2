import { testProviders } from './compose-doctor.ts';
import { readSettings } from './config/settings.ts';
import { version } from './http/version.ts';
import { backup } from './operate/backup.ts';
import { diagnose } from './operate/doctor/diagnose.ts';
import { migrateTables } from './operate/migrate.ts';
import { OperationError } from './operate/operation-error.ts';
import { restore } from './operate/restore.ts';
import { NewerDatabaseError } from './store/migrations.ts';

/**
 * What is done to an installation's files and database rather than asked of its server. The command line runs this program
 * with the name of an operation and its wish as JSON; it answers with one line of JSON, `{"result":…}` or `{"error":…}`.
 */
const operations: Record<string, (wish: never) => Promise<unknown>> = {
  backup: (wish) => backup(readSettings(process.env), version, wish),
  restore: (wish) => restore(readSettings(process.env), wish),
  migrate: (wish) => migrateTables(readSettings(process.env), wish),
  doctor: () => diagnose({ version, environment: process.env, testProviders }),
};

const [name = '', wish = '{}'] = process.argv.slice(-2);
try {
  const result = await operations[name]!(JSON.parse(wish) as never);
  await answer({ result });
  process.exit(0);
} catch (error) {
  await answer({ error: explain(error as Error) });
  process.exit(1);
}

function answer(value: object): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(value)}\n`, () => resolve()));
}

function explain(error: Error): { message: string; hint?: string; stack?: string } {
  if (error instanceof OperationError) return { message: error.message, hint: error.hint };
  if (error instanceof NewerDatabaseError) return { message: error.message };
  // The database's own words stand in the cause of what the driver's wrapper says.
  const cause =
    error.cause instanceof Error ? `${error.message.split('\n')[0]}: ${error.cause.message}` : error.message;
  return { message: cause };
}
