import { z } from 'zod';
import type { ConversationRow, MessageRow } from '../../store/chat-store.ts';
import { type ImportedConversation, type ImportedMessage, inOrder } from './imported.ts';

const part = z.union([
  z.object({ type: z.enum(['text', 'reasoning']), text: z.string() }),
  z.object({ type: z.literal('file'), mediaType: z.string(), url: z.string(), filename: z.string().optional() }),
  z.object({ type: z.literal('source-url'), sourceId: z.string(), url: z.string(), title: z.string().optional() }),
]);

/** A conversation as it is exported, and read back: the whole tree. */
export const exportedSchema = z.object({
  id: z.string(),
  title: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  tags: z.array(z.string()).default([]),
  headId: z.string().nullable(),
  messages: z.array(
    z.object({
      id: z.string(),
      parentId: z.string().nullable(),
      role: z.enum(['user', 'assistant']),
      parts: z.array(part),
      createdAt: z.iso.datetime(),
      metadata: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
});
export type Exported = z.infer<typeof exportedSchema>;

export const exportOf = (conversation: ConversationRow, messages: MessageRow[]): Exported => ({
  id: conversation.id,
  title: conversation.title,
  createdAt: conversation.createdAt.toISOString(),
  updatedAt: conversation.updatedAt.toISOString(),
  tags: conversation.tags,
  headId: conversation.headId,
  messages: messages.map(({ id, parentId, role, parts, createdAt, metadata }) => ({
    id,
    parentId,
    role,
    parts,
    createdAt: createdAt.toISOString(),
    metadata: { ...metadata },
  })),
});

export function readOwn(value: Exported): ImportedConversation {
  const messages = new Map<string, ImportedMessage>();
  for (const { id, parts, role, createdAt, metadata } of value.messages) {
    // Where a file is, is known to whoever exported it; it may be another server.
    const kept = parts.filter(({ type }) => type !== 'file');
    messages.set(id, {
      key: id,
      parentKey: null,
      role,
      parts: kept,
      createdAt: new Date(createdAt),
      // Costs were paid where the answer was made: another ledger has them.
      metadata: typeof metadata.model === 'string' ? { model: metadata.model } : {},
    });
  }
  const parents = new Map(value.messages.map(({ id, parentId }) => [id, parentId]));
  return {
    title: value.title,
    createdAt: new Date(value.createdAt),
    updatedAt: new Date(value.updatedAt),
    tags: value.tags,
    messages: inOrder(messages, (key) => parents.get(key)),
    headKey: value.headId ?? undefined,
  };
}
