import { type Client, createClient } from '../api/client.ts';
import type { Key, Stats, Sums, UsageRow } from '../api/types.ts';
import { CliError, UsageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { formatCount, formatDuration, formatMoney } from '../format/number.ts';
import { type Column, renderTable } from '../format/table.ts';
import { counted } from '../format/text.ts';
import { readTime } from '../format/time.ts';
import type { Output } from '../output.ts';
import { didYouMean } from '../suggest.ts';
import { exportUsage } from './usage-export.ts';

const groupings = ['day', 'key', 'model', 'provider'];

export const usage = defineCommand({
  name: 'usage',
  summary: 'Calls, tokens, cost and what was saved',
  details:
    'Shows what the ledger has: calls, tokens, cost, what was saved, and latency. Keys without the role admin see their own calls.',
  options: {
    by: { type: 'string', value: 'what', summary: 'A row for each day (the default), key, model or provider' },
    from: {
      type: 'string',
      value: 'when',
      summary: 'The first day (2026-12-01, UTC), a time, or how long ago (12h, 7d, 4w)',
    },
    to: { type: 'string', value: 'when', summary: 'The last day, a time, or how long ago' },
  },
  examples: [
    'sluice usage',
    'sluice usage --by model --from 7d',
    'sluice usage --from 2026-12-01 --to 2026-12-31 --json',
  ],
  subcommands: [exportUsage],
  async run({ options, output, connection }) {
    const by = options.by ?? 'day';
    if (!groupings.includes(by))
      throw new UsageError(
        `\`--by ${by}\` is not known.`,
        didYouMean(by, groupings) ?? `Say one of ${groupings.join(', ')}.`,
      );
    const period = readPeriod(options);
    const client = createClient(connection());
    const { data } = await client.get<{ data: UsageRow[] }>('/api/v1/usage', { by, ...period });
    const totals = await client.get<Stats>('/api/v1/stats', period);
    if (!Array.isArray(data)) throw new CliError('The server sent no list of usage.');
    const rows = by === 'key' ? await nameKeys(client, data) : data;
    output.print({ by, ...period, data: rows, totals }, () => renderUsage(by, rows, totals, output));
  },
});

function readPeriod({ from, to }: { from?: string; to?: string }) {
  const reading = { nowMs: Date.now(), direction: 'ago' } as const;
  const period = {
    ...(from !== undefined && { from: readTime(from, { ...reading, option: '--from', edge: 'start' }) }),
    ...(to !== undefined && { to: readTime(to, { ...reading, option: '--to', edge: 'end' }) }),
  };
  if (period.from && period.to && period.from >= period.to) throw new UsageError('`--from` must be before `--to`.');
  return period;
}

interface NamedRow extends UsageRow {
  /** Of a key: its name. */
  name?: string;
}

/** The ledger groups by the id of a key; only administrators may ask what its name is. */
async function nameKeys(client: Client, rows: readonly UsageRow[]): Promise<NamedRow[]> {
  const keys = await client.list<Key>('/api/v1/keys').catch(() => []);
  const names = new Map([['admin', 'admin key'], ...keys.map(({ id, name }): [string, string] => [id, name])]);
  return rows.map((row) => ({ ...row, name: names.get(row.group) ?? row.group }));
}

function renderUsage(by: string, rows: readonly NamedRow[], totals: Stats, { width, colours }: Output): string {
  if (totals.requests === 0) return 'There are no calls in this time.';
  const columns: Column[] = [
    { title: by.toUpperCase(), shrinksTo: 16 },
    ...['CALLS', 'ERRORS', 'IN', 'CACHED', 'OUT', 'COST', 'SAVED'].map((title): Column => ({ title, align: 'right' })),
  ];
  const body = rows.map((row) => [row.name ?? row.group, ...figuresOf(row)]);
  const table = renderTable(columns, [...body, ['total', ...figuresOf(totals)]], {
    width,
    colours,
    styleRow: (line, row) => (row === body.length ? colours.bold(line) : line),
  });
  return [table, '', ...summaryOf(totals)].join('\n');
}

const figuresOf = (sums: Sums): string[] => [
  formatCount(sums.requests),
  formatCount(sums.errors),
  formatCount(sums.inputTokens + sums.cacheWriteTokens),
  formatCount(sums.cacheReadTokens),
  formatCount(sums.outputTokens),
  formatMoney(sums.costUsd),
  formatMoney(sums.savedUsd),
];

function summaryOf({ costUsd, savedUsd, unpriced, latencyMs, firstTokenMs }: Stats): string[] {
  const percentiles = ({ p50, p95, p99 }: Stats['latencyMs']) =>
    `p50 ${formatDuration(p50)}, p95 ${formatDuration(p95)}, p99 ${formatDuration(p99)}`;
  const without = Number(costUsd) + Number(savedUsd);
  const share = without > 0 ? ` (${Math.round((Number(savedUsd) / without) * 100)}%)` : '';
  return [
    `Cost         ${formatMoney(costUsd)}`,
    `Saved        ${formatMoney(savedUsd)}${share}`,
    `Latency      ${percentiles(latencyMs)}`,
    `First token  ${percentiles(firstTokenMs)}`,
    ...(unpriced > 0 ? [`Unpriced     ${counted(unpriced, 'call')}, not in the cost`] : []),
  ];
}
