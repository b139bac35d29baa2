import { z } from '@hono/zod-openapi';
import { type ChatMessage, chatModes, messageStates } from '../../../../../shared/src/chat.ts';
import type { ConversationRow, MessageRow } from '../../../store/chat-store.ts';
import type { FolderRow } from '../../../store/folder-store.ts';

const longestText = 2_000_000;

/** A file in a message: one of ours, or its content as a data: URL. */
export const partSchema = z
  .union([
    z.object({ type: z.literal('text'), text: z.string().max(longestText) }),
    z.object({ type: z.literal('reasoning'), text: z.string().max(longestText) }),
    z.object({
      type: z.literal('file'),
      mediaType: z.string().max(200),
      url: z.string(),
      filename: z.string().max(300).optional(),
    }),
    z.object({
      type: z.literal('source-url'),
      sourceId: z.string(),
      url: z.string(),
      title: z.string().optional(),
    }),
  ])
  .openapi('ChatPart');

const settings = {
  model: z.string().min(1).max(500).openapi({ description: 'A model, an alias, a group, or `auto`.' }),
  mode: z.enum(chatModes),
  temperature: z.number().min(0).max(2),
  maxTokens: z.number().int().min(1).max(10_000_000),
  system: z.string().max(100_000).openapi({ description: 'Instructions that go before the conversation.' }),
};

export const settingsSchema = z.strictObject(settings).partial().openapi('ChatSettings');
/** The same in a change: null takes a setting away. */
export const settingsFields = settings;

const metadataSchema = z
  .object({
    conversationId: z.string().optional(),
    parentId: z.string().optional(),
    createdAt: z.string().optional(),
    asked: z.string().optional(),
    mode: z.enum(chatModes).optional(),
    model: z.string().optional(),
    route: z.string().optional().openapi({ description: 'Why this model.' }),
    requestId: z.string().optional().openapi({ description: 'Of the call, as the ledger knows it.' }),
    costUsd: z.string().nullable().optional(),
    savedUsd: z.string().nullable().optional(),
    latencyMs: z.number().optional(),
    firstTokenMs: z.number().optional(),
    inputTokens: z.number().optional(),
    outputTokens: z.number().optional(),
    reasoningTokens: z.number().optional(),
    cache: z.string().optional(),
    finish: z.string().optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
    compare: z.string().optional(),
  })
  .openapi('AnswerMetadata');

export const messageSchema = z
  .object({
    id: z.string(),
    parentId: z.string().nullable(),
    role: z.enum(['user', 'assistant']),
    parts: z.array(partSchema),
    state: z.enum(messageStates),
    metadata: metadataSchema,
    rating: z.enum(['up', 'down']).nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('ChatMessage');

export const conversationSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    folderId: z.string().nullable(),
    pinned: z.boolean(),
    tags: z.array(z.string()),
    settings: settingsSchema,
    headId: z.string().nullable().openapi({ description: 'The last message of the branch that is shown.' }),
    expiresAt: z.iso.datetime().nullable().openapi({ description: 'When a temporary chat vanishes.' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    generating: z.boolean().optional(),
  })
  .openapi('Conversation');

export const folderSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['folder', 'project']),
    name: z.string(),
    instructions: z.string().nullable(),
    settings: settingsSchema,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('ChatFolder');

export const showMessage = ({
  id,
  parentId,
  role,
  parts,
  state,
  metadata,
  rating,
  createdAt,
}: MessageRow): ChatMessage => ({
  id,
  parentId,
  role,
  parts,
  state,
  metadata,
  rating,
  createdAt: createdAt.toISOString(),
});

export const showConversation = (row: ConversationRow, generating?: boolean) => ({
  id: row.id,
  title: row.title,
  folderId: row.folderId,
  pinned: row.pinned,
  tags: row.tags,
  settings: row.settings,
  headId: row.headId,
  expiresAt: row.expiresAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  ...(generating !== undefined && { generating }),
});

export const showFolder = (row: FolderRow) => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  instructions: row.instructions,
  settings: row.settings,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
