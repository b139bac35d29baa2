import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, lt, ne, or, sql as query } from 'drizzle-orm';
import type { Sql } from './database.ts';
import { chatMessages, conversations } from './schema.ts';

export type ConversationRow = typeof conversations.$inferSelect;
export type NewConversation = typeof conversations.$inferInsert;
export type ConversationChange = Partial<
  Pick<ConversationRow, 'title' | 'titled' | 'pinned' | 'tags' | 'folderId' | 'settings' | 'headId'>
>;
export type MessageRow = Omit<typeof chatMessages.$inferSelect, 'search' | 'words'>;
export type NewMessage = typeof chatMessages.$inferInsert;
export type MessageChange = Partial<
  Pick<NewMessage, 'parts' | 'state' | 'metadata' | 'rating' | 'ratingNote' | 'words'>
>;

/** Whose things are meant. */
export interface Owner {
  organisationId: string;
  ownerId: string;
}

export interface ConversationFilter {
  folderId?: string | null;
  pinned?: boolean;
  tag?: string;
  /** Only those that come after this one in the list. */
  before?: { updatedAt: Date; id: string };
}

const messageColumns = {
  id: chatMessages.id,
  conversationId: chatMessages.conversationId,
  parentId: chatMessages.parentId,
  role: chatMessages.role,
  parts: chatMessages.parts,
  state: chatMessages.state,
  metadata: chatMessages.metadata,
  rating: chatMessages.rating,
  ratingNote: chatMessages.ratingNote,
  createdAt: chatMessages.createdAt,
  updatedAt: chatMessages.updatedAt,
};

