import { newId } from '../core/new-id.ts';
import type { Principal } from '../core/principal.ts';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import type { ProviderKeyRow, ProviderKeyStore, StoredSecret } from '../store/provider-key-store.ts';
import { authorise } from './authorise.ts';
import { openSecret, sealSecret } from './envelope.ts';
import type { MasterKey } from './master-key.ts';
import type { OwnCredentialsMemory } from './own-credentials.ts';

/** A secret as somebody gives it: itself, or where a secret manager keeps it. */
export type GivenSecret = { key: string } | { reference: string };

export interface ProviderKeyWish {
  provider: string;
  name: string;
  secret: GivenSecret;
  /** Whose calls use it. Left out: the organisation's, when the actor may decide that, else the actor's own. */
  owner?: 'organisation' | 'me';
  /** Only operators bring keys for other organisations than their own. */
  organisationId?: string;
  /** Ask the provider whether it takes the key before it is kept. */
  validate: boolean;
}

export interface ProviderKeyServiceDeps {
  store: ProviderKeyStore;
  master: MasterKey;
  audited: AuditedChange;
  memory: Pick<OwnCredentialsMemory, 'forget'>;
  /** Whether a provider of the configuration takes keys. */
  takesKeys(provider: string): boolean;
  /** Asks the provider for its models with a key: whether it takes it. Throws SluiceError when it does not say. */
  check(provider: string, key: string): Promise<boolean>;
  /** The value of a reference. Throws SluiceError. */
  resolve(reference: string): Promise<string>;
  now?: () => number;
}

const field = 'key';
const mostLive = 100;

