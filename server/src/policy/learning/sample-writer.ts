import type { LearningStore, NewSample } from '../../store/learning-store.ts';

const flushEveryMs = 1000;
// While the database is away samples are let go of rather than kept: they are worth little one by one.
const mostWaiting = 5000;

/** Writes samples in batches, behind the calls. */
export function createSampleWriter(store: Pick<LearningStore, 'insert'>, onFault: (error: unknown) => void) {
  let waiting: NewSample[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting;
    waiting = [];
    await store.insert(batch).catch(onFault);
  }

  return {
    add(sample: NewSample): void {
      if (waiting.length >= mostWaiting) return;
      waiting.push(sample);
      timer ??= setTimeout(() => void flush(), flushEveryMs);
      timer.unref?.();
    },
    /** Resolves when what was added so far is in the database, or could not be brought there. */
    flush,
  };
}

export type SampleWriter = ReturnType<typeof createSampleWriter>;
