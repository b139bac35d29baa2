import { type Client, createClient } from '../../api/client.ts';
import type { Budget } from '../../api/money-types.ts';
import { CliError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { printable } from '../../format/text.ts';
import { didYouMean } from '../../suggest.ts';

export const removeBudget = defineCommand({
  name: 'remove',
  summary: 'Remove a budget',
  positionals: [{ name: 'id or name', required: true }],
  async run({ words: [wanted = ''], output, connection }) {
    const client = createClient(connection());
    const { id, name } = await findBudget(client, wanted);
    const removed = await client.delete(`/api/v1/budgets/${encodeURIComponent(id)}`);
    output.print(removed, () => `Removed ${output.colours.bold(printable(name))} (${id}).`);
  },
});

async function findBudget(client: Client, wanted: string): Promise<Budget> {
  const budgets = await client.list<Budget>('/api/v1/budgets');
  const found = budgets.filter(({ id, name }) => id === wanted || name === wanted);
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw new CliError(
      `${found.length} budgets are called ${JSON.stringify(wanted)}.`,
      `Say which: ${found.map(({ id }) => id).join(', ')}.`,
    );
  const near = didYouMean(
    wanted,
    budgets.map(({ name }) => name),
  );
  throw new CliError(`There is no budget ${JSON.stringify(wanted)}.`, near ?? '`sluice budgets list` shows all.');
}
