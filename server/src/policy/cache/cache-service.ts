import { newId } from '../../core/new-id.ts';
import type { Principal } from '../../core/principal.ts';
import { authorise } from '../../identity/authorise.ts';
import type { AuditedChange } from '../../store/audit-store.ts';
import type { CacheStore, CacheSums } from '../../store/cache-store.ts';
import type { AnswerMemory } from './answer-memory.ts';
import type { StoredVector } from './embeddings-cache.ts';
import { type Invalidation, type InvalidationWish, isVoid } from './invalidation.ts';
import type { SemanticIndex } from './semantic-index.ts';
import { type CacheOverride, type CacheSettings, withOverride } from './settings.ts';
import type { Standing } from './standing.ts';
import type { StoredAnswer } from './stored-answer.ts';

export interface CacheServiceDeps {
  store: CacheStore;
  audited: AuditedChange;
  standing: Standing;
  memory: AnswerMemory<StoredAnswer>;
  vectors: AnswerMemory<StoredVector>;
  semantic: SemanticIndex;
  base(): CacheSettings;
  /** Tells the other replicas; they notice by themselves within a second. */
  tell(): void;
  now?: () => number;
}

export interface Held {
  entries: number;
  bytes: number;
}

export interface CacheStats {
  sums: CacheSums[];
  exact: Held;
  embeddings: Held;
  semantic: Held;
}

/** No answer lives longer, so an invalidation need not either. */
const longestLifeMs = 31 * 24 * 3600 * 1000;

/** Settings, invalidation and figures of an organisation's caches. */
export function createCacheService(deps: CacheServiceDeps) {
  const { store, audited, standing, memory, vectors, semantic, base, tell, now = Date.now } = deps;
  const resource = ({ organisationId }: Principal) => ({ kind: 'cache', organisationId });

  async function changed(): Promise<void> {
    await standing.refresh();
    tell();
  }

  return {
    /** What is in force, and what of it the organisation itself said. */
    async settings(actor: Principal): Promise<{ inForce: CacheSettings; override: CacheOverride | null }> {
      authorise(actor, 'cache:write', resource(actor));
      await standing.refresh();
      const override = standing.override(actor.organisationId);
      return { inForce: withOverride(base(), override), override: override ?? null };
    },
    /** Replaces all that the organisation said before. */
    async change(actor: Principal, override: CacheOverride): Promise<void> {
      const { organisationId } = actor;
      authorise(actor, 'cache:write', resource(actor));
      await audited(actor, async (tx, note) => {
        await store.saveOverride(organisationId, { ...override }, tx);
        await note({
          action: 'cache.settings',
          target: { kind: 'cache', id: organisationId },
          detail: { ...override },
        });
      });
      await changed();
    },
    /** As the file says again. */
    async reset(actor: Principal): Promise<void> {
      const { organisationId } = actor;
      authorise(actor, 'cache:write', resource(actor));
      await audited(actor, async (tx, note) => {
        await store.removeOverride(organisationId, tx);
        await note({ action: 'cache.reset', target: { kind: 'cache', id: organisationId } });
      });
      await changed();
    },
    /** Voids answers of the actor's organisation, on every replica; returns how many this one held. */
    async invalidate(actor: Principal, wish: InvalidationWish): Promise<number> {
      const { organisationId } = actor;
      authorise(actor, 'cache:write', resource(actor));
      const [kind, given] = Object.entries(wish)[0] as [Invalidation['kind'], string | true];
      const value = given === true ? '' : given;
      const invalidation: Invalidation = { organisationId, kind, value, at: now() };
      const test = (answer: StoredAnswer | StoredVector) => isVoid(answer, [invalidation]);
      const removed = memory.count(test).entries + vectors.count(test).entries + semantic.count(test).entries;
      await audited(actor, async (tx, note) => {
        await store.addInvalidation(
          { ...invalidation, id: newId('inv_'), at: new Date(invalidation.at) },
          new Date(now() - longestLifeMs),
          tx,
        );
        await note({
          action: 'cache.invalidate',
          target: { kind: 'cache', id: organisationId },
          detail: { kind, value },
        });
      });
      await changed();
      return removed;
    },
    /** What the ledger says since `from`, and what this replica holds for the organisation. */
    async stats(actor: Principal, from: Date): Promise<CacheStats> {
      authorise(actor, 'usage:read', resource(actor));
      const own = ({ organisationId }: { organisationId: string }) => organisationId === actor.organisationId;
      return {
        sums: await store.sums(actor.organisationId, from),
        exact: memory.count(own),
        embeddings: vectors.count(own),
        semantic: semantic.count(own),
      };
    },
  };
}

export type CacheService = ReturnType<typeof createCacheService>;
