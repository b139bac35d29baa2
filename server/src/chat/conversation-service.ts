import { createHash, randomBytes } from 'node:crypto';
import { textOfParts } from '../../../shared/src/chat.ts';
import { newId } from '../core/new-id.ts';
import type { Principal } from '../core/principal.ts';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import type {
  ChatStore,
  ConversationChange,
  ConversationFilter,
  ConversationRow,
  MessageRow,
  NewMessage,
} from '../store/chat-store.ts';
import type { FolderStore } from '../store/folder-store.ts';
import type { ShareRow, ShareStore } from '../store/share-store.ts';
import { ownerOf } from './owner.ts';
import type { ImportedConversation } from './portable/imported.ts';
import { type Exported, exportOf } from './portable/own.ts';
import { titleOf } from './title.ts';

export interface ConversationServiceDeps {
  store: ChatStore;
  folders: FolderStore;
  shares: ShareStore;
  /** Keeps with the ledger's row what a person thinks of an answer. */
  giveFeedback(
    principal: Principal,
    wish: { requestId: string; organisationId: string; score: number; note?: string },
  ): Promise<unknown>;
  now?: () => number;
}

export interface Shared {
  title: string;
  createdAt: Date;
  messages: MessageRow[];
}

const pageSize = 50;

/** What people do with their conversations. Every method throws `not_found` for what is not theirs. */
export function createConversationService({
  store,
  folders,
  shares,
  giveFeedback,
  now = Date.now,
}: ConversationServiceDeps) {
  async function found(principal: Principal, id: string): Promise<ConversationRow> {
    const row = await store.byId(ownerOf(principal), id);
    if (!row) throw noSuch('conversation', id);
    return row;
  }

  async function insertAll(principal: Principal, imported: ImportedConversation): Promise<ConversationRow> {
    const ids = new Map(imported.messages.map(({ key }) => [key, newId('msg_')]));
    const { messages, headKey, tags, createdAt, updatedAt } = imported;
    const head = headKey !== undefined ? ids.get(headKey) : undefined;
    const title = imported.title.trim();
    const conversation = await store.insert({
      id: newId('conv_'),
      ...ownerOf(principal),
      title: title.slice(0, 200) || titleOf(messages[0]?.parts ?? []),
      titled: title !== '',
      tags: tags.slice(0, 20).map((tag) => tag.slice(0, 50)),
      headId: head ?? ids.get(messages.at(-1)!.key)!,
      createdAt,
      updatedAt,
    });
    const rows = messages.map(
      ({ key, parentKey, parts, ...message }): NewMessage => ({
        ...message,
        id: ids.get(key)!,
        conversationId: conversation.id,
        parentId: parentKey === null ? null : ids.get(parentKey)!,
        parts,
        words: textOfParts(parts),
        state: 'done',
        updatedAt: message.createdAt,
      }),
    );
    for (let at = 0; at < rows.length; at += 200) await store.insertMessages(rows.slice(at, at + 200));
    return conversation;
  }

  return {
    async list(principal: Principal, filter: ConversationFilter, limit: number) {
      const rows = await store.list(ownerOf(principal), filter, limit + 1);
      const shown = rows.slice(0, limit);
      return {
        conversations: shown,
        busy: await store.busy(shown.map(({ id }) => id)),
        next: rows.length > limit ? shown.at(-1) : undefined,
      };
    },
    async get(principal: Principal, id: string) {
      const conversation = await found(principal, id);
      const [messages, cost] = await Promise.all([store.messages(id), store.cost(id)]);
      return { conversation, messages, cost };
    },
    async change(principal: Principal, id: string, change: ConversationChange): Promise<ConversationRow> {
      const owner = ownerOf(principal);
      await found(principal, id);
      if (typeof change.folderId === 'string' && !(await folders.byId(owner, change.folderId)))
        throw noSuch('folder', change.folderId);
      if (change.headId != null && !(await store.messages(id)).some((message) => message.id === change.headId))
        throw invalidRequest('`headId` names no message of this conversation.', 'headId');
      const row = await store.update(owner, id, { ...change, ...(change.title !== undefined && { titled: true }) });
      if (!row) throw noSuch('conversation', id);
      return row;
    },
    async remove(principal: Principal, id: string): Promise<void> {
      if (!(await store.remove(ownerOf(principal), id))) throw noSuch('conversation', id);
    },
    /** A new conversation with what was said up to a message. */
    async fork(principal: Principal, id: string, messageId: string): Promise<ConversationRow> {
      const conversation = await found(principal, id);
      const path = await store.path(id, messageId);
      if (path.length === 0) throw noSuch('message', messageId);
      const ids = new Map(path.map((message) => [message.id, newId('msg_')]));
      const at = new Date(now());
      const made = await store.insert({
        ...conversation,
        id: newId('conv_'),
        pinned: false,
        headId: ids.get(messageId)!,
        createdAt: at,
        updatedAt: at,
      });
      await store.insertMessages(
        path.map(({ rating: _, ratingNote: __, ...message }) => ({
          ...message,
          id: ids.get(message.id)!,
          conversationId: made.id,
          parentId: message.parentId === null ? null : (ids.get(message.parentId) ?? null),
          // What the answers cost was paid in the other conversation.
          metadata: { model: message.metadata.model },
          state: message.state === 'generating' ? 'interrupted' : message.state,
          words: textOfParts(message.parts),
        })),
      );
      return made;
    },
    search: (principal: Principal, text: string, limit: number) => store.search(ownerOf(principal), text, limit),
    tags: (principal: Principal) => store.tags(ownerOf(principal)),
    /** A thumb, or none: kept with the message and with the call's row, for the router to learn from. */
    async rate(principal: Principal, messageId: string, rating: 'up' | 'down' | null, note?: string): Promise<void> {
      const message = await store.message(ownerOf(principal), messageId);
      if (message?.role !== 'assistant') throw noSuch('answer', messageId);
      await store.updateMessage(messageId, { rating, ratingNote: note ?? null });
      const { requestId } = message.metadata;
      if (rating !== null && requestId !== undefined) {
        const { organisationId } = principal;
        await giveFeedback(principal, { requestId, organisationId, score: rating === 'up' ? 1 : 0, note });
      }
    },
    /** The token stands in the link and is not kept. Without `days` the link holds until it is revoked. */
    async share(principal: Principal, id: string, days?: number): Promise<{ share: ShareRow; token: string }> {
      const conversation = await found(principal, id);
      if (conversation.headId === null) throw invalidRequest('There is nothing in this conversation to be shown yet.');
      if (conversation.expiresAt) throw invalidRequest('A temporary chat vanishes: it cannot be shared.');
      const token = randomBytes(20).toString('base64url');
      const share = await shares.insert({
        id: newId('share_'),
        ...ownerOf(principal),
        conversationId: id,
        tokenHash: hashOf(token),
        headId: conversation.headId,
        ...(days !== undefined && { expiresAt: new Date(now() + days * 86_400_000) }),
      });
      return { share, token };
    },
    shares: (principal: Principal, conversationId?: string) => shares.list(ownerOf(principal), conversationId),
    async unshare(principal: Principal, id: string): Promise<void> {
      if (!(await shares.remove(ownerOf(principal), id))) throw noSuch('link', id);
    },
    /** What whoever has the link sees: the branch as it was, and nothing of whose it is. */
    async shared(token: string): Promise<Shared> {
      const share = await shares.byToken(hashOf(token), new Date(now()));
      if (!share) throw new SluiceError('not_found', 'This link leads nowhere: it was revoked, or its time is over.');
      const messages = await store.path(share.conversationId, share.headId);
      return { title: share.title, createdAt: share.createdAt, messages };
    },
    async exported(principal: Principal, id: string): Promise<Exported> {
      const conversation = await found(principal, id);
      return exportOf(conversation, await store.messages(id));
    },
    /** Every conversation, oldest first, read page by page. */
    async *exportAll(principal: Principal): AsyncGenerator<Exported, void, undefined> {
      for (let after = ''; ; ) {
        const page = await store.page(ownerOf(principal), after, pageSize);
        const messages = Map.groupBy(
          await store.messagesOf(page.map(({ id }) => id)),
          (message) => message.conversationId,
        );
        for (const conversation of page) yield exportOf(conversation, messages.get(conversation.id) ?? []);
        if (page.length < pageSize) return;
        after = page.at(-1)!.id;
      }
    },
    async import(principal: Principal, conversations: ImportedConversation[]): Promise<ConversationRow[]> {
      const made: ConversationRow[] = [];
      for (const each of conversations) made.push(await insertAll(principal, each));
      return made;
    },
    /** The branch that is shown, for a document. */
    async branch(principal: Principal, id: string): Promise<{ title: string; messages: MessageRow[] }> {
      const { title, headId } = await found(principal, id);
      return { title, messages: headId === null ? [] : await store.path(id, headId) };
    },
  };
}

export type ConversationService = ReturnType<typeof createConversationService>;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const noSuch = (what: string, id: string) => new SluiceError('not_found', `There is no ${what} ${JSON.stringify(id)}.`);
