import { createFreshByKey } from '../core/fresh.ts';

const maxAgeMs = 60_000;
const remembered = 1000;
const historyMs = 30 * 86_400_000;

/** How long answers were on average in the last thirty days, by organisation, asked of the ledger once a minute at most. */
export function createUsualOutput(
  read: (organisationId: string, since: Date) => Promise<ReadonlyMap<string, number>>,
  now: () => number = Date.now,
) {
  const known = createFreshByKey((organisationId) => read(organisationId, new Date(now() - historyMs)), {
    maxAgeMs,
    maxKeys: remembered,
  });
  return { of: async (organisationId: string): Promise<ReadonlyMap<string, number>> => known.get(organisationId) };
}
