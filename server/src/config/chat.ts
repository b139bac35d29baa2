import { z } from 'zod';

/** What people keep in the app, and how long. */
export const chat = z.strictObject({
  /** Conversations that nobody has written in for so long are deleted; without it, none is. */
  retentionDays: z.number().positive().max(36_500).optional(),
  /** How long a temporary chat can be read. */
  temporaryHours: z
    .number()
    .positive()
    .max(24 * 365)
    .default(24),
  /** The longest file that is taken. */
  fileBytes: z
    .number()
    .int()
    .positive()
    .max(256 * 1024 * 1024)
    .default(20 * 1024 * 1024),
  /** What the files of one person may take together. */
  quotaBytes: z
    .number()
    .int()
    .positive()
    .default(1024 * 1024 * 1024),
});
