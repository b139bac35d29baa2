import { and, desc, eq, gte, inArray, isNotNull, lt, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { callFeedback, routingLearning, routingSamples } from './schema.ts';

export type LearningRow = typeof routingLearning.$inferSelect;
export type LearningChange = Partial<Omit<LearningRow, 'organisationId' | 'updatedAt'>>;
export type SampleRow = typeof routingSamples.$inferSelect;
export type NewSample = typeof routingSamples.$inferInsert;
export type FeedbackRow = typeof callFeedback.$inferSelect;
export type NewFeedback = typeof callFeedback.$inferInsert;

/** What the router learns from: settings, samples and feedback. */
export function createLearningStore(sql: () => Promise<Sql>) {
  return {
    async settings(organisationId: string): Promise<LearningRow | undefined> {
      const [row] = await (await sql())
        .select()
        .from(routingLearning)
        .where(eq(routingLearning.organisationId, organisationId));
      return row;
    },
    async change(organisationId: string, change: LearningChange, tx: Tx): Promise<LearningRow> {
      const [row] = await tx
        .insert(routingLearning)
        .values({ organisationId, ...change })
        .onConflictDoUpdate({ target: routingLearning.organisationId, set: { ...change, updatedAt: query`now()` } })
        .returning();
      return row!;
    },
    /** Samples that are there already stay as they are. */
    async insert(samples: NewSample[]): Promise<void> {
      if (samples.length > 0) await (await sql()).insert(routingSamples).values(samples).onConflictDoNothing();
    },
    /** Labels the answers of a call; a person's word is not overwritten by anything else's. False when there is no such sample. */
    async label(
      organisationId: string,
      requestId: string,
      { outcome, label, model }: { outcome: number; label: NonNullable<SampleRow['label']>; model?: string },
    ): Promise<boolean> {
      const rows = await (await sql())
        .update(routingSamples)
        .set({ outcome, label })
        .where(
          and(
            eq(routingSamples.organisationId, organisationId),
            eq(routingSamples.requestId, requestId),
            model === undefined ? eq(routingSamples.shadow, false) : eq(routingSamples.model, model),
            label === 'feedback' ? undefined : query`${routingSamples.label} is distinct from 'feedback'`,
          ),
        )
        .returning({ requestId: routingSamples.requestId });
      return rows.length > 0;
    },
    /** The newest samples that have an outcome. */
    async labelled(organisationId: string, most: number): Promise<SampleRow[]> {
      return (await sql())
        .select()
        .from(routingSamples)
        .where(and(eq(routingSamples.organisationId, organisationId), isNotNull(routingSamples.outcome)))
        .orderBy(desc(routingSamples.at))
        .limit(most);
    },
    /** Both answers of calls that a second model was asked too, newest first. */
    async shadowed(organisationId: string, most: number): Promise<SampleRow[]> {
      const database = await sql();
      const calls = database
        .select({ requestId: routingSamples.requestId })
        .from(routingSamples)
        .where(
          and(
            eq(routingSamples.organisationId, organisationId),
            eq(routingSamples.shadow, true),
            isNotNull(routingSamples.outcome),
          ),
        )
        .orderBy(desc(routingSamples.at))
        .limit(most);
      return database
        .select()
        .from(routingSamples)
        .where(and(eq(routingSamples.organisationId, organisationId), inArray(routingSamples.requestId, calls)))
        .orderBy(desc(routingSamples.at));
    },
    /** Nano-dollars that learning cost since then. */
    async spent(organisationId: string, since: Date): Promise<number> {
      const [row] = await (await sql())
        .select({ nanos: query<number>`coalesce(sum(${routingSamples.costNanos}), 0)::float8` })
        .from(routingSamples)
        .where(and(eq(routingSamples.organisationId, organisationId), gte(routingSamples.at, since)));
      return row?.nanos ?? 0;
    },
    /** Forgets everything that was learned. Gives how many samples there were. */
    async reset(organisationId: string, tx: Tx): Promise<number> {
      const rows = await tx
        .delete(routingSamples)
        .where(eq(routingSamples.organisationId, organisationId))
        .returning({ requestId: routingSamples.requestId });
      await tx
        .update(routingLearning)
        .set({ frozenHeads: null })
        .where(eq(routingLearning.organisationId, organisationId));
      return rows.length;
    },
    /** Samples from before then are too old to say anything. */
    async prune(before: Date): Promise<void> {
      await (await sql()).delete(routingSamples).where(lt(routingSamples.at, before));
    },
    async feedback(requestId: string): Promise<FeedbackRow | undefined> {
      const [row] = await (await sql()).select().from(callFeedback).where(eq(callFeedback.requestId, requestId));
      return row;
    },
    /** The last word counts. */
    async saveFeedback(feedback: NewFeedback): Promise<FeedbackRow> {
      const { score, note = null, keyId, userId = null } = feedback;
      const [row] = await (await sql())
        .insert(callFeedback)
        .values(feedback)
        .onConflictDoUpdate({
          target: callFeedback.requestId,
          set: { score, note, keyId, userId, at: query`now()` },
        })
        .returning();
      return row!;
    },
  };
}

export type LearningStore = ReturnType<typeof createLearningStore>;
