import { type Client, createClient } from '../../api/client.ts';
import type { Budget } from '../../api/money-types.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { printable } from '../../format/text.ts';
import { findKey } from '../keys/find-key.ts';
import { showAmount } from './list.ts';

const windows = ['day', 'week', 'month', 'total'];
const amount = /^\d+(\.\d+)?$/;

export const createBudget = defineCommand({
  name: 'create',
  summary: 'Set a budget, for the organisation unless it says for whom',
  positionals: [{ name: 'name', required: true }],
  options: {
    usd: { type: 'string', value: 'dollars', summary: 'The limit in US dollars' },
    tokens: { type: 'string', value: 'count', summary: 'The limit in tokens, in and out' },
    per: { type: 'string', value: 'window', summary: '`day`, `week`, `month` (the default) or `total`' },
    for: {
      type: 'string',
      value: 'whom',
      summary: '`key:<id or name>`, `team:<id>`, `user:<id>`, `agent:<id>` or `tag:<tag>`',
    },
    soft: { type: 'boolean', summary: 'Only tell; refuse nobody' },
    alert: { type: 'string', multiple: true, value: 'percent', summary: 'Tell at so much of it (50, 80 and 100)' },
  },
  examples: [
    'sluice budgets create everybody --usd 200',
    'sluice budgets create laptop --for key:laptop --usd 5 --per day',
    'sluice budgets create trial --for tag:trial --tokens 100000 --per total --soft',
  ],
  async run({ options, words: [name], output, connection }) {
    const { usd, tokens, per = 'month' } = options;
    if ((usd === undefined) === (tokens === undefined)) throw new UsageError('Say either `--usd` or `--tokens`.');
    const limit = usd ?? tokens!;
    if (!amount.test(limit)) throw new UsageError(`${JSON.stringify(limit)} is no amount.`, 'Write 5 or 0.25.');
    if (!windows.includes(per))
      throw new UsageError(`There is no window \`${per}\`.`, `Windows: ${windows.join(', ')}.`);
    const thresholds = options.alert.map(Number);
    if (thresholds.some((percent) => !Number.isInteger(percent) || percent < 1))
      throw new UsageError('`--alert` takes whole percent, like 80.');
    const client = createClient(connection());
    const made = await client.post<Budget>('/api/v1/budgets', {
      name,
      unit: usd === undefined ? 'tokens' : 'usd',
      limit,
      window: per,
      hard: !options.soft,
      ...(await targetOf(client, options.for)),
      ...(thresholds.length > 0 && { thresholds }),
    });
    output.print(
      made,
      () =>
        `Set ${output.colours.bold(printable(made.name))} (${made.id}): ${showAmount(made, made.limit)} ${made.window === 'total' ? 'in all' : `a ${made.window}`}.`,
    );
  },
});

async function targetOf(client: Client, whom: string | undefined): Promise<{ scope: string; target?: string }> {
  if (whom === undefined) return { scope: 'organisation' };
  const [, scope = '', target = ''] = /^(key|team|user|agent|tag):(.+)$/s.exec(whom) ?? [];
  if (scope === '') throw new UsageError(`\`--for ${whom}\` is not understood.`, 'Write key:laptop or tag:trial.');
  return { scope, target: scope === 'key' ? (await findKey(client, target)).id : target };
}
