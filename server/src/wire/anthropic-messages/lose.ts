import type { Loss } from '../../core/loss.ts';

/** Records a loss once; the first reason stands. */
export function lose(losses: Loss[], field: string, reason: string): void {
  if (!losses.some((loss) => loss.field === field)) losses.push({ field, reason });
}
