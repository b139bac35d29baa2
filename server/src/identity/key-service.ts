import { randomUUID } from 'node:crypto';
import { isBuiltInRole, type Permission, type Principal } from '../core/principal.ts';
import { invalidRequest, SluiceError } from '../core/sluice-error.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import type { KeyOwnerStore } from '../store/key-owner-store.ts';
import type { KeyChange, KeyRow, KeyStore } from '../store/key-store.ts';
import { authorise } from './authorise.ts';
import { permissionsOfRole } from './effective-rights.ts';
import { createKey, hashKey, keyHint } from './key-format.ts';
import { inheritLimits, type KeyLimits, limitsOfActor, refuseMoreThanOwn } from './key-limits.ts';
import type { Keyring } from './keys.ts';

/** A key that somebody wants. What is left out is taken from whoever asks for it. */
export interface KeyWish extends Partial<KeyLimits> {
  name: string;
  role: string;
  /** Only operators make keys for other organisations than their own. */
  organisationId?: string;
  /** Null: a service key. Left out: whoever asks; operators make service keys. */
  userId?: string | null;
}

export interface KeyServiceDeps {
  store: KeyStore;
  owners: KeyOwnerStore;
  keyring: Pick<Keyring, 'forget'>;
  audited: AuditedChange;
}

