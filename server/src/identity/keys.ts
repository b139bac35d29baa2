import { timingSafeEqual } from 'node:crypto';
import { operatorPrincipal, type Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Dialect } from '../core/wire-name.ts';
import type { KeyStore } from '../store/key-store.ts';
import type { HeldKey } from '../store/standing-store.ts';
import { type AddressOf, checkKeyUse } from './check-key-use.ts';
import { principalOfKey } from './effective-rights.ts';
import { hashKey, isWellFormed } from './key-format.ts';
import { createShortMemory } from './short-memory.ts';

/** What is believed of a key: who holds it, made once and not for each call, or why it is refused. */
type Verdict = { held: HeldKey; principal: Principal } | { refusal: SluiceError };

export interface KeyringDeps {
  store: KeyStore;
  /** The operator's own key, from the environment or the data folder. It works before the database is up. */
  adminKey: string;
  /** Where a request comes from, asked only for keys that are limited to addresses. */
  addressOf?: AddressOf;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
}

/** Finds out who holds a key. */
export function createKeyring({ store, adminKey, addressOf, nowMs = () => performance.now() }: KeyringDeps) {
  const adminHash = Buffer.from(hashKey(adminKey), 'hex');
  // By the key as it was sent: what was seen a moment ago is not hashed again.
  const memory = createShortMemory<Verdict>({
    load: async (key) => judge(await store.byHash(hashKey(key)).catch(unreadable)),
    nowMs,
  });
  const used = new Set<string>();
  const seenAdminKeys = new Set<string>();

  /** What must be looked at on each call, however fresh the verdict is. */
  function toPrincipal(verdict: Verdict, request?: Request, dialect?: Dialect): Principal {
    if ('refusal' in verdict) throw verdict.refusal;
    const { key } = verdict.held;
    if (key.expiresAt && key.expiresAt.getTime() <= Date.now()) {
      throw new SluiceError('invalid_key', 'This key has expired. Ask the owner of this gateway for a new one.');
    }
    if (key.addresses || key.scopes) checkKeyUse(key, { request, dialect }, addressOf);
    used.add(key.id);
    return verdict.principal;
  }

  return {
    /**
     * Who holds this key; without waiting when it was seen within the last second. Throws `missing_key`, `invalid_key`, or
     * `forbidden` when the key is not for this request: one that is limited needs it to be told.
     */
    identify(key: string | undefined, request?: Request, dialect?: Dialect): Principal | Promise<Principal> {
      if (!key)
        throw new SluiceError(
          'missing_key',
          'No key was sent. Send it as `authorization: Bearer <key>`, `x-api-key`, `x-goog-api-key` or `?key=`.',
        );
      // A look-up by hash, not a comparison letter by letter, whose time would tell how much of a guess is right.
      if (seenAdminKeys.has(key)) return operatorPrincipal;
      const known = memory.recall(key);
      if (known) return toPrincipal(known.value, request, dialect);
      if (timingSafeEqual(Buffer.from(hashKey(key), 'hex'), adminHash)) {
        seenAdminKeys.add(key);
        return operatorPrincipal;
      }
      if (!isWellFormed(key)) throw unknownKey();
      return memory.read(key).then((verdict) => toPrincipal(verdict, request, dialect));
    },
    /** Forgets what is believed of keys, after one of them or something that its rights hang on changed. */
    forget: memory.forget,
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

function judge(held: HeldKey | undefined): Verdict {
  if (!held || held.key.revokedAt) return { refusal: unknownKey() };
  try {
    return { held, principal: principalOfKey(held) };
  } catch (error) {
    if (error instanceof SluiceError) return { refusal: error };
    throw error;
  }
}

export type Keyring = ReturnType<typeof createKeyring>;

function unreadable(cause: unknown): never {
  throw new SluiceError('unavailable', 'Keys cannot be read just now: the database is away. Try again shortly.', {
    retryAfterMs: 2000,
    cause,
  });
}

const unknownKey = () =>
  new SluiceError('invalid_key', 'This key is unknown or revoked. Ask the owner of this gateway for a new one.');
