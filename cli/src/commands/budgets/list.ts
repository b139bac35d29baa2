import { createClient } from '../../api/client.ts';
import type { Budget } from '../../api/money-types.ts';
import { defineCommand } from '../../command.ts';
import { formatCount, formatMoney } from '../../format/number.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { counted, printable } from '../../format/text.ts';
import { formatDistance } from '../../format/time.ts';

const columns: Column[] = [
  { title: 'NAME', shrinksTo: 8 },
  { title: 'FOR', shrinksTo: 10 },
  { title: 'LIMIT', align: 'right' },
  { title: 'PER' },
  { title: 'SPENT', align: 'right' },
  { title: 'HELD', align: 'right' },
  { title: 'LEFT', align: 'right' },
  { title: 'RESETS IN' },
];

export const listBudgets = defineCommand({
  name: 'list',
  summary: 'List budgets with what is spent, held and left',
  async run({ output, connection }) {
    const budgets = await createClient(connection()).list<Budget>('/api/v1/budgets');
    const nowMs = Date.now();
    output.print(budgets, () => {
      if (budgets.length === 0) return 'There are no budgets. `sluice budgets create <name>` makes one.';
      const { colours, width } = output;
      const table = renderTable(
        columns,
        budgets.map((budget) => rowOf(budget, nowMs)),
        { width, colours },
      );
      return `${table}\n\n${counted(budgets.length, 'budget')}`;
    });
  },
});

/** An amount of a budget for people; `?` when it cannot be read just now. */
export const showAmount = ({ unit }: Pick<Budget, 'unit'>, amount: string | null): string => {
  if (amount === null) return '?';
  return unit === 'usd' ? formatMoney(amount) : formatCount(Number(amount));
};

const rowOf = (budget: Budget, nowMs: number): string[] => [
  printable(budget.name),
  printable(budget.target === null ? budget.scope : `${budget.scope} ${budget.target}`),
  `${showAmount(budget, budget.limit)}${budget.hard ? '' : ' soft'}`,
  budget.window,
  showAmount(budget, budget.spent),
  showAmount(budget, budget.held),
  showAmount(budget, budget.left),
  budget.resetsAt === null ? 'never' : formatDistance(budget.resetsAt, nowMs),
];
