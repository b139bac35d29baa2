import { and, asc, eq, or } from 'drizzle-orm';
import type { Owner } from './chat-store.ts';
import type { Sql } from './database.ts';
import { prompts } from './schema.ts';

export type PromptRow = typeof prompts.$inferSelect;
export type NewPrompt = typeof prompts.$inferInsert;
export type PromptChange = Partial<Pick<PromptRow, 'command' | 'title' | 'text' | 'shared'>>;

/** Texts that people keep to ask again. */
export function createPromptStore(sql: () => Promise<Sql>) {
  const own = ({ organisationId, ownerId }: Owner) =>
    and(eq(prompts.organisationId, organisationId), eq(prompts.ownerId, ownerId));
  const one = (owner: Owner, id: string) => and(own(owner), eq(prompts.id, id));

  return {
    /** Their own, and what others of the organisation share. */
    async list(owner: Owner): Promise<PromptRow[]> {
      return (await sql())
        .select()
        .from(prompts)
        .where(or(own(owner), and(eq(prompts.organisationId, owner.organisationId), eq(prompts.shared, true))))
        .orderBy(asc(prompts.command), asc(prompts.id));
    },
    async insert(row: NewPrompt): Promise<PromptRow> {
      const [made] = await (await sql()).insert(prompts).values(row).returning();
      return made!;
    },
    async update(owner: Owner, id: string, change: PromptChange): Promise<PromptRow | undefined> {
      const [row] = await (await sql())
        .update(prompts)
        .set({ ...change, updatedAt: new Date() })
        .where(one(owner, id))
        .returning();
      return row;
    },
    async remove(owner: Owner, id: string): Promise<PromptRow | undefined> {
      const [row] = await (await sql()).delete(prompts).where(one(owner, id)).returning();
      return row;
    },
    async removeAll(owner: Owner): Promise<void> {
      await (await sql()).delete(prompts).where(own(owner));
    },
  };
}

export type PromptStore = ReturnType<typeof createPromptStore>;
