import { z } from 'zod';

/** The section `budgets` of the file: how calls are reckoned before they are made. */
export const budgets = z.strictObject({
  /** The answer's length that is reserved when a call does not bound it, in tokens. */
  defaultOutputTokens: z.number().int().positive().default(4096),
  /** What becomes of a model without a known price under a hard budget in dollars. */
  unpriced: z.enum(['refuse', 'allow']).default('refuse'),
  /** How long a reservation holds that nobody settles; without it, `limits.totalMs` and a minute. */
  leaseMs: z.number().int().positive().optional(),
});
