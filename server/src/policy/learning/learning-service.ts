import type { Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { authorise } from '../../identity/authorise.ts';
import type { AuditedChange } from '../../store/audit-store.ts';
import type { LearningStore } from '../../store/learning-store.ts';
import { frozenForm, type Learning, type LearningMemory, mostLabels } from './learning-memory.ts';
import { reportModels, reportPolicies } from './report.ts';
import type { SampleWriter } from './sample-writer.ts';

export interface LearningServiceDeps {
  store: LearningStore;
  memory: LearningMemory;
  writer: SampleWriter;
  audited: AuditedChange;
  /** Whether a name leads to a model. */
  isModel(name: string): boolean;
  now?: () => number;
}

export type LearningWish = Partial<Learning['settings']>;

// Older labels weigh next to nothing.
const keptMs = 180 * 86_400_000;

/** What administrators do with what the router learns of their organisation. Every method throws `forbidden` in words. */
export function createLearningService({
  store,
  memory,
  writer,
  audited,
  isModel,
  now = Date.now,
}: LearningServiceDeps) {
  const may = (actor: Principal, action: 'routing:read' | 'routing:write') =>
    authorise(actor, action, { kind: 'routing', organisationId: actor.organisationId });
  const target = { kind: 'routing-learning', id: 'learning' };

  async function current({ organisationId }: Principal): Promise<Learning> {
    await writer.flush();
    memory.forget(organisationId);
    return memory.of(organisationId);
  }

  return {
    async show(actor: Principal): Promise<Learning> {
      may(actor, 'routing:read');
      return current(actor);
    },
    async change(actor: Principal, wish: LearningWish): Promise<Learning> {
      may(actor, 'routing:write');
      if (wish.judge && !isModel(wish.judge))
        throw new SluiceError('invalid_request', `No configured provider serves ${JSON.stringify(wish.judge)}.`, {
          param: 'judge',
        });
      await audited(actor, async (tx, note) => {
        await store.change(actor.organisationId, wish, tx);
        await note({ action: 'routing-learning.change', target, detail: wish });
      });
      await store.prune(new Date(now() - keptMs));
      return current(actor);
    },
    /** Keeps what was learned so far, whatever comes; `false` lets what comes count again. */
    async freeze(actor: Principal, frozen: boolean): Promise<Learning> {
      may(actor, 'routing:write');
      const { heads } = await current(actor);
      await audited(actor, async (tx, note) => {
        await store.change(actor.organisationId, { frozenHeads: frozen ? frozenForm(heads) : null }, tx);
        await note({
          action: frozen ? 'routing-learning.freeze' : 'routing-learning.thaw',
          target,
          detail: { models: [...heads.keys()] },
        });
      });
      return current(actor);
    },
    /** Forgets everything that was learned. Gives how many samples there were. */
    async reset(actor: Principal): Promise<number> {
      may(actor, 'routing:write');
      await writer.flush();
      const samples = await audited(actor, async (tx, note) => {
        const removed = await store.reset(actor.organisationId, tx);
        await note({ action: 'routing-learning.reset', target, detail: { samples: removed } });
        return removed;
      });
      memory.forget(actor.organisationId);
      return samples;
    },
    async report(actor: Principal) {
      may(actor, 'routing:read');
      await writer.flush();
      const { organisationId } = actor;
      const [labelled, shadowed] = await Promise.all([
        store.labelled(organisationId, mostLabels),
        store.shadowed(organisationId, mostLabels),
      ]);
      return { models: reportModels(labelled, now()), policies: reportPolicies(shadowed) };
    },
  };
}

export type LearningService = ReturnType<typeof createLearningService>;
