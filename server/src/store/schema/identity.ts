import { boolean, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { Permission } from '../../core/principal.ts';
import { time } from './columns.ts';

const status = (name: string) =>
  text(name, { enum: ['active', 'suspended'] })
    .notNull()
    .default('active');

/** Whoever has a budget of its own and sees nothing of the others. */
export const organisations = pgTable('organisations', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  slug: text('slug').notNull().unique(),
  planId: text('plan_id'),
  status: status('status'),
  createdAt: time('created_at').notNull().defaultNow(),
});

export const teams = pgTable('teams', {
  id: text('id').primaryKey(),
  organisationId: text('organisation_id').notNull(),
  name: text('name').notNull(),
  status: status('status'),
  /** The most that members of this team may do through it; null: whatever their role allows. */
  permissions: jsonb('permissions').$type<Permission[]>(),
  createdAt: time('created_at').notNull().defaultNow(),
});

/** People. How they log in stands in the tables of `schema/login.ts`. */
export const users = pgTable('users', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull().unique(),
  emailVerified: boolean('email_verified').notNull().default(false),
  image: text('image'),
  twoFactorEnabled: boolean('two_factor_enabled').notNull().default(false),
  /** May do everything in every organisation, and change the gateway itself. */
  operator: boolean('operator').notNull().default(false),
  status: status('status'),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

/** Who belongs to which organisation, in which role: a built-in one by name, or the id of a custom one. */
export const memberships = pgTable(
  'memberships',
  {
    organisationId: text('organisation_id').notNull(),
    userId: text('user_id').notNull(),
    role: text('role').notNull(),
    status: status('status'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.organisationId, table.userId] })],
);

export const teamMembers = pgTable(
  'team_members',
  { teamId: text('team_id').notNull(), userId: text('user_id').notNull() },
  (table) => [primaryKey({ columns: [table.teamId, table.userId] })],
);

/** Roles of an organisation's own making; the built-in ones stand in `core/principal.ts`. */
export const roles = pgTable('roles', {
  id: text('id').primaryKey(),
  organisationId: text('organisation_id').notNull(),
  name: text('name').notNull(),
  permissions: jsonb('permissions').$type<Permission[]>().notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
});

/** Open doors for people who are not here yet. The token is sent once and stored as its hash. */
export const invitations = pgTable('invitations', {
  id: text('id').primaryKey(),
  organisationId: text('organisation_id').notNull(),
  email: text('email').notNull(),
  role: text('role').notNull(),
  teamIds: jsonb('team_ids').$type<string[]>().notNull(),
  tokenHash: text('token_hash').notNull().unique(),
  invitedBy: text('invited_by').notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  expiresAt: time('expires_at').notNull(),
  acceptedAt: time('accepted_at'),
  revokedAt: time('revoked_at'),
});

/** What a key may be used for, beside its role; an absent list allows all. Entries may end in `*`. */
export interface KeyScopes {
  dialects?: string[];
  groups?: string[];
  /** Paths, like `/v1/embeddings` or `/api/v1/usage`. */
  routes?: string[];
  /** Its calls stay on the operator's own machines. */
  localOnly?: boolean;
}

/** Virtual keys. The key itself is never stored: `hash` is its SHA-256, `hint` what a person may recognise it by. */
export const keys = pgTable('keys', {
  id: text('id').primaryKey(),
  organisationId: text('organisation_id').notNull(),
  /** No reference: a key whose team is gone must not become one without a team, which may do more. */
  teamId: text('team_id'),
  /** The person it belongs to; null: a service key, which outlives people. */
  userId: text('user_id'),
  name: text('name').notNull(),
  hash: text('hash').notNull().unique(),
  hint: text('hint').notNull(),
  /** A built-in role by name, or the id of a custom one: the most that the key may do. */
  role: text('role').notNull(),
  models: jsonb('models').$type<string[]>(),
  scopes: jsonb('scopes').$type<KeyScopes>(),
  /** Networks that the key may come from; null: anywhere. */
  addresses: jsonb('addresses').$type<string[]>(),
  tags: jsonb('tags').$type<string[]>().notNull().default([]),
  /** The secret before the last rotation, and until when it still works. */
  previousHash: text('previous_hash').unique(),
  previousUntil: time('previous_until'),
  createdBy: text('created_by'),
  createdAt: time('created_at').notNull().defaultNow(),
  expiresAt: time('expires_at'),
  revokedAt: time('revoked_at'),
  lastUsedAt: time('last_used_at'),
});
