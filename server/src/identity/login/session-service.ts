import { randomBytes } from 'node:crypto';
import type { Permission, Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { AuditedChange } from '../../store/audit-store.ts';
import type { LoginStore, SessionRow } from '../../store/login-store.ts';
import { authorise, mayEver } from '../authorise.ts';
import { mustHold } from '../grants.ts';
import type { Sessions } from './sessions.ts';

export interface PasswordReset {
  token: string;
  url: string;
  expiresAt: Date;
}

export interface SessionServiceDeps {
  store: Pick<
    LoginStore,
    'sessionsOf' | 'sessionById' | 'removeSession' | 'organisationsOf' | 'membersOf' | 'userById'
  >;
  sessions: Pick<Sessions, 'forget'>;
  audited: AuditedChange;
  /** What people of an organisation may do, by their role there. */
  permissionsOf(organisationId: string, role: string): Promise<readonly Permission[]>;
  /** Keeps a token by which a person may choose a new password. */
  keepReset(origin: string, userId: string, token: string, expiresAt: Date): Promise<void>;
  resetUrl(origin: string, token: string): string;
  resetSeconds: number;
  now?: () => Date;
}

/** Where people are logged in, and how an administrator helps somebody who cannot log in. */
export function createSessionService(deps: SessionServiceDeps) {
  const { store, sessions, audited, permissionsOf, keepReset, resetUrl, resetSeconds, now = () => new Date() } = deps;

  /** A person's own are theirs while they are logged in; those of others take the right to manage members. */
  async function find(actor: Principal, id: string): Promise<SessionRow> {
    const row = await store.sessionById(id);
    if (!row || row.expiresAt <= now()) throw noSession(id);
    if (isOwn(actor, row.userId)) return row;
    // Whether there is such a session is nobody's business who may not end it.
    if (!mayEver(actor, 'members:write')) throw noSession(id);
    const organisations = await store.organisationsOf(row.userId);
    const shared =
      organisations.find(({ organisationId }) => organisationId === actor.organisationId) ?? organisations[0];
    authorise(actor, 'members:write', { kind: 'session', id, organisationId: shared?.organisationId ?? '' });
    return row;
  }

  return {
    /** One's own, or with `all` those of everybody in the actor's organisation. */
    async list(actor: Principal, { all }: { all: boolean }): Promise<SessionRow[]> {
      if (!all) return actor.kind === 'user' && actor.userId ? store.sessionsOf([actor.userId], now()) : [];
      authorise(actor, 'members:write', { kind: 'session', organisationId: actor.organisationId });
      const members = await store.membersOf(actor.organisationId);
      return store.sessionsOf(
        members.map(({ userId }) => userId),
        now(),
      );
    },
    /** Ends a session: its cookie is worth nothing any more, here at once and elsewhere within a second. */
    async end(actor: Principal, id: string): Promise<void> {
      const { userId } = await find(actor, id);
      await audited(actor, async (tx, note) => {
        await store.removeSession(id, tx);
        await note({ action: 'session.delete', target: { kind: 'session', id }, detail: { userId } });
      });
      sessions.forget();
    },
    /**
     * A way to a new password, to be handed to the person. For operators, and for those who manage members and may do no less
     * than the person may do anywhere: who sets a password can do what its owner can.
     */
    async resetPassword(actor: Principal, userId: string, origin: string): Promise<PasswordReset> {
      const user = await store.userById(userId);
      const organisations = user ? await store.organisationsOf(userId) : [];
      const noUser = new SluiceError('not_found', `There is no user ${JSON.stringify(userId)}.`);
      if (!user) throw noUser;
      const own = organisations.find(({ organisationId }) => organisationId === actor.organisationId);
      if (!actor.operator && !own) throw noUser;
      authorise(actor, 'members:write', { kind: 'user', id: userId, organisationId: own?.organisationId ?? '' });
      if (!actor.operator) {
        if (user.operator || organisations.length > 1) {
          throw new SluiceError(
            'forbidden',
            'This person belongs to other organisations too, or runs this gateway. Ask an operator for the link.',
          );
        }
        mustHold(actor, await permissionsOf(own!.organisationId, own!.role));
      }
      const token = randomBytes(24).toString('base64url');
      const expiresAt = new Date(now().getTime() + resetSeconds * 1000);
      await keepReset(origin, userId, token, expiresAt);
      await audited(actor, (_tx, note) =>
        note({
          action: 'user.reset-password',
          target: { kind: 'user', id: userId },
          ...(own && { organisationId: own.organisationId }),
        }),
      );
      return { token, url: resetUrl(origin, token), expiresAt };
    },
  };
}

export type SessionService = ReturnType<typeof createSessionService>;

const isOwn = (actor: Principal, userId: string): boolean => actor.kind === 'user' && actor.userId === userId;
const noSession = (id: string) => new SluiceError('not_found', `There is no session ${JSON.stringify(id)}.`);
