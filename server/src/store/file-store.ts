import { and, desc, eq, inArray, isNull, lt, sql as query } from 'drizzle-orm';
import type { Owner } from './chat-store.ts';
import type { Sql } from './database.ts';
import { files } from './schema.ts';

export type FileRow = typeof files.$inferSelect;
export type FileFacts = Omit<FileRow, 'content'>;
export type NewFile = typeof files.$inferInsert;

const facts = {
  id: files.id,
  organisationId: files.organisationId,
  ownerId: files.ownerId,
  folderId: files.folderId,
  conversationId: files.conversationId,
  name: files.name,
  mediaType: files.mediaType,
  size: files.size,
  createdAt: files.createdAt,
};

/** Files that people attach to chats and projects. */
export function createFileStore(sql: () => Promise<Sql>) {
  const owned = ({ organisationId, ownerId }: Owner) =>
    and(eq(files.organisationId, organisationId), eq(files.ownerId, ownerId));
  const one = (owner: Owner, id: string) => and(owned(owner), eq(files.id, id));

  return {
    async insert(row: NewFile): Promise<FileFacts> {
      const [made] = await (await sql()).insert(files).values(row).returning(facts);
      return made!;
    },
    async list(owner: Owner, folderId?: string): Promise<FileFacts[]> {
      return (await sql())
        .select(facts)
        .from(files)
        .where(and(owned(owner), folderId === undefined ? isNull(files.folderId) : eq(files.folderId, folderId)))
        .orderBy(desc(files.createdAt));
    },
    async byId(owner: Owner, id: string): Promise<FileRow | undefined> {
      const [row] = await (await sql()).select().from(files).where(one(owner, id));
      return row;
    },
    /** Files of a project with what is in them. */
    async ofFolder(owner: Owner, folderId: string): Promise<FileRow[]> {
      return (await sql())
        .select()
        .from(files)
        .where(and(owned(owner), eq(files.folderId, folderId)));
    },
    async remove(owner: Owner, id: string): Promise<boolean> {
      return (await (await sql()).delete(files).where(one(owner, id)).returning({ id: files.id })).length > 0;
    },
    /** From now on these go with the chat, unless they belong somewhere already. */
    async keepWith(owner: Owner, ids: string[], conversationId: string): Promise<void> {
      if (ids.length === 0) return;
      await (await sql())
        .update(files)
        .set({ conversationId })
        .where(and(owned(owner), inArray(files.id, ids), isNull(files.conversationId), isNull(files.folderId)));
    },
    /** Files from before then that were never said anywhere. */
    async removeUnused(before: Date): Promise<void> {
      await (await sql())
        .delete(files)
        .where(and(isNull(files.conversationId), isNull(files.folderId), lt(files.createdAt, before)));
    },
    async removeAll(owner: Owner): Promise<void> {
      await (await sql()).delete(files).where(owned(owner));
    },
    /** Bytes that somebody's files take. */
    async size(owner: Owner): Promise<number> {
      const [row] = await (await sql())
        .select({ bytes: query<number>`coalesce(sum(${files.size}), 0)::float8` })
        .from(files)
        .where(owned(owner));
      return row?.bytes ?? 0;
    },
  };
}

export type FileStore = ReturnType<typeof createFileStore>;
