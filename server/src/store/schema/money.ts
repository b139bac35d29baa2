import { boolean, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { count, time } from './columns.ts';

/** What an organisation may use: tokens a month, and which models. Nothing set: everything. */
export const plans = pgTable('plans', {
  id: text('id').primaryKey(),
  name: text('name').notNull().unique(),
  /** Tokens a calendar month (UTC); null: as many as they like. */
  tokensPerMonth: count('tokens_per_month'),
  /** Names of models that may be used, whatever they cost; an entry may end in `*`. */
  models: jsonb('models').$type<string[]>(),
  /** Nano-dollars per million tokens, three of input to one of output: models at most so dear may be used. */
  priceCeilingNanos: count('price_ceiling_nanos'),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

export const budgetScopes = ['organisation', 'team', 'user', 'key', 'agent', 'tag'] as const;
export const budgetUnits = ['usd', 'tokens'] as const;
export const budgetWindows = ['day', 'week', 'month', 'total'] as const;
export type BudgetScope = (typeof budgetScopes)[number];
export type BudgetUnit = (typeof budgetUnits)[number];
export type BudgetWindow = (typeof budgetWindows)[number];

/** How much may be spent by whom in which time. */
export const budgets = pgTable('budgets', {
  id: text('id').primaryKey(),
  organisationId: text('organisation_id').notNull(),
  name: text('name').notNull(),
  scope: text('scope', { enum: budgetScopes }).notNull(),
  /** The id of the team, user, key or agent, or the tag; null for the whole organisation. */
  target: text('target'),
  unit: text('unit', { enum: budgetUnits }).notNull(),
  /** Nano-dollars or tokens. */
  limit: count('limit').notNull(),
  window: text('window', { enum: budgetWindows }).notNull(),
  /** Refuses calls that could go beyond; else it only tells. */
  hard: boolean('hard').notNull(),
  /** Percent of the limit at which somebody is told, ascending. */
  thresholds: jsonb('thresholds').$type<number[]>().notNull(),
  /** A `total` counts from here on. */
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

/** A threshold that was reached: once a window. */
export const budgetAlerts = pgTable(
  'budget_alerts',
  {
    budgetId: text('budget_id').notNull(),
    windowStart: time('window_start').notNull(),
    /** Percent. */
    threshold: integer('threshold').notNull(),
    organisationId: text('organisation_id').notNull(),
    spent: count('spent').notNull(),
    limit: count('limit').notNull(),
    at: time('at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.budgetId, table.windowStart, table.threshold] })],
);
