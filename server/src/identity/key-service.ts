import { randomUUID } from 'node:crypto';
import type { Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import type { KeyRow, KeyStore } from '../store/key-store.ts';
import { authorise } from './authorise.ts';
import { createKey, hashKey, keyHint } from './key-format.ts';
import type { Keyring } from './keys.ts';

export interface KeyWish {
  name: string;
  role: string;
  models?: string[];
  expiresAt?: Date;
}

export interface KeyServiceDeps {
  store: KeyStore;
  keyring: Pick<Keyring, 'forget'>;
  audited: AuditedChange;
}

/** Creates, rotates and revokes virtual keys. The key itself is returned once, and nowhere kept. */
export function createKeyService({ store, keyring, audited }: KeyServiceDeps) {
  async function find(actor: Principal, id: string, action: 'keys:read' | 'keys:write'): Promise<KeyRow> {
    const row = await store.byId(id);
    if (!row || row.revokedAt) throw new SluiceError('not_found', `There is no live key ${JSON.stringify(id)}.`);
    authorise(actor, action, { kind: 'key', id, organisationId: row.organisationId, userId: row.userId });
    return row;
  }

  return {
    /** Those of the actor's organisation; only the actor's own where the right is limited to these. */
    async list(actor: Principal): Promise<KeyRow[]> {
      const rows = await store.list(actor.operator ? undefined : actor.organisationId);
      if (actor.operator || actor.permissions.has('keys:read')) return rows;
      return rows.filter(({ userId }) => userId !== null && userId === actor.userId);
    },
    async create(actor: Principal, { name, role, models, expiresAt }: KeyWish): Promise<{ row: KeyRow; key: string }> {
      const { organisationId, userId } = actor;
      authorise(actor, 'keys:write', { kind: 'key', organisationId, userId });
      const key = createKey();
      const row = await audited(actor, async (tx, note) => {
        const made = await store.insert(
          {
            // Not in the order of time: people name a key by the beginning of its id.
            id: `key_${randomUUID()}`,
            organisationId,
            name,
            role,
            models,
            expiresAt,
            hash: hashKey(key),
            hint: keyHint(key),
            createdBy: actor.userId ?? actor.keyId,
          },
          tx,
        );
        await note({ action: 'key.create', target: { kind: 'key', id: made.id }, detail: { name, role, models } });
        return made;
      });
      return { row, key };
    },
    /** A new secret under the same id, name and rights; the old secret ends at once. */
    async rotate(actor: Principal, id: string): Promise<{ row: KeyRow; key: string }> {
      await find(actor, id, 'keys:write');
      const key = createKey();
      const row = await audited(actor, async (tx, note) => {
        await note({ action: 'key.rotate', target: { kind: 'key', id } });
        return store.replaceSecret(id, hashKey(key), keyHint(key), tx);
      });
      if (!row) throw new SluiceError('not_found', `There is no live key ${JSON.stringify(id)}.`);
      keyring.forget();
      return { row, key };
    },
    async revoke(actor: Principal, id: string): Promise<KeyRow> {
      const { revokedAt } = (await store.byId(id)) ?? {};
      if (!revokedAt) await find(actor, id, 'keys:write');
      const row = await audited(actor, async (tx, note) => {
        await note({ action: 'key.revoke', target: { kind: 'key', id } });
        return store.revoke(id, tx);
      });
      if (!row) throw new SluiceError('not_found', `There is no live key ${JSON.stringify(id)}.`);
      keyring.forget();
      return row;
    },
  };
}

export type KeyService = ReturnType<typeof createKeyService>;
