import { boolean, index, jsonb, pgTable, primaryKey, real, text } from 'drizzle-orm/pg-core';
import { count, time } from './columns.ts';

/** Routing groups of the whole gateway, beside those of the configuration file. */
export const routingGroups = pgTable('routing_groups', {
  /** Callers say `group/<name>`. */
  name: text('name').primaryKey(),
  /** As the file would hold it. */
  settings: jsonb('settings').$type<Record<string, unknown>>().notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

/** A model's head as it is kept: its bias, then its weights. */
export type StoredHead = number[];

/** Whether and how the router learns from an organisation's traffic. Without a row it does not. */
export const routingLearning = pgTable('routing_learning', {
  organisationId: text('organisation_id').primaryKey(),
  enabled: boolean('enabled').notNull().default(false),
  /** The share of calls that a second model is asked too, 0 to 1. */
  shadowShare: real('shadow_share').notNull().default(0),
  /** The model that grades both answers. */
  judge: text('judge'),
  /** What second answers and grades may cost in a calendar month (UTC); null: as much as they like. */
  budgetNanos: count('budget_nanos'),
  /** Heads that hold whatever is learned, by model; null: those of the samples hold. */
  frozenHeads: jsonb('frozen_heads').$type<Record<string, StoredHead>>(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

export const sampleLabels = ['feedback', 'judge', 'verifier', 'retry'] as const;

/** An answer that something can be learned from: what kind of question it was, and how good the answer, once that is known. */
export const routingSamples = pgTable(
  'routing_samples',
  {
    requestId: text('request_id').notNull(),
    /** The model's name as groups know it. */
    model: text('model').notNull(),
    organisationId: text('organisation_id').notNull(),
    at: time('at').notNull(),
    /** The question as the prior's encoder sees it. No words are kept. */
    state: jsonb('state').$type<number[]>().notNull(),
    /** What quality was expected. */
    predicted: real('predicted').notNull(),
    /** The chance with which this model came to answer this call. */
    propensity: real('propensity').notNull(),
    /** Asked beside the model that answered the caller. */
    shadow: boolean('shadow').notNull().default(false),
    outcome: real('outcome'),
    label: text('label', { enum: sampleLabels }),
    /** What the answer cost where it was asked for in order to learn, and its grade. */
    costNanos: count('cost_nanos'),
  },
  (table) => [
    primaryKey({ columns: [table.requestId, table.model] }),
    index('routing_samples_organisation_at_index').on(table.organisationId, table.at),
  ],
);

/** What a person thought of an answer. */
export const callFeedback = pgTable('call_feedback', {
  requestId: text('request_id').primaryKey(),
  organisationId: text('organisation_id').notNull(),
  /** From 0 (bad) to 1 (good). */
  score: real('score').notNull(),
  note: text('note'),
  keyId: text('key_id').notNull(),
  userId: text('user_id'),
  at: time('at').notNull().defaultNow(),
});
