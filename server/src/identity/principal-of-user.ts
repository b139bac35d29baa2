import { defaultOrganisationId, type Principal, permissions } from '../core/principal.ts';
import type { StandingStore, UserStanding } from '../store/standing-store.ts';
import { permissionsOfMember } from './effective-rights.ts';
import { createShortMemory } from './short-memory.ts';

export interface UserPrincipalsDeps {
  standings: Pick<StandingStore, 'ofUser'>;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
}

type Principals = (organisationId: string | undefined) => Principal | undefined;

/** Finds out what a person may do, for whoever has made sure who they are (a session, a token). */
export function createUserPrincipals({ standings, nowMs = () => performance.now() }: UserPrincipalsDeps) {
  const memory = createShortMemory<Principals>({
    load: async (userId) => principalsOf(await standings.ofUser(userId)),
    nowMs,
  });
  return {
    /**
     * The principal of a person in an organisation, or in the first that takes them; undefined when they are unknown,
     * suspended or no member there, or the organisation is suspended. Without waiting when read within the last second. Its
     * `keyId` is `session:<user>`.
     */
    principalOfUser(userId: string, organisationId?: string): Principal | undefined | Promise<Principal | undefined> {
      const known = memory.recall(userId);
      return known ? known.value(organisationId) : memory.read(userId).then((find) => find(organisationId));
    },
    /** Forgets what is believed of people, after something changed. */
    forget: memory.forget,
  };
}

export type UserPrincipals = ReturnType<typeof createUserPrincipals>;

function principalsOf(rows: readonly UserStanding[]): Principals {
  const made = new Map<string, Principal>();
  const user = rows[0]?.user;
  if (user?.status !== 'active') return () => undefined;
  for (const { organisation, membership } of rows) {
    if (organisation?.status !== 'active' || membership?.status !== 'active') continue;
    made.set(organisation.id, {
      ...whoIs(user),
      organisationId: organisation.id,
      role: membership.role,
      permissions: new Set(permissionsOfMember(membership)),
      operator: false,
    });
  }
  const [first] = made.values();
  if (!user.operator) return (organisationId) => (organisationId === undefined ? first : made.get(organisationId));
  // An operator may do everything everywhere, member or not.
  return (organisationId = first?.organisationId ?? defaultOrganisationId) => ({
    ...whoIs(user),
    organisationId,
    role: 'operator',
    permissions: new Set(permissions),
    operator: true,
  });
}

const whoIs = ({ id, name, email }: UserStanding['user']) => ({
  kind: 'user' as const,
  keyId: `session:${id}`,
  keyName: name || email,
  userId: id,
});
