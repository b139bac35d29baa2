import type { Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { LiveSession, LoginStore } from '../../store/login-store.ts';
import type { UserPrincipals } from '../principal-of-user.ts';
import { createShortMemory } from '../short-memory.ts';
import { cookieValue, unsigned } from './cookies.ts';
import { type Origins, requireSameOrigin } from './origins.ts';

export interface SessionsDeps {
  store: Pick<LoginStore, 'liveSession'>;
  principals: Pick<UserPrincipals, 'principalOfUser'>;
  origins: Origins;
  cookieName(origin: string): string;
  secret: string;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
  now?: () => Date;
}

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Finds out whose session a request carries. */
export function createSessions(deps: SessionsDeps) {
  const {
    store,
    principals,
    origins,
    cookieName,
    secret,
    nowMs = () => performance.now(),
    now = () => new Date(),
  } = deps;
  const memory = createShortMemory<LiveSession | undefined>({
    load: (token) => store.liveSession(token, now()),
    nowMs,
  });

  /** The token that the request's cookie holds, if it is signed by us. Whether its session lives is another matter. */
  function tokenOf(request: Request): string | undefined {
    const header = request.headers.get('cookie');
    if (header === null) return undefined;
    const origin = origins.of(request);
    return origin === undefined ? undefined : unsigned(cookieValue(header, cookieName(origin)), secret);
  }

  async function find(token: string): Promise<LiveSession | undefined> {
    const session = (memory.recall(token) ?? { value: await memory.read(token) }).value;
    return session && session.expiresAt > now() ? session : undefined;
  }

  async function principalOf(token: string, organisationId: string | undefined): Promise<Principal> {
    const session = await find(token);
    if (!session) throw new SluiceError('invalid_key', 'This session has ended. Log in again.');
    const principal = await principals.principalOfUser(session.userId, organisationId);
    if (principal) return principal;
    if (organisationId !== undefined)
      throw new SluiceError('not_found', `There is no organisation ${JSON.stringify(organisationId)}.`);
    throw new SluiceError('forbidden', 'You belong to no organisation here. Ask an administrator for an invitation.');
  }

  return {
    tokenOf,
    originOf: origins.of,
    find,
    /**
     * The person whose session the request carries, in the organisation named or their first; undefined without a session.
     * Throws `invalid_key` when it has ended, `forbidden` for a change that another site asks for, and `not_found` for an
     * organisation that is not theirs.
     */
    identify(request: Request, organisationId: string | undefined): Promise<Principal> | undefined {
      const token = tokenOf(request);
      if (token === undefined) return undefined;
      if (!reads.has(request.method)) requireSameOrigin(request, origins.of(request)!);
      return principalOf(token, organisationId);
    },
    /** Forgets what is believed of sessions, after one of them ended. */
    forget: memory.forget,
  };
}

export type Sessions = ReturnType<typeof createSessions>;
