import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  boolean,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
} from 'drizzle-orm/pg-core';
import { type AnswerMetadata, type ChatPart, type ChatSettings, messageStates } from '../../../../shared/src/chat.ts';
import { bytea, time } from './columns.ts';

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

/** Whose something is: a person, or a key that belongs to nobody. */
const owner = () => ({
  organisationId: text('organisation_id').notNull(),
  ownerId: text('owner_id').notNull(),
});

/** Where chats are put: a folder, or a project with instructions and files that every chat in it is given. */
export const folders = pgTable(
  'folders',
  {
    id: text('id').primaryKey(),
    ...owner(),
    kind: text('kind', { enum: ['folder', 'project'] }).notNull(),
    name: text('name').notNull(),
    instructions: text('instructions'),
    settings: jsonb('settings').$type<ChatSettings>().notNull().default({}),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [index('folders_owner_index').on(table.ownerId)],
);

export const conversations = pgTable(
  'conversations',
  {
    id: text('id').primaryKey(),
    ...owner(),
    folderId: text('folder_id').references(() => folders.id, { onDelete: 'set null' }),
    title: text('title').notNull(),
    /** A person chose the title: nothing else changes it. */
    titled: boolean('titled').notNull().default(false),
    pinned: boolean('pinned').notNull().default(false),
    tags: jsonb('tags').$type<string[]>().notNull().default([]),
    settings: jsonb('settings').$type<ChatSettings>().notNull().default({}),
    /** The last message of the branch that is shown. */
    headId: text('head_id'),
    /** When a temporary chat vanishes; it stands in no list and no search. */
    expiresAt: time('expires_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [
    index('conversations_owner_updated_index').on(table.ownerId, table.updatedAt),
    index('conversations_expires_index').on(table.expiresAt).where(sql`${table.expiresAt} is not null`),
  ],
);

/** The tree of a conversation: edits and further answers are branches. */
export const chatMessages = pgTable(
  'chat_messages',
  {
    id: text('id').primaryKey(),
    conversationId: text('conversation_id')
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    parentId: text('parent_id').references((): AnyPgColumn => chatMessages.id, { onDelete: 'cascade' }),
    role: text('role', { enum: ['user', 'assistant'] }).notNull(),
    parts: jsonb('parts').$type<ChatPart[]>().notNull(),
    state: text('state', { enum: messageStates }).notNull(),
    metadata: jsonb('metadata').$type<AnswerMetadata>().notNull().default({}),
    rating: text('rating', { enum: ['up', 'down'] }),
    ratingNote: text('rating_note'),
    /** What is searched: the words, without thinking. */
    words: text('words').notNull().default(''),
    search: tsvector('search').generatedAlwaysAs(sql`to_tsvector('simple', left(words, 200000))`),
    createdAt: time('created_at').notNull().defaultNow(),
    /** While it is generated: when its maker was last heard of. */
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [
    index('chat_messages_conversation_index').on(table.conversationId),
    index('chat_messages_search_index').using('gin', table.search),
    index('chat_messages_parent_index').on(table.parentId),
    index('chat_messages_generating_index').on(table.updatedAt).where(sql`${table.state} = 'generating'`),
  ],
);

/** A conversation as it was, for whoever has the link. */
export const chatShares = pgTable(
  'chat_shares',
  {
    id: text('id').primaryKey(),
    ...owner(),
    conversationId: text('conversation_id')
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    /** SHA-256 of the token in the link. */
    tokenHash: text('token_hash').notNull().unique(),
    /** The last message that is shown. */
    headId: text('head_id').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at'),
  },
  (table) => [index('chat_shares_conversation_index').on(table.conversationId)],
);

/** What people attach. A file goes with the chat that it was first said in, or with its project; one that belongs to nothing goes after a day. */
export const files = pgTable(
  'files',
  {
    id: text('id').primaryKey(),
    ...owner(),
    folderId: text('folder_id').references(() => folders.id, { onDelete: 'cascade' }),
    conversationId: text('conversation_id').references(() => conversations.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    mediaType: text('media_type').notNull(),
    size: integer('size').notNull(),
    content: bytea('content').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('files_owner_index').on(table.ownerId),
    index('files_conversation_index').on(table.conversationId),
    index('files_folder_index').on(table.folderId),
  ],
);

/** Texts that people keep to ask again; `{{name}}` in them is asked for when they are used. */
export const prompts = pgTable(
  'prompts',
  {
    id: text('id').primaryKey(),
    ...owner(),
    /** What is typed after a slash. */
    command: text('command').notNull(),
    title: text('title').notNull(),
    text: text('text').notNull(),
    /** Everybody of the organisation may use it. */
    shared: boolean('shared').notNull().default(false),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [index('prompts_organisation_index').on(table.organisationId)],
);

/** How somebody likes the app: theme, language, defaults, instructions of their own. */
export const preferences = pgTable(
  'preferences',
  {
    ...owner(),
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.organisationId, table.ownerId] })],
);
