import { boolean, doublePrecision, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { Attempt } from '../../core/call.ts';
import { count, time } from './columns.ts';

/** The ledger: one row a call, written once. */
export const calls = pgTable(
  'calls',
  {
    requestId: text('request_id').notNull(),
    kind: text('kind').notNull(),
    at: time('at').notNull(),
    keyId: text('key_id').notNull(),
    keyName: text('key_name').notNull(),
    organisationId: text('organisation_id').notNull(),
    teamId: text('team_id'),
    userId: text('user_id'),
    agentId: text('agent_id'),
    operation: text('operation').notNull(),
    dialect: text('dialect').notNull(),
    stream: boolean('stream').notNull(),
    modelAsked: text('model_asked').notNull(),
    modelUsed: text('model_used'),
    provider: text('provider'),
    wire: text('wire'),
    input: count('input').notNull(),
    cacheRead: count('cache_read').notNull(),
    cacheWrite: count('cache_write').notNull(),
    cacheWrite1h: count('cache_write_1h').notNull(),
    audioInput: count('audio_input').notNull(),
    output: count('output').notNull(),
    reasoning: count('reasoning').notNull(),
    audioOutput: count('audio_output').notNull(),
    estimated: boolean('estimated').notNull(),
    costNanos: count('cost_nanos'),
    baselineNanos: count('baseline_nanos'),
    latencyMs: doublePrecision('latency_ms').notNull(),
    firstTokenMs: doublePrecision('first_token_ms'),
    route: text('route'),
    attempts: jsonb('attempts').$type<Attempt[]>().notNull(),
    losses: text('losses'),
    tags: jsonb('tags').$type<string[]>().notNull(),
    finish: text('finish'),
    outcome: text('outcome').notNull(),
    /** `none`, `exact` or `semantic`: where the answer came from. */
    cache: text('cache'),
    /** What a cached answer would have cost. */
    cacheSavedNanos: count('cache_saved_nanos'),
    status: integer('status').notNull(),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    upstreamRequestId: text('upstream_request_id'),
  },
  (table) => [primaryKey({ columns: [table.requestId, table.kind] })],
);

/** Answers of the Responses API that the caller asked to keep, with the items a following request continues from. */
export const responses = pgTable('responses', {
  id: text('id').primaryKey(),
  keyId: text('key_id').notNull(),
  previousId: text('previous_id'),
  items: jsonb('items').$type<unknown[]>().notNull(),
  body: jsonb('body').$type<Record<string, unknown>>().notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
});
