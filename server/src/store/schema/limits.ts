import { index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { time } from './columns.ts';

/** Whose calls a limit counts. A thread is a conversation that its caller names in `x-sluice-thread`. */
export const limitSubjects = ['organisation', 'team', 'user', 'key', 'thread'] as const;

/** How much may be asked of models, by whom. What is null is not limited. */
export const limits = pgTable(
  'limits',
  {
    id: text('id').primaryKey(),
    organisationId: text('organisation_id').notNull(),
    subject: text('subject', { enum: limitSubjects }).notNull(),
    /** The one team, user, key or thread it is for; null: each of them, counted apart. */
    subjectId: text('subject_id'),
    /** A model's name, or the beginning of names and `*`; null: calls to any model together. */
    model: text('model'),
    requestsPerMinute: integer('requests_per_minute'),
    tokensPerMinute: integer('tokens_per_minute'),
    concurrent: integer('concurrent'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [index('limits_organisation_id_index').on(table.organisationId)],
);
