import { timingSafeEqual } from 'node:crypto';
import { builtInRoles, isBuiltInRole, operatorPrincipal, type Permission, type Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { KeyRow, KeyStore } from '../store/key-store.ts';
import { hashKey, isWellFormed } from './key-format.ts';

interface Cached {
  row: KeyRow | undefined;
  readMs: number;
}

/** A key read from the database is believed for this long: revocation reaches every replica within a second. */
const freshMs = 1000;
const maxCached = 10_000;

export interface KeyringDeps {
  store: KeyStore;
  /** The operator's own key, from the environment or the data folder. It works before the database is up. */
  adminKey: string;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
}

/** Finds out who holds a key. */
export function createKeyring({ store, adminKey, nowMs = () => performance.now() }: KeyringDeps) {
  const adminHash = Buffer.from(hashKey(adminKey), 'hex');
  // By the key as it was sent: what was seen a moment ago is not hashed again.
  const cache = new Map<string, Cached>();
  const reading = new Map<string, Promise<KeyRow | undefined>>();
  const used = new Set<string>();
  const seenAdminKeys = new Set<string>();

  /** Calls that come at the same time share one query. Nothing is kept of one that began before keys were forgotten. */
  function read(key: string, hash: string): Promise<KeyRow | undefined> {
    const found = reading.get(key);
    if (found) return found;
    const pending: Promise<KeyRow | undefined> = store
      .byHash(hash)
      .then((row) => {
        if (reading.get(key) !== pending) return row;
        if (cache.size >= maxCached) cache.clear();
        cache.set(key, { row, readMs: nowMs() });
        return row;
      })
      .finally(() => {
        if (reading.get(key) === pending) reading.delete(key);
      });
    reading.set(key, pending);
    return pending;
  }

  function toPrincipal(row: KeyRow | undefined): Principal {
    if (!row || row.revokedAt) throw unknownKey();
    if (row.expiresAt && row.expiresAt.getTime() <= Date.now()) {
      throw new SluiceError('invalid_key', 'This key has expired. Ask the owner of this gateway for a new one.');
    }
    used.add(row.id);
    return principalOf(row);
  }

  return {
    /** Who holds this key; without waiting when it was seen within the last second. Throws `missing_key` or `invalid_key`. */
    identify(key: string | undefined): Principal | Promise<Principal> {
      if (!key)
        throw new SluiceError(
          'missing_key',
          'No key was sent. Send it as `authorization: Bearer <key>`, `x-api-key`, `x-goog-api-key` or `?key=`.',
        );
      // A look-up by hash, not a comparison letter by letter, whose time would tell how much of a guess is right.
      if (seenAdminKeys.has(key)) return operatorPrincipal;
      const cached = cache.get(key);
      if (cached && nowMs() - cached.readMs < freshMs) return toPrincipal(cached.row);
      const hash = hashKey(key);
      if (timingSafeEqual(Buffer.from(hash, 'hex'), adminHash)) {
        seenAdminKeys.add(key);
        return operatorPrincipal;
      }
      if (!isWellFormed(key)) throw unknownKey();
      return read(key, hash).then(toPrincipal);
    },
    /** Forgets what is believed of keys, after one of them changed. */
    forget(): void {
      cache.clear();
      reading.clear();
    },
    /** Notes in the database which keys were used since the last call. */
    async noteUse(): Promise<void> {
      const ids = [...used];
      used.clear();
      try {
        await store.touch(ids, new Date());
      } catch (error) {
        for (const id of ids) used.add(id);
        throw error;
      }
    },
  };
}

function principalOf(row: KeyRow): Principal {
  const permissions: readonly Permission[] = isBuiltInRole(row.role) ? builtInRoles[row.role] : [];
  return {
    kind: 'key',
    keyId: row.id,
    keyName: row.name,
    organisationId: row.organisationId,
    ...(row.teamId !== null && { teamId: row.teamId }),
    ...(row.userId !== null && { userId: row.userId }),
    role: row.role,
    permissions: new Set(permissions),
    operator: false,
    ...(row.models && { models: row.models }),
    ...(row.scopes && { scopes: row.scopes }),
    ...(row.tags.length > 0 && { tags: row.tags }),
  };
}

export type Keyring = ReturnType<typeof createKeyring>;

const unknownKey = () =>
  new SluiceError('invalid_key', 'This key is unknown or revoked. Ask the owner of this gateway for a new one.');
