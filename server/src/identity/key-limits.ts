import { contains } from '../core/network.ts';
import type { Permission, Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { KeyRow } from '../store/key-store.ts';
import { missing } from './grants.ts';
import { tooMuch } from './key-scopes.ts';

/** What limits a key beside its owner. */
export type KeyLimits = Pick<KeyRow, 'teamId' | 'models' | 'scopes' | 'addresses' | 'tags' | 'expiresAt'>;

/** An actor's own limits: those of its principal, and of the key it came with when it came with one. */
export interface ActorLimits extends KeyLimits {
  actor: Principal;
}

export const limitsOfActor = (actor: Principal, ownKey: KeyRow | undefined): ActorLimits => ({
  actor,
  teamId: actor.teamId ?? null,
  models: actor.models ? [...actor.models] : null,
  scopes: actor.scopes ? copyOf(actor.scopes) : null,
  addresses: ownKey?.addresses ?? null,
  tags: [...(actor.tags ?? [])],
  expiresAt: ownKey?.expiresAt ?? null,
});

/** A wish for a new key with what it does not say taken from whoever makes it. */
export function inheritLimits(wish: Partial<KeyLimits>, own: KeyLimits): KeyLimits {
  const scopes = own.scopes || wish.scopes ? { ...own.scopes, ...wish.scopes } : null;
  return {
    teamId: wish.teamId === undefined ? own.teamId : wish.teamId,
    models: wish.models ?? own.models,
    scopes,
    addresses: wish.addresses ?? own.addresses,
    tags: [...new Set([...own.tags, ...(wish.tags ?? [])])],
    expiresAt: wish.expiresAt ?? own.expiresAt,
  };
}

/**
 * Nobody makes, changes or renews a key that may do more than they may themselves. Throws `forbidden` with the field that is
 * too much.
 */
export function refuseMoreThanOwn(
  own: ActorLimits,
  key: KeyLimits & { role: string; permissions: readonly Permission[] },
): void {
  const { actor } = own;
  if (actor.operator) return;
  const [lacking] = missing(actor, key.permissions);
  if (lacking !== undefined) throw beyond('role', `the role ${key.role} allows ${lacking}, which you lack`);
  if (own.teamId !== null && key.teamId !== own.teamId) throw beyond('teamId', `your own team is ${own.teamId}`);
  refuseEntry('models', own.models, key.models);
  for (const scope of ['dialects', 'groups', 'routes'] as const)
    refuseEntry(`scopes.${scope}`, own.scopes?.[scope], key.scopes?.[scope]);
  if (own.scopes?.localOnly && !key.scopes?.localOnly) throw beyond('scopes.localOnly', 'your own calls stay local');
  const { addresses, expiresAt } = own;
  if (addresses) {
    const outside = key.addresses?.find((inner) => !addresses.some((outer) => contains(outer, inner)));
    if (!key.addresses || outside !== undefined) throw beyond('addresses', `your own are ${addresses.join(', ')}`);
  }
  const dropped = own.tags.find((tag) => !key.tags.includes(tag));
  if (dropped !== undefined) throw beyond('tags', `your own tag ${JSON.stringify(dropped)} must be among them`);
  if (expiresAt && (!key.expiresAt || key.expiresAt > expiresAt))
    throw beyond('expiresAt', `your own key ends at ${expiresAt.toISOString()}`);
}

function refuseEntry(
  field: string,
  own: readonly string[] | null | undefined,
  wished: readonly string[] | null | undefined,
): void {
  if (!own) return;
  const outside = wished ? tooMuch(own, wished) : '*';
  if (outside !== undefined) throw beyond(field, `${JSON.stringify(outside)} is not within ${own.join(', ')}`);
}

const beyond = (param: string, why: string): SluiceError =>
  new SluiceError('forbidden', `A key cannot be given more than you have yourself: ${why}.`, { param });

const copyOf = ({ dialects, groups, routes, localOnly }: NonNullable<Principal['scopes']>) => ({
  ...(localOnly && { localOnly }),
  ...(dialects && { dialects: [...dialects] }),
  ...(groups && { groups: [...groups] }),
  ...(routes && { routes: [...routes] }),
});
