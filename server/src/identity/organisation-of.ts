import type { Principal } from '../core/principal.ts';
import { type Action, authorise } from './authorise.ts';

/**
 * The organisation that something is done in: the one that was asked for, else the actor's own. Throws `not_found` when it is
 * somebody else's.
 */
export function organisationOf(actor: Principal, action: Action, kind: string, asked: string | undefined): string {
  const organisationId = asked ?? actor.organisationId;
  if (organisationId !== actor.organisationId)
    authorise(actor, action, { kind: 'organisation', id: organisationId, organisationId });
  authorise(actor, action, { kind, organisationId });
  return organisationId;
}

/** The organisation whose rows a list shows; undefined: an operator who asked for none sees them all. */
export const listedOrganisation = (
  actor: Principal,
  action: Action,
  kind: string,
  asked: string | undefined,
): string | undefined =>
  actor.operator && asked === undefined ? undefined : organisationOf(actor, action, kind, asked);
