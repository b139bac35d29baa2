import { createClient } from '../../api/client.ts';
import { defineCommand } from '../../command.ts';
import { renderTable } from '../../format/table.ts';
import { readTime } from '../../format/time.ts';

interface CacheStats {
  from: string;
  hits: number;
  misses: number;
  savedUsd: string;
  byKind: Record<string, { requests: number; savedUsd: string }>;
  entries: number;
  bytes: number;
}

export const showStats = defineCommand({
  name: 'stats',
  summary: 'Hits, misses and what was saved',
  options: {
    from: { type: 'string', value: 'when', summary: 'Since this time, or this long ago (default: 24h)' },
  },
  examples: ['sluice cache stats', 'sluice cache stats --from 7d'],
  async run({ options: { from }, output, connection }) {
    const since =
      from === undefined
        ? ''
        : `?from=${encodeURIComponent(readTime(from, { option: '--from', nowMs: Date.now(), direction: 'ago', edge: 'start' }))}`;
    const stats = await createClient(connection()).get<CacheStats>(`/api/v1/cache/stats${since}`);
    output.print(stats, () => {
      const { hits, misses, savedUsd, byKind, entries, bytes } = stats;
      const asked = hits + misses;
      const share = asked === 0 ? '' : ` (${Math.round((100 * hits) / asked)}%)`;
      const rows = Object.entries(byKind).map(([kind, row]) => [kind, String(row.requests), `$${row.savedUsd}`]);
      const table = renderTable(
        [{ title: 'FROM' }, { title: 'CALLS', align: 'right' }, { title: 'SAVED', align: 'right' }],
        rows,
        {
          width: output.width,
          colours: output.colours,
        },
      );
      const held = `${entries} answers held, ${Math.ceil(bytes / 1024)} KiB`;
      return `${rows.length > 0 ? `${table}\n\n` : ''}${hits} hits of ${asked}${share}, $${savedUsd} saved; ${held}`;
    });
  },
});
