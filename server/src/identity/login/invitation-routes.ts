import type { JsonObject } from '../../core/json.ts';
import { invalidRequest, SluiceError } from '../../core/sluice-error.ts';
import type { UserRow } from '../../store/login-store.ts';
import type { InvitationService } from '../invitation-service.ts';

/** A route of ours among better-auth's. */
export type OwnRoute = (visit: { body: JsonObject | undefined; person: UserRow | undefined }) => Promise<JsonObject>;

/** What somebody with an invitation does, whether they are somebody here yet or not. */
export function invitationRoutes(invitations: Pick<InvitationService, 'peek' | 'accept'>): Record<string, OwnRoute> {
  return {
    /** What it is for, so that a page can ask them to sign up or log in with that address. */
    '/invitation': async ({ body }) => {
      const { email, role, organisation, expiresAt } = await invitations.peek(tokenOf(body));
      return { email, role, organisation, expiresAt: expiresAt.toISOString() };
    },
    /** For people who are here already; others sign up with it. */
    '/accept-invitation': async ({ body, person }) => {
      if (!person)
        throw new SluiceError('missing_key', 'Log in first, or sign up with the invitation if you are not here yet.');
      const { organisationId, role } = await invitations.accept(tokenOf(body), person);
      return { organisationId, role };
    },
  };
}

function tokenOf(body: JsonObject | undefined): string {
  if (typeof body?.token !== 'string' || body.token === '' || body.token.length > 200)
    throw invalidRequest('`token` must be the token of the invitation.', 'token');
  return body.token;
}