/** Conversations and their messages. Every reading and writing names whose they must be. */
export function createChatStore(sql: () => Promise<Sql>) {
  const owned = ({ organisationId, ownerId }: Owner) =>
    and(eq(conversations.organisationId, organisationId), eq(conversations.ownerId, ownerId));
  const mine = (database: Sql, owner: Owner) =>
    database.select({ id: conversations.id }).from(conversations).where(owned(owner));

  return {
    async insert(row: NewConversation): Promise<ConversationRow> {
      const [made] = await (await sql()).insert(conversations).values(row).returning();
      return made!;
    },
    async byId(owner: Owner, id: string): Promise<ConversationRow | undefined> {
      const [row] = await (await sql())
        .select()
        .from(conversations)
        .where(and(owned(owner), eq(conversations.id, id)));
      return row;
    },
    /** Newest first. Temporary ones are in no list. */
    async list(owner: Owner, filter: ConversationFilter, limit: number): Promise<ConversationRow[]> {
      const { folderId, pinned, tag, before } = filter;
      return (await sql())
        .select()
        .from(conversations)
        .where(
          and(
            owned(owner),
            isNull(conversations.expiresAt),
            folderId === undefined
              ? undefined
              : folderId === null
                ? isNull(conversations.folderId)
                : eq(conversations.folderId, folderId),
            pinned === undefined ? undefined : eq(conversations.pinned, pinned),
            tag === undefined ? undefined : query`${conversations.tags} @> ${JSON.stringify([tag])}::jsonb`,
            before &&
              or(
                lt(conversations.updatedAt, before.updatedAt),
                and(eq(conversations.updatedAt, before.updatedAt), lt(conversations.id, before.id)),
              ),
          ),
        )
        .orderBy(desc(conversations.updatedAt), desc(conversations.id))
        .limit(limit);
    },
    async update(owner: Owner, id: string, change: ConversationChange): Promise<ConversationRow | undefined> {
      const [row] = await (await sql())
        .update(conversations)
        .set(change)
        .where(and(owned(owner), eq(conversations.id, id)))
        .returning();
      return row;
    },
    /** The branch that is shown now ends here; the conversation moves to the top of the list. */
    async touch(id: string, headId: string, at: Date): Promise<void> {
      await (await sql()).update(conversations).set({ headId, updatedAt: at }).where(eq(conversations.id, id));
    },
    async remove(owner: Owner, id: string): Promise<boolean> {
      const gone = await (await sql())
        .delete(conversations)
        .where(and(owned(owner), eq(conversations.id, id)))
        .returning({ id: conversations.id });
      return gone.length > 0;
    },
    /** Gives how many there were. */
    async removeAll(owner: Owner): Promise<number> {
      return (await (await sql()).delete(conversations).where(owned(owner)).returning({ id: conversations.id })).length;
    },
    /** Those whose time is over, and, where `unusedSince` is given, those that nobody has written in since. */
    async removeExpired(now: Date, unusedSince?: Date): Promise<number> {
      const gone = await (await sql())
        .delete(conversations)
        .where(or(lt(conversations.expiresAt, now), unusedSince && lt(conversations.updatedAt, unusedSince)))
        .returning({ id: conversations.id });
      return gone.length;
    },
    /** Parents first. */
    async insertMessages(rows: NewMessage[]): Promise<void> {
      if (rows.length > 0) await (await sql()).insert(chatMessages).values(rows);
    },
    async messages(conversationId: string): Promise<MessageRow[]> {
      return (await sql())
        .select(messageColumns)
        .from(chatMessages)
        .where(eq(chatMessages.conversationId, conversationId))
        .orderBy(asc(chatMessages.createdAt), asc(chatMessages.id));
    },
    async message(owner: Owner, id: string): Promise<MessageRow | undefined> {
      const database = await sql();
      const [row] = await database
        .select(messageColumns)
        .from(chatMessages)
        .where(and(eq(chatMessages.id, id), inArray(chatMessages.conversationId, mine(database, owner))));
      return row;
    },
    /** The messages from the root to this one, in that order. */
    async path(conversationId: string, headId: string): Promise<MessageRow[]> {
      const rows = await this.messages(conversationId);
      const byId = new Map(rows.map((row) => [row.id, row]));
      const path: MessageRow[] = [];
      for (let at = byId.get(headId); at; at = at.parentId === null ? undefined : byId.get(at.parentId)) path.push(at);
      return path.reverse();
    },
    async updateMessage(id: string, change: MessageChange): Promise<void> {
      await (await sql())
        .update(chatMessages)
        .set({ ...change, updatedAt: query`now()` })
        .where(eq(chatMessages.id, id));
    },
    /** Whose maker has not been heard of since then: what there is of them stays. */
    async interrupt(unheardSince: Date): Promise<void> {
      await (await sql())
        .update(chatMessages)
        .set({ state: 'interrupted' })
        .where(and(eq(chatMessages.state, 'generating'), lt(chatMessages.updatedAt, unheardSince)));
    },
    /** The newest answer of the conversation that is still being made. */
    async generating(owner: Owner, conversationId: string): Promise<MessageRow | undefined> {
      const database = await sql();
      const [row] = await database
        .select(messageColumns)
        .from(chatMessages)
        .where(
          and(
            eq(chatMessages.conversationId, conversationId),
            eq(chatMessages.state, 'generating'),
            inArray(chatMessages.conversationId, mine(database, owner)),
          ),
        )
        .orderBy(desc(chatMessages.id))
        .limit(1);
      return row;
    },
    /** Of these conversations, those in which an answer is being made. */
    async busy(ids: string[]): Promise<Set<string>> {
      if (ids.length === 0) return new Set();
      const rows = await (await sql())
        .selectDistinct({ id: chatMessages.conversationId })
        .from(chatMessages)
        .where(and(inArray(chatMessages.conversationId, ids), eq(chatMessages.state, 'generating')));
      return new Set(rows.map(({ id }) => id));
    },
    /**
     * Conversations in which all the words occur, in one message or in the title; the last word may be the beginning of one. Words
     * of languages that write without spaces are found inside others. Newest first, with a piece of the message.
     */
    async search(owner: Owner, text: string, limit: number): Promise<FoundConversation[]> {
      const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
      const terms = prefixQuery(text);
      const matches = terms
        ? query`(${chatMessages.search} @@ to_tsquery('simple', ${terms}) or ${chatMessages.words} ilike ${like})`
        : query`${chatMessages.words} ilike ${like}`;
      const found = await (await sql()).execute<{ conversation_id: string; message_id: string | null; words: string }>(
        query`select distinct on (c.id) c.id as conversation_id, c.updated_at, m.id as message_id, m.words
          from ${conversations} c
          left join lateral (
            select ${chatMessages.id} as id, ${chatMessages.words} as words from ${chatMessages}
            where ${chatMessages.conversationId} = c.id and ${matches} limit 1
          ) m on true
          where c.organisation_id = ${owner.organisationId} and c.owner_id = ${owner.ownerId} and c.expires_at is null
            and (m.id is not null or c.title ilike ${like})
          order by c.id, c.updated_at desc`,
      );
      const rows = [...found];
      if (rows.length === 0) return [];
      const all = await (await sql())
        .select()
        .from(conversations)
        .where(
          inArray(
            conversations.id,
            rows.map((row) => row.conversation_id),
          ),
        )
        .orderBy(desc(conversations.updatedAt))
        .limit(limit);
      const byId = new Map(rows.map((row) => [row.conversation_id, row]));
      return all.map((conversation) => {
        const { message_id: messageId, words } = byId.get(conversation.id)!;
        return { conversation, messageId, snippet: messageId === null ? '' : snippetOf(words, text) };
      });
    },
    /** Every message of these conversations, for an export. */
    async messagesOf(ids: string[]): Promise<MessageRow[]> {
      if (ids.length === 0) return [];
      return (await sql())
        .select(messageColumns)
        .from(chatMessages)
        .where(inArray(chatMessages.conversationId, ids))
        .orderBy(asc(chatMessages.createdAt), asc(chatMessages.id));
    },
    /** Every conversation of somebody, a page at a time, oldest first. */
    async page(owner: Owner, afterId: string, limit: number): Promise<ConversationRow[]> {
      return (await sql())
        .select()
        .from(conversations)
        .where(and(owned(owner), isNull(conversations.expiresAt), gt(conversations.id, afterId)))
        .orderBy(asc(conversations.id))
        .limit(limit);
    },
    /** Tags that are in use, with how many chats have each. */
    async tags(owner: Owner): Promise<{ tag: string; count: number }[]> {
      const rows = await (await sql()).execute<{ tag: string; count: number }>(
        query`select tag, count(*)::int as count from ${conversations}, jsonb_array_elements_text(${conversations.tags}) as tag
          where ${owned(owner)} group by tag order by tag`,
      );
      return [...rows].map(({ tag, count }) => ({ tag, count }));
    },
    /** What a conversation has cost, in US dollars; branches that are not shown count too. */
    async cost(conversationId: string): Promise<{ costUsd: string; savedUsd: string }> {
      const [row] = await (await sql())
        .select({
          costUsd: query<string>`coalesce(sum((${chatMessages.metadata}->>'costUsd')::numeric), 0)::text`,
          savedUsd: query<string>`coalesce(sum((${chatMessages.metadata}->>'savedUsd')::numeric), 0)::text`,
        })
        .from(chatMessages)
        .where(
          and(
            eq(chatMessages.conversationId, conversationId),
            ne(chatMessages.role, 'user'),
            isNotNull(query`${chatMessages.metadata}->>'costUsd'`),
          ),
        );
      return row ?? { costUsd: '0', savedUsd: '0' };
    },
  };
}

export type ChatStore = ReturnType<typeof createChatStore>;

export interface FoundConversation {
  conversation: ConversationRow;
  messageId: string | null;
  snippet: string;
}

/** All the words, the last as a beginning; undefined when there is no word that the index could know. */
function prefixQuery(text: string): string | undefined {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.length === 0 ? undefined : words.map((word) => `${word}:*`).join(' & ');
}

const around = 80;

/** The words around the first that was looked for. */
function snippetOf(words: string, text: string): string {
  const low = words.toLowerCase();
  const first = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text.toLowerCase()])[0]!;
  const whole = low.indexOf(text.toLowerCase());
  const at = Math.max(0, whole === -1 ? low.indexOf(first) : whole);
  const from = Math.max(0, at - around);
  const to = Math.min(words.length, at + text.length + around);
  const piece = words.slice(from, to).replace(/\s+/g, ' ').trim();
  return `${from > 0 ? '…' : ''}${piece}${to < words.length ? '…' : ''}`;
}
