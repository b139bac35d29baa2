import { createClient } from '../../api/client.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { formatTime } from '../../format/time.ts';
import { filterOptions, readFilter } from './filter.ts';

interface Entry {
  seq: number;
  at: string;
  actorName: string;
  action: string;
  targetKind: string;
  targetId: string;
}

const columns: Column[] = [
  { title: 'ROW', align: 'right' },
  { title: 'WHEN' },
  { title: 'WHO', shrinksTo: 10 },
  { title: 'ACTION', shrinksTo: 12 },
  { title: 'TARGET', shrinksTo: 12 },
];

export const listAudit = defineCommand({
  name: 'list',
  summary: 'List changes and logins, newest first',
  options: {
    ...filterOptions,
    limit: { type: 'string', value: 'number', summary: 'How many (default: 50, 1000 at most)' },
  },
  examples: ['sluice audit list --action key. --from 7d', 'sluice audit list --target key_1f0c9a2b-…'],
  async run({ options: { limit = '50', ...filter }, output, connection }) {
    if (!/^\d{1,4}$/.test(limit)) throw new UsageError(`\`--limit ${limit}\` is no number.`);
    const page = await createClient(connection()).get<{ data: Entry[]; next: string | null }>('/api/v1/audit', {
      ...readFilter(filter),
      limit,
    });
    output.print(page, () => {
      if (page.data.length === 0) return 'There are no such rows.';
      const table = renderTable(columns, page.data.map(rowOf), output);
      return page.next === null
        ? table
        : `${table}\n\nThere are more: say --limit, --to, or use \`sluice audit export\`.`;
    });
  },
});

const rowOf = ({ seq, at, actorName, action, targetKind, targetId }: Entry): string[] => [
  String(seq),
  formatTime(at),
  actorName,
  action,
  `${targetKind} ${targetId}`,
];
