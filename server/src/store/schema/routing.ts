import { jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { time } from './columns.ts';

/** Routing groups of the whole gateway, beside those of the configuration file. */
export const routingGroups = pgTable('routing_groups', {
  /** Callers say `group/<name>`. */
  name: text('name').primaryKey(),
  /** As the file would hold it. */
  settings: jsonb('settings').$type<Record<string, unknown>>().notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});
