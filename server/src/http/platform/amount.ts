import { z } from '@hono/zod-openapi';
import { formatUsd } from '../../core/money.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import type { BudgetUnit } from '../../store/schema/money.ts';

/** The most that an amount may be: dollars, or tokens. Beyond, nano-dollars would lose their last digits. */
const mostUsd = 9_000_000;

/** Dollars or tokens, as a number or as a decimal text. */
export const amountSchema = z.union([
  z.number().nonnegative(),
  z.string().regex(/^\d{1,15}(\.\d{1,9})?$/, 'Write a number, like 5 or 0.25.'),
]);

/** An amount as it is kept: nano-dollars or tokens, exact to the last digit. Throws `invalid_request`. */
export function readAmount(unit: BudgetUnit, amount: z.infer<typeof amountSchema>, param: string): number {
  const text = typeof amount === 'number' ? plain(amount) : amount;
  const [whole = '0', fraction = ''] = text.split('.');
  if (unit === 'tokens') {
    if (/[1-9]/.test(fraction)) throw invalidRequest('Tokens are counted in whole numbers.', param);
    return Number(whole);
  }
  if (Number(text) > mostUsd) throw invalidRequest(`At most ${mostUsd} US dollars can be kept.`, param);
  return Number(`${whole}${fraction.slice(0, 9).padEnd(9, '0')}`);
}

/** Without an exponent. */
const plain = (amount: number): string => {
  if (!Number.isFinite(amount)) return '0';
  const text = String(amount);
  return text.includes('e') ? amount.toFixed(9) : text;
};

/** An amount as it is shown: a decimal text. */
export const showAmount = (unit: BudgetUnit, amount: number): string =>
  unit === 'usd' ? formatUsd(amount) : String(amount);
