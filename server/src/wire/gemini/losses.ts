import type { Loss } from '../../core/loss.ts';

/** Notes a loss once per field. */
export function lose(losses: Loss[], field: string, reason: string): void {
  if (!losses.some((loss) => loss.field === field)) losses.push({ field, reason });
}
