import { and, asc, eq } from 'drizzle-orm';
import type { Owner } from './chat-store.ts';
import type { Sql } from './database.ts';
import { folders } from './schema.ts';

export type FolderRow = typeof folders.$inferSelect;
export type NewFolder = typeof folders.$inferInsert;
export type FolderChange = Partial<Pick<FolderRow, 'name' | 'instructions' | 'settings'>>;

/** Folders and projects. */
export function createFolderStore(sql: () => Promise<Sql>) {
  const owned = ({ organisationId, ownerId }: Owner) =>
    and(eq(folders.organisationId, organisationId), eq(folders.ownerId, ownerId));
  const one = (owner: Owner, id: string) => and(owned(owner), eq(folders.id, id));

  return {
    async list(owner: Owner): Promise<FolderRow[]> {
      return (await sql()).select().from(folders).where(owned(owner)).orderBy(asc(folders.name), asc(folders.id));
    },
    async byId(owner: Owner, id: string): Promise<FolderRow | undefined> {
      const [row] = await (await sql()).select().from(folders).where(one(owner, id));
      return row;
    },
    async insert(row: NewFolder): Promise<FolderRow> {
      const [made] = await (await sql()).insert(folders).values(row).returning();
      return made!;
    },
    async update(owner: Owner, id: string, change: FolderChange): Promise<FolderRow | undefined> {
      const [row] = await (await sql())
        .update(folders)
        .set({ ...change, updatedAt: new Date() })
        .where(one(owner, id))
        .returning();
      return row;
    },
    /** Its chats stay, in no folder; its files go with it. */
    async remove(owner: Owner, id: string): Promise<FolderRow | undefined> {
      const [row] = await (await sql()).delete(folders).where(one(owner, id)).returning();
      return row;
    },
    async removeAll(owner: Owner): Promise<void> {
      await (await sql()).delete(folders).where(owned(owner));
    },
  };
}

export type FolderStore = ReturnType<typeof createFolderStore>;
