import { boolean, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { time } from './columns.ts';

/** Keys of providers that organisations or people brought themselves: sealed, or a reference to a secret manager. */
export const providerKeys = pgTable('provider_keys', {
  id: text('id').primaryKey(),
  organisationId: text('organisation_id').notNull(),
  /** The person whose calls use it; null: all of the organisation. */
  userId: text('user_id'),
  /** The provider's id in the configuration. */
  provider: text('provider').notNull(),
  name: text('name').notNull(),
  /** What a person may recognise it by. */
  hint: text('hint').notNull(),
  /** Where it is kept instead of here, like `vault:secret/openai#key`. */
  reference: text('reference'),
  sealed: text('sealed'),
  wrappedKey: text('wrapped_key'),
  masterVersion: integer('master_version'),
  /** What the provider said when it was last asked; null: it was not, or could not be. */
  valid: boolean('valid'),
  checkedAt: time('checked_at'),
  createdBy: text('created_by').notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  rotatedAt: time('rotated_at'),
  revokedAt: time('revoked_at'),
});
