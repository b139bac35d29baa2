import { defineCommand } from '../../command.ts';
import { runOperation } from '../../operation.ts';

interface MigrateReport {
  database: string;
  from: string | null;
  migrations: string[];
  dryRun: boolean;
}

export const migrate = defineCommand({
  name: 'migrate',
  summary: 'Bring the tables up to date, or rehearse it',
  details: [
    'The server does this itself when it starts. Run it alone to do it before an upgrade, or with `--dry-run` to see that it',
    'would work: everything is run and taken back, on a copy where an embedded database is in use.',
  ].join('\n'),
  options: { 'dry-run': { type: 'boolean', summary: 'Say what would run, try it, and change nothing' } },
  examples: ['sluice migrate --dry-run', 'DATABASE_URL=postgres://… sluice migrate'],
  async run({ options: { 'dry-run': dryRun }, output, environment }) {
    const report = await runOperation<MigrateReport>('migrate', { dryRun }, environment);
    output.print(report, () => {
      const { database, from, migrations } = report;
      const state = from === null ? `The ${database} database is empty` : `The ${database} database has ${from}`;
      if (migrations.length === 0) return `${state}: there is nothing to do.`;
      const end = dryRun ? 'These would run; they were tried and taken back' : 'These were run';
      return `${state}. ${end}:\n${migrations.map((name) => `  ${name}`).join('\n')}`;
    });
  },
});