/** Keys of providers that organisations and people bring themselves. A key is never given back, only its hint. */
export function createProviderKeyService(deps: ProviderKeyServiceDeps) {
  const { store, master, audited, memory, takesKeys, check, resolve, now = Date.now } = deps;

  async function find(actor: Principal, id: string, action: 'provider-keys:read' | 'provider-keys:write') {
    const row = await store.byId(id);
    if (!row) throw noKey(id);
    authorise(actor, action, resourceOf(row));
    return row;
  }

  async function findLive(actor: Principal, id: string): Promise<ProviderKeyRow> {
    const row = await find(actor, id, 'provider-keys:write');
    if (row.revokedAt) throw new SluiceError('conflict', `The provider key ${JSON.stringify(id)} is revoked.`);
    return row;
  }

  function refuseForeignReference(actor: Principal, secret: GivenSecret): void {
    // What a reference names is read with the gateway's own rights.
    if ('reference' in secret && !actor.operator)
      throw new SluiceError('forbidden', 'Only operators may name a secret of a secret manager. Send the key itself.', {
        param: 'reference',
      });
  }

  /** Throws `invalid_request` for a key that the provider refuses, and the provider's own error when it does not say. */
  async function examine(provider: string, secret: GivenSecret, validate: boolean) {
    const key = ('key' in secret ? secret.key : await resolve(secret.reference)).trim();
    if (key === '') throw invalidRequest('The key is empty.', 'key');
    if (!validate) return { key, valid: null, checkedAt: null };
    if (!(await check(provider, key)))
      throw invalidRequest(
        `${provider} refuses this key. Check it, or send validate: false to keep it all the same.`,
        'key',
      );
    return { key, valid: true, checkedAt: new Date(now()) };
  }

  const stored = (organisationId: string, id: string, secret: GivenSecret, key: string): StoredSecret =>
    'reference' in secret
      ? { reference: secret.reference, sealed: null, wrappedKey: null, masterVersion: null, hint: secret.reference }
      : { reference: null, ...sealSecret(master, { organisationId, id, field }, key), hint: hintOf(key) };

  return {
    async list(actor: Principal): Promise<ProviderKeyRow[]> {
      const rows = await store.list(actor.operator ? undefined : actor.organisationId);
      if (actor.operator || actor.permissions.has('provider-keys:read')) return rows;
      return rows.filter(({ userId }) => userId !== null && userId === actor.userId);
    },
    async get(actor: Principal, id: string): Promise<ProviderKeyRow> {
      return find(actor, id, 'provider-keys:read');
    },
    async create(actor: Principal, wish: ProviderKeyWish): Promise<ProviderKeyRow> {
      const { provider, name, secret, validate, organisationId = actor.organisationId } = wish;
      const mayForAll = actor.operator || actor.permissions.has('provider-keys:write');
      const owner = wish.owner ?? (mayForAll ? 'organisation' : 'me');
      if (owner === 'organisation' && !mayForAll)
        throw new SluiceError('forbidden', 'You may bring provider keys for yourself only.', { param: 'owner' });
      const userId = owner === 'me' ? actor.userId : null;
      if (userId === undefined) throw invalidRequest('Nobody stands behind this key: it has no “me”.', 'owner');
      authorise(actor, 'provider-keys:write', { kind: 'organisation', id: organisationId, organisationId, userId });
      refuseForeignReference(actor, secret);
      if (!takesKeys(provider))
        throw invalidRequest(`There is no provider ${JSON.stringify(provider)} that takes keys.`, 'provider');
      const { key, valid, checkedAt } = await examine(provider, secret, validate);
      const id = newId('pk_');
      const row = await audited(actor, async (tx, note) => {
        if ((await store.countLive(organisationId, tx)) >= mostLive)
          throw new SluiceError(
            'conflict',
            `An organisation has at most ${mostLive} live provider keys. Revoke one first.`,
          );
        const kept = stored(organisationId, id, secret, key);
        const createdBy = actor.userId ?? actor.keyId;
        const made = await store.insert(
          { id, organisationId, userId, provider, name, ...kept, valid, checkedAt, createdBy },
          tx,
        );
        const detail = { provider, name, userId, hint: kept.hint };
        await note({ action: 'provider-key.create', target: targetOf(id), detail, organisationId });
        return made;
      });
      memory.forget(organisationId);
      return row;
    },
    /** Asks the provider again whether it takes the key, and writes down what it says. */
    async validate(actor: Principal, id: string): Promise<ProviderKeyRow> {
      const row = await findLive(actor, id);
      const valid = await check(row.provider, await reveal(master, resolve, row));
      return (await store.noteCheck(id, valid, new Date(now()))) ?? row;
    },
    /** Another key in place of the old one, which ends at once. */
    async rotate(actor: Principal, id: string, secret: GivenSecret, validate: boolean): Promise<ProviderKeyRow> {
      const { organisationId, provider } = await findLive(actor, id);
      refuseForeignReference(actor, secret);
      const { key, valid, checkedAt } = await examine(provider, secret, validate);
      const row = await audited(actor, async (tx, note) => {
        const kept = stored(organisationId, id, secret, key);
        await note({
          action: 'provider-key.rotate',
          target: targetOf(id),
          detail: { hint: kept.hint },
          organisationId,
        });
        return store.replaceSecret(id, { ...kept, valid, checkedAt }, tx);
      });
      if (!row) throw noKey(id);
      memory.forget(organisationId);
      return row;
    },
    /** It is used no more; the row stays. */
    async revoke(actor: Principal, id: string): Promise<ProviderKeyRow> {
      const { organisationId } = await findLive(actor, id);
      const row = await audited(actor, async (tx, note) => {
        await note({ action: 'provider-key.revoke', target: targetOf(id), organisationId });
        return store.revoke(id, tx);
      });
      if (!row) throw noKey(id);
      memory.forget(organisationId);
      return row;
    },
    /** It is used no more, and nothing of it stays but what the audit says. */
    async remove(actor: Principal, id: string): Promise<void> {
      const { organisationId, provider, name, hint } = await find(actor, id, 'provider-keys:write');
      await audited(actor, async (tx, note) => {
        const detail = { provider, name, hint };
        await note({ action: 'provider-key.delete', target: targetOf(id), detail, organisationId });
        await store.remove(id, tx);
      });
      memory.forget(organisationId);
    },
  };
}

export type ProviderKeyService = ReturnType<typeof createProviderKeyService>;

/** The key of a row. Throws when it does not open, or its secret manager does not give it. */
export function reveal(
  master: MasterKey,
  resolve: (reference: string) => Promise<string>,
  { id, organisationId, reference, sealed, wrappedKey, masterVersion }: ProviderKeyRow,
): string | Promise<string> {
  if (reference !== null) return resolve(reference);
  const place = { organisationId, id, field };
  return openSecret(master, place, {
    sealed: sealed ?? '',
    wrappedKey: wrappedKey ?? '',
    masterVersion: masterVersion ?? 0,
  });
}

export const placeOf = ({ id, organisationId }: ProviderKeyRow) => ({ organisationId, id, field });

/** The last four letters of a key that is long enough for them to tell nothing. */
export const hintOf = (key: string): string => (key.length < 16 ? '…' : `…${key.slice(-4)}`);
const targetOf = (id: string) => ({ kind: 'provider-key', id });
const resourceOf = ({ id, organisationId, userId }: ProviderKeyRow) => ({
  kind: 'provider key',
  id,
  organisationId,
  userId,
});
const noKey = (id: string) => new SluiceError('not_found', `There is no provider key ${JSON.stringify(id)}.`);
