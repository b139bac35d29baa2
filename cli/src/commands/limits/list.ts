import { createClient } from '../../api/client.ts';
import type { Limit } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { describeSubject, figureOf } from './describe-limit.ts';

const columns: Column[] = [
  { title: 'ID', shrinksTo: 12 },
  { title: 'WHOSE', shrinksTo: 10 },
  { title: 'MODEL', shrinksTo: 8 },
  { title: 'REQ/MIN', align: 'right' },
  { title: 'TOKENS/MIN', align: 'right' },
  { title: 'AT A TIME', align: 'right' },
];

export const listLimits = defineCommand({
  name: 'list',
  summary: 'List limits, oldest first',
  async run({ output, connection }) {
    const limits = await createClient(connection()).list<Limit>('/api/v1/limits');
    output.print(limits, () => {
      if (limits.length === 0)
        return 'There are no limits. `sluice limits set key --requests 60` sets one for each key.';
      const { colours, width } = output;
      return renderTable(columns, limits.map(rowOf), { width, colours });
    });
  },
});

const rowOf = (limit: Limit): string[] => [
  limit.id,
  describeSubject(limit),
  limit.model ?? 'any',
  figureOf(limit.requestsPerMinute),
  figureOf(limit.tokensPerMinute),
  figureOf(limit.concurrent),
];
