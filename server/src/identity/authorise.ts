import type { Permission, Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';

/** What is acted upon. `userId` is its owner, where it has one. */
export interface Resource {
  kind: string;
  id?: string;
  organisationId: string;
  userId?: string | null;
}

/** `operator` is what only those who run the gateway may do. */
export type Action = Permission | 'operator';

const ownForms: Partial<Record<Permission, Permission>> = {
  'keys:read': 'keys:own',
  'keys:write': 'keys:own',
  'provider-keys:read': 'keys:own',
  'provider-keys:write': 'keys:own',
  'usage:read': 'usage:own',
};

/** Whether the actor may do this to anything at all of its own organisation. */
export function mayEver(actor: Principal, action: Action): boolean {
  if (actor.operator) return true;
  return action !== 'operator' && (actor.permissions.has(action) || mayOwn(actor, action));
}

/** Whether the actor may do this to its own things. A key that belongs to nobody has its own calls, and nothing else. */
function mayOwn({ permissions, userId }: Principal, action: Permission): boolean {
  const own = ownForms[action];
  return own !== undefined && permissions.has(own) && (userId !== undefined || own === 'usage:own');
}

/**
 * The one place that says who may do what. Denies by default: throws `not_found` for what belongs to another organisation
 * (whether it exists is nobody else's business) or to another person where only one's own may be touched, and `forbidden` for
 * what the actor lacks the right to.
 */
export function authorise(actor: Principal, action: Action, resource: Resource): void {
  if (actor.operator) return;
  if (resource.organisationId !== actor.organisationId) throw noSuch(resource);
  if (action === 'operator') throw lacks(actor, action);
  if (actor.permissions.has(action)) return;
  if (!mayOwn(actor, action)) throw lacks(actor, action);
  if (actor.userId === undefined || resource.userId !== actor.userId) throw noSuch(resource);
}

/** What concerns the gateway itself, and no organisation alone, is for those who run it. Throws `forbidden`. */
export const authoriseOperator = (actor: Principal, kind: string): void =>
  authorise(actor, 'operator', { kind, organisationId: actor.organisationId });

const noSuch = ({ kind, id }: Resource) =>
  new SluiceError('not_found', `There is no ${kind}${id === undefined ? '' : ` ${JSON.stringify(id)}`}.`);

export const lacks = ({ role, keyName }: Principal, action: Action) =>
  new SluiceError(
    'forbidden',
    action === 'operator'
      ? 'Only an operator of this gateway may do this. Use the admin key.'
      : `${JSON.stringify(keyName)} (role ${role}) lacks the permission ${action}. Ask an administrator of your organisation.`,
  );
