import { and, desc, eq, gt, isNull, or } from 'drizzle-orm';
import type { Owner } from './chat-store.ts';
import type { Sql } from './database.ts';
import { chatShares, conversations } from './schema.ts';

export type ShareRow = typeof chatShares.$inferSelect;
export type NewShare = typeof chatShares.$inferInsert;

/** Links by which people show a conversation to others. */
export function createShareStore(sql: () => Promise<Sql>) {
  const owned = ({ organisationId, ownerId }: Owner) =>
    and(eq(chatShares.organisationId, organisationId), eq(chatShares.ownerId, ownerId));

  return {
    async list(owner: Owner, conversationId?: string): Promise<(ShareRow & { title: string })[]> {
      const rows = await (await sql())
        .select({ share: chatShares, title: conversations.title })
        .from(chatShares)
        .innerJoin(conversations, eq(conversations.id, chatShares.conversationId))
        .where(
          and(owned(owner), conversationId === undefined ? undefined : eq(chatShares.conversationId, conversationId)),
        )
        .orderBy(desc(chatShares.createdAt));
      return rows.map(({ share, title }) => ({ ...share, title }));
    },
    async insert(row: NewShare): Promise<ShareRow> {
      const [made] = await (await sql()).insert(chatShares).values(row).returning();
      return made!;
    },
    async remove(owner: Owner, id: string): Promise<ShareRow | undefined> {
      const [row] = await (await sql())
        .delete(chatShares)
        .where(and(owned(owner), eq(chatShares.id, id)))
        .returning();
      return row;
    },
    /** What a link leads to, while it holds. */
    async byToken(tokenHash: string, now: Date): Promise<(ShareRow & { title: string }) | undefined> {
      const [row] = await (await sql())
        .select({ share: chatShares, title: conversations.title })
        .from(chatShares)
        .innerJoin(conversations, eq(conversations.id, chatShares.conversationId))
        .where(
          and(eq(chatShares.tokenHash, tokenHash), or(isNull(chatShares.expiresAt), gt(chatShares.expiresAt, now))),
        );
      return row && { ...row.share, title: row.title };
    },
  };
}

export type ShareStore = ReturnType<typeof createShareStore>;
