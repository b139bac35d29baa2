import { createClient } from '../../api/client.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { filterOptions, readFilter } from './filter.ts';

export const exportAudit = defineCommand({
  name: 'export',
  summary: 'Write the audit to stdout, oldest first',
  options: {
    ...filterOptions,
    format: { type: 'string', value: 'format', summary: '`jsonl` (the default) or `csv`' },
  },
  examples: ['sluice audit export > audit.jsonl', 'sluice audit export --format csv --from 30d > audit.csv'],
  async run({ options: { format = 'jsonl', ...filter }, connection }) {
    if (format !== 'jsonl' && format !== 'csv')
      throw new UsageError(`There is no format \`${format}\`.`, 'Say jsonl or csv.');
    const file = await createClient(connection()).download('/api/v1/audit/export', { ...readFilter(filter), format });
    for await (const piece of file) {
      if (!process.stdout.write(piece)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  },
});
