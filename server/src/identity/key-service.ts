import { randomUUID } from 'node:crypto';
import type { Role } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { KeyRow, KeyStore } from '../store/key-store.ts';
import { createKey, hashKey, keyHint } from './key-format.ts';
import type { Keyring } from './keys.ts';

export interface KeyWish {
  name: string;
  role: Role;
  models?: string[];
  expiresAt?: Date;
}

/** Creates, rotates and revokes virtual keys. The key itself is returned once, and nowhere kept. */
export function createKeyService({ store, keyring }: { store: KeyStore; keyring: Keyring }) {
  const missing = (id: string) => new SluiceError('not_found', `There is no live key ${JSON.stringify(id)}.`);
  return {
    list: (): Promise<KeyRow[]> => store.list(),
    async create({ name, role, models, expiresAt }: KeyWish): Promise<{ row: KeyRow; key: string }> {
      const key = createKey();
      const row = await store.insert({
        id: `key_${randomUUID()}`,
        name,
        role,
        models,
        expiresAt,
        hash: hashKey(key),
        hint: keyHint(key),
      });
      return { row, key };
    },
    /** A new secret under the same id, name and rights; the old secret ends at once. */
    async rotate(id: string): Promise<{ row: KeyRow; key: string }> {
      const key = createKey();
      const row = await store.replaceSecret(id, hashKey(key), keyHint(key));
      if (!row) throw missing(id);
      keyring.forget();
      return { row, key };
    },
    async revoke(id: string): Promise<KeyRow> {
      const row = await store.revoke(id);
      if (!row) throw missing(id);
      keyring.forget();
      return row;
    },
  };
}

export type KeyService = ReturnType<typeof createKeyService>;
