import { boolean, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { time } from './columns.ts';

/** Rules about what goes in and comes out, in the order of `position`. What is null holds for all. */
export const guardrails = pgTable(
  'guardrails',
  {
    id: text('id').primaryKey(),
    organisationId: text('organisation_id').notNull(),
    name: text('name').notNull(),
    position: integer('position').notNull(),
    enabled: boolean('enabled').notNull().default(true),
    side: text('side', { enum: ['input', 'output', 'both'] }).notNull(),
    /** What it looks for; its form stands in `guard/rule.ts`. */
    check: jsonb('check').$type<Record<string, unknown>>().notNull(),
    action: text('action', { enum: ['block', 'redact', 'mask', 'flag', 'route'] }).notNull(),
    route: jsonb('route').$type<{ localOnly?: boolean; group?: string }>(),
    roles: jsonb('roles').$type<string[]>(),
    keyId: text('key_id'),
    teamId: text('team_id'),
    modelGroup: text('model_group'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('guardrails_organisation_id_name_index').on(table.organisationId, table.name),
    index('guardrails_organisation_id_position_index').on(table.organisationId, table.position),
  ],
);
