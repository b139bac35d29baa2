import { boolean, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { time } from './columns.ts';

/** Providers that operators added beside those of the configuration file, and whether each provider, wherever it stands, is in use. */
export const gatewayProviders = pgTable('gateway_providers', {
  id: text('id').primaryKey(),
  /** As the file would hold it, without secrets; null: it stands elsewhere, and only `enabled` is decided here. */
  settings: jsonb('settings').$type<Record<string, unknown>>(),
  enabled: boolean('enabled').notNull().default(true),
  /** What a person may recognise the key by. */
  hint: text('hint'),
  /** The secrets of its settings, as JSON. */
  sealed: text('sealed'),
  wrappedKey: text('wrapped_key'),
  masterVersion: integer('master_version'),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

/** What operators say of models: prices, windows, abilities. */
export const gatewayModels = pgTable('gateway_models', {
  /** `provider/model`. */
  id: text('id').primaryKey(),
  facts: jsonb('facts').$type<Record<string, unknown>>().notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

/** What the app calls itself and looks like: one row, or none. */
export const gatewayBranding = pgTable('gateway_branding', {
  id: integer('id').primaryKey().default(1),
  settings: jsonb('settings').$type<Record<string, unknown>>().notNull(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});
