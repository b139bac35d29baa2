import { index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { bytea, time } from './columns.ts';

/** What an organisation says of its caches otherwise than the file. */
export const cacheSettings = pgTable('cache_settings', {
  organisationId: text('organisation_id').primaryKey(),
  settings: jsonb('settings').$type<Record<string, unknown>>().notNull(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

/** Answers that an organisation no longer wants: those to questions asked until `at`. Kept for as long as an answer may live. */
export const cacheInvalidations = pgTable(
  'cache_invalidations',
  {
    id: text('id').primaryKey(),
    organisationId: text('organisation_id').notNull(),
    kind: text('kind', { enum: ['all', 'model', 'tag', 'key'] }).notNull(),
    value: text('value').notNull(),
    at: time('at').notNull(),
  },
  (table) => [index('cache_invalidations_at_index').on(table.at)],
);

/** Requests with an `Idempotency-Key`: one row for each, the answer in it once it is whole. */
export const idempotentCalls = pgTable(
  'idempotent_calls',
  {
    /** SHA-256 of whose key it is, the route and the `Idempotency-Key`. */
    id: text('id').primaryKey(),
    organisationId: text('organisation_id').notNull(),
    /** SHA-256 of the request. */
    fingerprint: text('fingerprint').notNull(),
    /** Who runs it: only the holder of this may write the answer. */
    claim: text('claim').notNull(),
    state: text('state', { enum: ['running', 'done', 'lost'] }).notNull(),
    /** Whoever runs it says again and again that it lives. */
    leaseUntil: time('lease_until').notNull(),
    status: integer('status'),
    headers: jsonb('headers').$type<Record<string, string>>(),
    body: bytea('body'),
    expiresAt: time('expires_at').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [index('idempotent_calls_expires_at_index').on(table.expiresAt)],
);
