import { createFresh, type Fresh } from '../core/fresh.ts';

const maxAgeMs = 60_000;
const remembered = 1000;
const historyMs = 30 * 86_400_000;

/** How long answers were on average in the last thirty days, by organisation, asked of the ledger once a minute at most. */
export function createUsualOutput(
  read: (organisationId: string, since: Date) => Promise<ReadonlyMap<string, number>>,
  now: () => number = Date.now,
) {
  const known = new Map<string, Fresh<ReadonlyMap<string, number>>>();
  return {
    async of(organisationId: string): Promise<ReadonlyMap<string, number>> {
      let fresh = known.get(organisationId);
      if (!fresh) {
        if (known.size >= remembered) known.clear();
        fresh = createFresh(() => read(organisationId, new Date(now() - historyMs)), { maxAgeMs });
        known.set(organisationId, fresh);
      }
      return fresh.get();
    },
  };
}
