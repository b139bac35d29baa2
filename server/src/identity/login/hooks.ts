import { APIError, getOAuthState } from 'better-auth/api';
import { defaultOrganisationId } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { AuditedChange } from '../../store/audit-store.ts';
import type { LoginStore } from '../../store/login-store.ts';
import type { InvitationService } from '../invitation-service.ts';
import type { LoginSettings } from './settings.ts';

export interface NewUser {
  id: string;
  name: string;
  email: string;
}

export interface LoginHooksDeps {
  settings: LoginSettings;
  store: Pick<LoginStore, 'userById' | 'join' | 'removeUser'>;
  invitations: Pick<InvitationService, 'peek' | 'accept'>;
  audited: AuditedChange;
}

/** What the hooks read of a request; better-auth gives null for what does not come by HTTP. */
interface HookContext {
  path?: string;
  params?: unknown;
  body?: unknown;
}

/** How somebody who is not here yet may come in. */
type Entry = { invitation: string } | { organisation: string; role: string };

/** What must hold whichever way somebody comes in: nobody joins uninvited, nobody suspended logs in, no foreign token is kept. */
export function createLoginHooks({ settings, store, invitations, audited }: LoginHooksDeps) {
  async function entryOf(user: { email: string }, context: HookContext | null): Promise<Entry> {
    const invitation = await invitationOf(context);
    if (invitation !== undefined) {
      const open = await invitations.peek(invitation).catch((error: unknown) => {
        if (error instanceof SluiceError && error.status < 500) throw notOpen(error.message);
        throw error;
      });
      if (open.email !== user.email.toLowerCase())
        throw notOpen('This invitation was sent to another address. Sign up with that one.');
      return { invitation };
    }
    const { id } = (context?.params ?? {}) as { id?: string };
    const join = context?.path === '/callback/:id' && settings.oidc.find((each) => each.id === id)?.join;
    if (join) return join;
    if (settings.signUp === 'open') return { organisation: defaultOrganisationId, role: 'member' };
    throw new APIError('FORBIDDEN', {
      code: 'INVITATION_REQUIRED',
      message: 'New people need an invitation here. Ask an administrator for one.',
    });
  }

  async function enter(user: NewUser, entry: Entry): Promise<void> {
    if ('invitation' in entry) {
      await invitations.accept(entry.invitation, user);
      return;
    }
    const { organisation, role } = entry;
    const actor = {
      kind: 'user' as const,
      keyId: `session:${user.id}`,
      keyName: user.name,
      organisationId: organisation,
    };
    await audited(actor, async (tx, note) => {
      await store.join(user.id, organisation, role, tx);
      await note({ action: 'member.join', target: { kind: 'user', id: user.id }, detail: { role } });
    });
  }

  return {
    user: {
      create: {
        async before(user: { email: string }, context: HookContext | null) {
          const entry = await entryOf(user, context);
          // An invitation goes to the address that it is for.
          return 'invitation' in entry ? { data: { ...user, emailVerified: true } } : undefined;
        },
        async after(user: NewUser, context: HookContext | null) {
          try {
            await enter(user, await entryOf(user, context));
          } catch (error) {
            // Somebody who belongs nowhere would keep the address from being invited again.
            await store.removeUser(user.id);
            throw error;
          }
        },
      },
    },
    session: {
      create: {
        async before({ userId }: { userId: string }) {
          const user = await store.userById(userId);
          if (user?.status !== 'active') {
            throw new APIError('FORBIDDEN', {
              code: 'ACCOUNT_SUSPENDED',
              message: 'This account is suspended. Ask an administrator.',
            });
          }
        },
      },
    },
    account: {
      create: {
        before: async (account: Record<string, unknown>) => ({ data: { ...account, ...noTokens } }),
      },
      update: {
        before: async (account: Record<string, unknown>) => ({ data: { ...account, ...noTokens } }),
      },
    },
  };
}

const notOpen = (message: string) => new APIError('FORBIDDEN', { code: 'INVITATION_NOT_OPEN', message });

/** What an issuer gave for acting in the person's name: not needed, so not kept. */
const noTokens = { accessToken: null, refreshToken: null, idToken: null };

/** In the body of a sign-up; on the way back from an issuer, in the state that went there and came back. */
async function invitationOf(context: HookContext | null): Promise<string | undefined> {
  const { invitation } =
    context?.path === '/callback/:id'
      ? ((await getOAuthState()) ?? {})
      : ((context?.body ?? {}) as { invitation?: unknown });
  return typeof invitation === 'string' ? invitation : undefined;
}
