import { defineCommand } from '../../command.ts';
import { formatCount } from '../../format/number.ts';
import { runOperation } from '../../operation.ts';

interface RestoreReport {
  file: string;
  into: string | null;
  rows: number;
  manifest: { version: string; createdAt: string; database: { kind: string; schema: string } };
  migrated: string[];
  warnings: string[];
}

export const restore = defineCommand({
  name: 'restore',
  summary: 'Put a backup into this installation, which must be stopped',
  details: [
    'Puts a backup into the database that SLUICE_DATA_DIR, or DATABASE_URL, names; it may be of the other kind than the one that',
    'was backed up. All of it or nothing. Refuses a database that is not empty, a backup of a newer Sluice, and a file that is',
    'not as it was written. Tables of an older Sluice are brought up to date.',
  ].join('\n'),
  positionals: [{ name: 'file', required: true }],
  options: {
    force: { type: 'boolean', summary: 'Replace what is there' },
    check: { type: 'boolean', summary: 'Change nothing: say whether the file is whole and what is in it' },
  },
  examples: ['sluice restore monday.tar.gz --check', 'DATABASE_URL=postgres://… sluice restore laptop.tar.gz'],
  async run({ words: [file = ''], options: { force, check }, output, environment }) {
    const report = await runOperation<RestoreReport>('restore', { file, force, check }, environment);
    output.print(report, () => {
      const { version, createdAt, database } = report.manifest;
      const what = `a backup of Sluice ${version} from ${createdAt}: ${formatCount(report.rows)} rows, tables of ${database.schema}`;
      if (report.into === null) return `${report.file} is whole, ${what}.`;
      const then = report.migrated.length > 0 ? ` Brought up to date: ${report.migrated.join(', ')}.` : '';
      return `Restored into the ${report.into} database: ${what}.${then}`;
    });
    for (const warning of report.warnings) output.note(`${output.asideColours.yellow('note:')} ${warning}`);
  },
});
