import type { calls } from '../store/schema.ts';

/** A row of the ledger as it is journalled: JSON-safe, `at` in milliseconds since 1970. */
export type CallRow = Omit<typeof calls.$inferInsert, 'at'> & { at: number };