/** Creates, changes, rotates and revokes virtual keys. The key itself is returned once, and nowhere kept. */
export function createKeyService({ store, owners, keyring, audited }: KeyServiceDeps) {
  async function find(actor: Principal, id: string, action: 'keys:read' | 'keys:write'): Promise<KeyRow> {
    const row = await store.byId(id);
    if (!row) throw noLiveKey(id);
    authorise(actor, action, { kind: 'key', id, organisationId: row.organisationId, userId: row.userId });
    return row;
  }

  async function findLive(actor: Principal, id: string): Promise<KeyRow> {
    const row = await find(actor, id, 'keys:write');
    if (row.revokedAt) throw noLiveKey(id);
    return row;
  }

  async function permissionsOf(organisationId: string, role: string): Promise<readonly Permission[]> {
    if (isBuiltInRole(role)) return permissionsOfRole(role, null);
    const custom = await owners.permissionsOfCustomRole(organisationId, role);
    if (!custom) throw invalidRequest(`There is no role ${JSON.stringify(role)} in this organisation.`, 'role');
    return custom;
  }

  const ownLimits = async (actor: Principal) =>
    limitsOfActor(actor, actor.kind === 'key' ? await store.byId(actor.keyId) : undefined);

  /** Throws `forbidden` for a key that may do more than the actor, as it is or as it would become. */
  async function refuseGreater(actor: Principal, key: KeyLimits & Pick<KeyRow, 'organisationId' | 'role'>) {
    const allowed = await permissionsOf(key.organisationId, key.role);
    refuseMoreThanOwn(await ownLimits(actor), { ...key, permissions: allowed });
  }

  /** Throws `not_found` or `invalid_request` when there is nobody of that description in the organisation. */
  async function checkOwner(organisationId: string, userId: string | null, teamId: string | null): Promise<void> {
    if (!(await owners.hasOrganisation(organisationId))) throw missing('organisation', organisationId);
    if (userId !== null && !(await owners.hasMember(organisationId, userId))) throw missing('user', userId);
    if (teamId === null) return;
    if (!(await owners.hasTeam(organisationId, teamId))) throw missing('team', teamId);
    if (userId !== null && !(await owners.isInTeam(teamId, userId)))
      throw invalidRequest(`The user ${userId} is no member of the team ${teamId}. Add them to it first.`, 'teamId');
  }

  return {
    /** Those of the actor's organisation; only the actor's own where the right is limited to these. */
    async list(actor: Principal): Promise<KeyRow[]> {
      const rows = await store.list(actor.operator ? undefined : actor.organisationId);
      if (actor.operator || actor.permissions.has('keys:read')) return rows;
      return rows.filter(({ userId }) => userId !== null && userId === actor.userId);
    },
    async get(actor: Principal, id: string): Promise<KeyRow> {
      return find(actor, id, 'keys:read');
    },
    async create(actor: Principal, wish: KeyWish): Promise<{ row: KeyRow; key: string }> {
      const { name, role, organisationId = actor.organisationId } = wish;
      const userId = wish.userId === undefined ? (actor.operator ? null : (actor.userId ?? null)) : wish.userId;
      if (organisationId !== actor.organisationId && !actor.operator) throw missing('organisation', organisationId);
      if (!actor.operator && !actor.permissions.has('keys:write') && userId !== (actor.userId ?? null)) {
        throw new SluiceError('forbidden', 'You may make keys for yourself only.', { param: 'userId' });
      }
      authorise(actor, 'keys:write', { kind: 'key', organisationId, userId });
      const limits = inheritLimits(wish, await ownLimits(actor));
      await refuseGreater(actor, { ...limits, organisationId, role });
      await checkOwner(organisationId, userId, limits.teamId);
      const key = createKey();
      const row = await audited(actor, async (tx, note) => {
        const made = await store.insert(
          {
            // Not in the order of time: people name a key by the beginning of its id.
            id: `key_${randomUUID()}`,
            organisationId,
            userId,
            name,
            role,
            ...limits,
            hash: hashKey(key),
            hint: keyHint(key),
            createdBy: actor.userId ?? actor.keyId,
          },
          tx,
        );
        const detail = { name, role, userId, ...told(limits) };
        await note({ action: 'key.create', target: { kind: 'key', id: made.id }, detail, organisationId });
        return made;
      });
      return { row, key };
    },
    /** Changes what a key is called and what it may do; its secret, owner and team stay. */
    async update(actor: Principal, id: string, change: KeyChange): Promise<KeyRow> {
      const before = await findLive(actor, id);
      await refuseGreater(actor, { ...before, ...change });
      if (Object.keys(change).length === 0) return before;
      const row = await audited(actor, async (tx, note) => {
        const { organisationId } = before;
        await note({ action: 'key.update', target: { kind: 'key', id }, detail: told(change), organisationId });
        return store.update(id, change, tx);
      });
      if (!row) throw noLiveKey(id);
      keyring.forget();
      return row;
    },
    /** A new secret under the same id, name and rights; the old one works for so many seconds more. */
    async rotate(actor: Principal, id: string, overlapSeconds = 0): Promise<{ row: KeyRow; key: string }> {
      const before = await findLive(actor, id);
      // Whoever gets the secret may do what the key may.
      await refuseGreater(actor, before);
      const key = createKey();
      const row = await audited(actor, async (tx, note) => {
        const { organisationId } = before;
        await note({ action: 'key.rotate', target: { kind: 'key', id }, detail: { overlapSeconds }, organisationId });
        return store.replaceSecret(id, { hash: hashKey(key), hint: keyHint(key), overlapSeconds }, tx);
      });
      if (!row) throw noLiveKey(id);
      keyring.forget();
      return { row, key };
    },
    /** Ends a key, its previous secret included. Ending it again changes nothing. */
    async revoke(actor: Principal, id: string): Promise<KeyRow> {
      const before = await find(actor, id, 'keys:write');
      if (before.revokedAt) return before;
      const row = await audited(actor, async (tx, note) => {
        const { organisationId } = before;
        await note({ action: 'key.revoke', target: { kind: 'key', id }, organisationId });
        return store.revoke(id, tx);
      });
      if (!row) throw noLiveKey(id);
      keyring.forget();
      return row;
    },
  };
}

export type KeyService = ReturnType<typeof createKeyService>;

/** What the audit writes down of limits: those that are set, times as text. */
const told = (limits: KeyChange & { teamId?: string | null }): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(limits).flatMap(([field, value]) =>
      value === undefined ? [] : [[field, value instanceof Date ? value.toISOString() : value]],
    ),
  );

const noLiveKey = (id: string) => new SluiceError('not_found', `There is no live key ${JSON.stringify(id)}.`);
const missing = (kind: 'organisation' | 'user' | 'team', id: string) =>
  new SluiceError('not_found', `There is no ${kind} ${JSON.stringify(id)}.`, { param: `${kind}Id` });
