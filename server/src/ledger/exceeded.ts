import { formatUsd } from '../core/money.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Budget } from '../store/budget-store.ts';
import type { BudgetUnit } from '../store/schema/money.ts';
import type { Standing } from './budget-counters.ts';
import type { Span } from './budget-window.ts';

/** An amount of a budget in words: `$0.5`, `1,200 tokens`. */
export const inWords = (unit: BudgetUnit, amount: number): string =>
  unit === 'usd' ? `$${formatUsd(amount)}` : `${amount.toLocaleString('en-US')} tokens`;

/** The refusal of a call that could go beyond a budget: which one, what is left, and when its window turns over. */
export function exceeded(
  { name, unit, limit, window }: Budget,
  { endMs }: Span,
  { spent, held }: Standing,
  worst: number,
): SluiceError {
  const words = (amount: number) => inWords(unit, amount);
  const left = Math.max(0, limit - spent - held);
  const period = window === 'total' ? 'in all' : `a ${window}`;
  const running = held > 0 ? ` (${words(held)} more are held by calls that run)` : '';
  const ends = endMs === undefined ? 'It does not reset by itself.' : `It resets at ${new Date(endMs).toISOString()}.`;
  return new SluiceError(
    'budget_exceeded',
    `The budget ${JSON.stringify(name)} of ${words(limit)} ${period} has ${words(left)} left${running}, and this call may come to ${words(worst)}. ${ends} Ask for a shorter answer, or ask an administrator to raise the budget.`,
  );
}
