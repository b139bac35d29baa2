import { bigserial, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { time } from './columns.ts';

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
