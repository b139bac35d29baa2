import { createGrants } from './identity/grants.ts';
import { createInvitationService } from './identity/invitation-service.ts';
import type { Keyring } from './identity/keys.ts';
import { createMemberService } from './identity/member-service.ts';
import { createOrganisationService } from './identity/organisation-service.ts';
import { createUserPrincipals } from './identity/principal-of-user.ts';
import { createRoleService } from './identity/role-service.ts';
import { createTeamService } from './identity/team-service.ts';
import type { Bus } from './realtime/bus.ts';
import type { AuditedChange } from './store/audit-store.ts';
import type { Sql } from './store/database.ts';
import { createInvitationStore } from './store/invitation-store.ts';
import type { KeyStore } from './store/key-store.ts';
import { createMembershipStore } from './store/membership-store.ts';
import { createOrganisationStore } from './store/organisation-store.ts';
import { createRoleStore } from './store/role-store.ts';
import { createStandingStore } from './store/standing-store.ts';
import { createTeamStore } from './store/team-store.ts';
import { createUserStore } from './store/user-store.ts';

export interface TenancyParts {
  sql: () => Promise<Sql>;
  /** Where changes are told of, those of other replicas included. */
  bus: Pick<Bus, 'subscribe'>;
  keyStore: KeyStore;
  keyring: Pick<Keyring, 'forget'>;
  /** Tells the bus of what it did. */
  audited: AuditedChange;
}

/** Of these nouns the rights of keys and people are made. */
export const rightsNouns = ['organisation', 'team', 'user', 'member', 'role', 'invitation', 'key'];

/** Who is who: organisations, teams, people, roles and invitations. */
export function composeTenancy({ sql, bus, keyStore: keys, keyring, audited }: TenancyParts) {
  const organisations = createOrganisationStore(sql);
  const teams = createTeamStore(sql);
  const users = createUserStore(sql);
  const memberships = createMembershipStore(sql);
  const roles = createRoleStore(sql);
  const invitations = createInvitationStore(sql);
  const grants = createGrants({ roles });
  const principals = createUserPrincipals({ standings: createStandingStore(sql) });
  // A change is in force at once here and where the bus reaches, and within a second everywhere.
  bus.subscribe(rightsNouns, () => {
    keyring.forget();
    principals.forget();
  });
  return {
    principals,
    grants,
    stores: { organisations, teams, users, memberships, roles, invitations },
    services: {
      organisations: createOrganisationService({ organisations, audited }),
      teams: createTeamService({ teams, organisations, memberships, keys, audited }),
      members: createMemberService({
        users,
        memberships,
        organisations,
        teams,
        invitations,
        keys,
        grants,
        audited,
      }),
      roles: createRoleService({ roles, organisations, audited }),
      invitations: createInvitationService({
        invitations,
        organisations,
        memberships,
        teams,
        users,
        grants,
        audited,
      }),
    },
  };
}

export type Tenancy = ReturnType<typeof composeTenancy>;
