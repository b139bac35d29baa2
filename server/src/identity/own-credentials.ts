import { createFresh, type Fresh } from '../core/fresh.ts';
import type { OwnCredential, OwnCredentials } from '../core/own-credentials.ts';
import type { Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { ProviderKeyRow, ProviderKeyStore } from '../store/provider-key-store.ts';

export interface OwnCredentialsDeps {
  store: Pick<ProviderKeyStore, 'live'>;
  /** The secret itself. Rejects when it cannot be read. */
  reveal(row: ProviderKeyRow): string | Promise<string>;
  /** Whether the database answers yet: until then an operator, who needs none, does not wait for it. */
  isOpen(): boolean;
  onFault(error: unknown, about: { organisationId: string; providerKeyId?: string }): void;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
}

interface HeldCredential {
  userId: string | null;
  provider: string;
  /** Undefined: it could not be read. */
  credential: OwnCredential | undefined;
}

interface Known {
  fresh: Fresh<readonly HeldCredential[]>;
  /** When the last reading began. */
  readMs: number;
}

// A key that was revoked elsewhere is used no longer than this; in the last fifth of it the next reading runs beside.
const freshMs = 1000;
const refreshMs = 800;
const maxOrganisations = 5000;
const none: OwnCredentials = () => undefined;

/** The provider keys that callers brought themselves. Decrypted ones are kept in memory and nowhere else. */
export function createOwnCredentials(deps: OwnCredentialsDeps) {
  const { store, reveal, isOpen, onFault, nowMs = () => performance.now() } = deps;
  const known = new Map<string, Known>();

  async function read(organisationId: string): Promise<readonly HeldCredential[]> {
    const rows = await store.live(organisationId);
    return Promise.all(
      rows.map(async (row) => {
        const { id, userId, provider } = row;
        try {
          return { userId, provider, credential: { id, weight: 1, secret: await reveal(row) } };
        } catch (error) {
          onFault(error, { organisationId, providerKeyId: id });
          return { userId, provider, credential: undefined };
        }
      }),
    );
  }

  function remember(organisationId: string): Known {
    if (known.size >= maxOrganisations) known.clear();
    const entry: Known = {
      readMs: 0,
      fresh: createFresh(
        () => {
          entry.readMs = nowMs();
          return read(organisationId);
        },
        { nowMs, maxAgeMs: refreshMs, onFault: (error) => onFault(error, { organisationId }) },
      ),
    };
    known.set(organisationId, entry);
    return entry;
  }

  return {
    /** Those of a principal: a person's own before the organisation's. Without waiting when read within the last second. */
    of(principal: Principal): OwnCredentials | Promise<OwnCredentials> {
      if (principal.operator && !isOpen()) return none;
      const { organisationId, userId } = principal;
      let entry = known.get(organisationId);
      if (entry && nowMs() - entry.readMs > freshMs) entry.fresh.forget();
      entry ??= remember(organisationId);
      const held = entry.fresh.get();
      if (!(held instanceof Promise)) return held.length === 0 ? none : choose(held, userId);
      return held.then(
        (read) => choose(read, userId),
        (cause) => {
          throw new SluiceError('unavailable', 'The provider keys of your organisation cannot be read just now.', {
            retryAfterMs: 1000,
            cause,
          });
        },
      );
    },
    /** What is known of an organisation, after something of it changed; of all without one. */
    forget(organisationId?: string): void {
      if (organisationId === undefined) known.clear();
      else known.delete(organisationId);
    },
  };
}

export type OwnCredentialsMemory = ReturnType<typeof createOwnCredentials>;

/** One that cannot be read still counts: its owner did not mean the gateway's key to be used instead. */
const choose =
  (held: readonly HeldCredential[], userId: string | undefined): OwnCredentials =>
  (provider) => {
    const there = held.filter((each) => each.provider === provider);
    const personal = userId === undefined ? [] : there.filter((each) => each.userId === userId);
    const mine = personal.length > 0 ? personal : there.filter((each) => each.userId === null);
    return mine.length === 0 ? undefined : mine.flatMap(({ credential }) => credential ?? []);
  };
