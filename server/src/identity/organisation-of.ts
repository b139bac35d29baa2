import type { Principal } from '../core/principal.ts';
import { type Action, authorise } from './authorise.ts';

/**
 * The organisation that something is done in: the one that was asked for, else the actor's own. Throws `not_found` when it is
 * somebody else's.
 */
export function organisationOf(actor: Principal, action: Action, kind: string, asked: string | undefined): string {
  const organisationId = asked ?? actor.organisationId;
  // Whoever names another organisation is told of that one, not of what they wanted there.
  const resource = asked === undefined ? { kind } : { kind: 'organisation', id: asked };
  authorise(actor, action, { ...resource, organisationId });
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
