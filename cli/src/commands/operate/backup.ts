import { defineCommand } from '../../command.ts';
import { formatCount } from '../../format/number.ts';
import { runOperation } from '../../operation.ts';

interface BackupReport {
  file: string;
  bytes: number;
  rows: number;
  manifest: { database: { kind: string; schema: string }; tables: Record<string, { rows: number }> };
  warnings: string[];
}

export const backup = defineCommand({
  name: 'backup',
  summary: 'Write all that this installation knows into one file',
  details: [
    'Writes every row of the database as of one moment, and the calls that wait in the journal, into one .tar.gz with a manifest',
    'and checksums, while the server runs or not. It is run where the server is, with its environment: SLUICE_DATA_DIR, and',
    'DATABASE_URL if it has one. The master key is left out unless you ask for it: keep a copy of it elsewhere.',
  ].join('\n'),
  options: {
    out: { type: 'string', value: 'file', summary: 'Where to write it (default: ./sluice-<time>.tar.gz)' },
    'with-secrets': {
      type: 'boolean',
      summary: 'Put in the master key, the admin key and sluice.yaml, in the clear',
    },
  },
  examples: ['sluice backup', 'SLUICE_DATA_DIR=/var/lib/sluice sluice backup --out /backups/monday.tar.gz'],
  async run({ options: { out, 'with-secrets': withSecrets }, output, environment }) {
    const wish = {
      out: out ?? `sluice-${new Date().toISOString().slice(0, 19).replace(/:/g, '')}Z.tar.gz`,
      withSecrets,
    };
    const report = await runOperation<BackupReport>('backup', wish, environment);
    output.print(report, () => {
      const tables = Object.values(report.manifest.tables).filter(({ rows }) => rows > 0).length;
      return `Wrote ${report.file}: ${formatCount(report.rows)} rows of ${tables} tables, ${formatCount(report.bytes)} bytes.`;
    });
    for (const warning of report.warnings) output.note(`${output.asideColours.yellow('note:')} ${warning}`);
  },
});
