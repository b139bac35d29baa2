import { bigserial, boolean, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { count, time } from './columns.ts';

/** Every administrative change and login, each row chained to the one before by its hash. Rows are only ever added. */
export const auditEntries = pgTable('audit_entries', {
  seq: bigserial('seq', { mode: 'number' }).primaryKey(),
  at: time('at').notNull(),
  organisationId: text('organisation_id').notNull(),
  actorKind: text('actor_kind').notNull(),
  actorId: text('actor_id').notNull(),
  actorName: text('actor_name').notNull(),
  /** Noun and act, like `key.create` or `login.failed`. */
  action: text('action').notNull(),
  targetKind: text('target_kind').notNull(),
  targetId: text('target_id').notNull(),
  detail: jsonb('detail').$type<Record<string, unknown>>().notNull(),
  requestId: text('request_id'),
  previousHash: text('previous_hash').notNull(),
  hash: text('hash').notNull(),
});

/** The last row of the audit: its number and hash. One row; whoever appends holds it until the change is committed. */
export const auditHead = pgTable('audit_head', {
  id: boolean('id').primaryKey().default(true),
  seq: count('seq').notNull(),
  hash: text('hash').notNull(),
});
