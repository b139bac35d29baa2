import type { Principal } from '../../core/principal.ts';
import type { FeedbackRow, LearningStore } from '../../store/learning-store.ts';
import type { SampleWriter } from './sample-writer.ts';

export interface FeedbackWish {
  requestId: string;
  organisationId: string;
  /** From 0 (bad) to 1 (good). */
  score: number;
  note?: string;
}

/** What people think of answers: kept with the call, and a label for what the router learns from. */
export function createFeedbackService({ store, writer }: { store: LearningStore; writer: SampleWriter }) {
  return {
    of: (requestId: string): Promise<FeedbackRow | undefined> => store.feedback(requestId),
    /** The caller has made sure that the actor may see the call. The last word counts. */
    async give(
      { keyId, userId }: Principal,
      { requestId, organisationId, score, note }: FeedbackWish,
    ): Promise<FeedbackRow> {
      const row = await store.saveFeedback({ requestId, organisationId, score, note, keyId, userId });
      await writer.flush();
      await store.label(organisationId, requestId, { outcome: score, label: 'feedback' });
      return row;
    },
  };
}

export type FeedbackService = ReturnType<typeof createFeedbackService>;
