import { defineCommand } from '../../command.ts';
import { createBudget } from './create.ts';
import { listBudgets } from './list.ts';
import { removeBudget } from './remove.ts';

export const budgets = defineCommand({
  name: 'budgets',
  summary: 'Set, list and remove budgets',
  details:
    'How much may be spent by whom, in dollars or tokens. All of this needs a key that may read or write budgets.',
  subcommands: [createBudget, listBudgets, removeBudget],
});
