import { createFreshByKey, type Freshness } from '../../core/fresh.ts';
import type { Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { Limit } from './applying.ts';

export interface LimitSetDeps extends Freshness {
  /** The limits of one organisation, from the database. */
  load(organisationId: string): Promise<Limit[]>;
  /** Whether the database is there to be asked. */
  isOpen(): boolean;
  onFault?(error: unknown): void;
}

/** What each organisation's limits are, kept in memory and read again in the background. */
export function createLimitSet({ load, isOpen, onFault, maxAgeMs }: LimitSetDeps) {
  const organisations = createFreshByKey(load, { onFault, maxAgeMs });

  return {
    /** Without waiting when they have been read before. Throws `unavailable` when they cannot be read at all. */
    of({ organisationId, operator }: Principal): readonly Limit[] | Promise<readonly Limit[]> {
      // The admin key works while the database is still opening: the file's limits alone hold for it until then.
      if (operator && !isOpen()) return [];
      const known = organisations.get(organisationId);
      return known instanceof Promise ? known.catch(unreadable) : known;
    },
    /** The next call reads them again; of one organisation, or of all. */
    forget: organisations.forget,
  };
}

export type LimitSet = ReturnType<typeof createLimitSet>;

function unreadable(cause: unknown): never {
  throw new SluiceError('unavailable', 'The limits of this organisation cannot be read. Try again shortly.', {
    retryAfterMs: 1000,
    cause,
  });
}
