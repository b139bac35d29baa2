import { z } from 'zod';

const figure = z.number().int().positive();

const rateLimit = z
  .strictObject({
    per: z.enum(['gateway', 'organisation', 'team', 'user', 'key', 'thread']),
    model: z.string().min(1).max(200).optional(),
    requestsPerMinute: figure.optional(),
    tokensPerMinute: figure.optional(),
    concurrent: figure.optional(),
  })
  .refine(
    ({ requestsPerMinute, tokensPerMinute, concurrent }) =>
      (requestsPerMinute ?? tokensPerMinute ?? concurrent) !== undefined,
    'Say at least one of requestsPerMinute, tokensPerMinute and concurrent.',
  );

/** Limits that hold for everybody, whatever organisations set themselves. */
export const rateLimits = z.array(rateLimit);
export type RateLimitSettings = z.infer<typeof rateLimit>;

/** What waits its turn when a provider limits us or has as many calls as it may. */
export const queue = z.strictObject({
  concurrent: figure.optional(),
  maxWaitMs: z.number().int().positive().default(10_000),
  maxLength: z.number().int().positive().default(1000),
});
export type QueueSettings = z.infer<typeof queue>;
