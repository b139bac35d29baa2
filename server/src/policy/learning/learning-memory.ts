import type { Head } from '../../../../shared/src/routing/quality-model.ts';
import { createFreshByKey } from '../../core/fresh.ts';
import type { LearningRow, LearningStore } from '../../store/learning-store.ts';
import { fitHeads, type LearnedHead } from './fit-heads.ts';

export interface Learning {
  settings: Pick<LearningRow, 'enabled' | 'shadowShare' | 'judge' | 'budgetNanos'>;
  /** The heads that hold, by model: the frozen ones, else those that the samples give. */
  heads: ReadonlyMap<string, LearnedHead>;
  frozen: boolean;
  /** What learning cost this month, and what it will have cost when what runs has ended. */
  spentNanos: number;
}

export interface LearningMemoryDeps {
  store: LearningStore;
  /** What is known of a model without anybody's traffic. */
  startOf(model: string): Head | undefined;
  isOpen(): boolean;
  onFault(error: unknown): void;
  now?: () => number;
}

const off: Learning = {
  settings: { enabled: false, shadowShare: 0, judge: null, budgetNanos: null },
  heads: new Map(),
  frozen: false,
  spentNanos: 0,
};

/** How many of the newest labels heads are fitted to. */
export const mostLabels = 5000;

/**
 * What each organisation's traffic has taught, in memory: read again every 20 seconds under traffic, at once where a setting changed. While
 * the database is away what is known holds.
 */
export function createLearningMemory({ store, startOf, isOpen, onFault, now = Date.now }: LearningMemoryDeps) {
  const known = createFreshByKey<Learning>(load, { maxAgeMs: 20_000, latestMs: 60_000, onFault });

  async function load(organisationId: string): Promise<Learning> {
    const row = await store.settings(organisationId);
    if (!row) return { ...off };
    const frozen = row.frozenHeads !== null;
    if (!row.enabled && !frozen) return { ...off, settings: row };
    const heads = row.frozenHeads
      ? thawed(row.frozenHeads)
      : fitHeads(await store.labelled(organisationId, mostLabels), startOf, now());
    return { settings: row, heads, frozen, spentNanos: await store.spent(organisationId, monthOf(now())) };
  }

  return {
    /** Without waiting where it was read lately; a fault is told and gives what is off. */
    of(organisationId: string): Learning | Promise<Learning> {
      if (!isOpen()) return off;
      const found = known.get(organisationId);
      if (!(found instanceof Promise)) return found;
      return found.catch((error: unknown) => {
        onFault(error);
        return off;
      });
    },
    forget: (organisationId?: string): void => known.forget(organisationId),
  };
}

export type LearningMemory = ReturnType<typeof createLearningMemory>;

export const frozenForm = (heads: ReadonlyMap<string, LearnedHead>): Record<string, number[]> =>
  Object.fromEntries([...heads].map(([model, { head, labels }]) => [model, [labels, head.bias, ...head.weights]]));

const thawed = (frozen: Record<string, number[]>): Map<string, LearnedHead> =>
  new Map(
    Object.entries(frozen).map(([model, [labels = 0, bias = 0, ...weights]]) => [
      model,
      { labels, head: { bias, weights } },
    ]),
  );

export function monthOf(ms: number): Date {
  const date = new Date(ms);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));
}
