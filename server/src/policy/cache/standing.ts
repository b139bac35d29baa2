import type { Freshness } from '../../core/fresh.ts';
import type { Invalidation } from './invalidation.ts';
import { type CacheOverride, type CacheSettings, withOverride } from './settings.ts';

/** What the database says of the caches. */
export interface CacheStanding {
  overrides: ReadonlyMap<string, CacheOverride>;
  invalidations: readonly Invalidation[];
}

export interface CacheStandingDeps extends Freshness {
  load(): Promise<CacheStanding>;
  /** Whether the database can be asked yet. Until then nothing is cached, and nobody waits. */
  isOpen(): boolean;
  /** The settings of the file. */
  base(): CacheSettings;
  /** Told when a reading brought invalidations that were not known. */
  onInvalidated(invalidations: readonly Invalidation[]): void;
  onFault?(error: unknown): void;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
}

/** What is older than when it should have been read again by so much (nobody asked for a while) is not believed without asking. */
const graceMs = 200;
/** Nobody waits longer for the database than this: then the last that is known holds, or no cache at all. */
const patienceMs = 500;

const unknown: CacheStanding = { overrides: new Map(), invalidations: [] };
const off = (settings: CacheSettings): CacheSettings => ({
  ...settings,
  exact: { ...settings.exact, enabled: false },
  semantic: { ...settings.semantic, enabled: false },
});

/** Settings and invalidations in memory: a change is in force within a second on every replica, at once on the one that made it. */
export function createCacheStanding({
  load,
  isOpen,
  base,
  onInvalidated,
  onFault,
  maxAgeMs = 700,
  nowMs = () => performance.now(),
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: CacheStandingDeps) {
  let known: CacheStanding | undefined;
  let readMs = Number.NEGATIVE_INFINITY;
  let triedMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const startedMs = nowMs();
    triedMs = startedMs;
    const before = new Set((known ?? unknown).invalidations.map(keyOf));
    try {
      const next = await load();
      known = next;
      readMs = startedMs;
      const fresh = next.invalidations.filter((each) => !before.has(keyOf(each)));
      if (fresh.length > 0) onInvalidated(fresh);
    } catch (error) {
      onFault?.(error);
    }
  }

  function reload(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  const settingsOf = (organisationId: string): CacheSettings =>
    known ? withOverride(base(), known.overrides.get(organisationId)) : off(base());

  return {
    settings(organisationId: string): CacheSettings | Promise<CacheSettings> {
      if (!known && !isOpen()) return off(base());
      const ageMs = nowMs() - readMs;
      // After a reading that failed, the last that is known holds until the next is due.
      const isDue = nowMs() - triedMs > maxAgeMs;
      if (ageMs > maxAgeMs + graceMs && (reading || isDue))
        return Promise.race([reload(), sleep(patienceMs)]).then(() => settingsOf(organisationId));
      if (isDue) void reload();
      return settingsOf(organisationId);
    },
    invalidations: (): readonly Invalidation[] => (known ?? unknown).invalidations,
    /** Reads again now; whoever changed something waits for it. */
    async refresh(): Promise<void> {
      await reading;
      await reload();
    },
    override: (organisationId: string): CacheOverride | undefined => known?.overrides.get(organisationId),
  };
}

export type Standing = ReturnType<typeof createCacheStanding>;

const keyOf = ({ organisationId, kind, value, at }: Invalidation) => `${organisationId}\n${kind}\n${at}\n${value}`;
