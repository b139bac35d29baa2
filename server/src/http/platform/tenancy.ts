import type { OpenAPIHono } from '@hono/zod-openapi';
import type { InvitationService } from '../../identity/invitation-service.ts';
import type { MemberService } from '../../identity/member-service.ts';
import type { OrganisationService } from '../../identity/organisation-service.ts';
import type { RoleService } from '../../identity/role-service.ts';
import type { TeamService } from '../../identity/team-service.ts';
import type { PlatformAccess } from './access.ts';
import { mountInvitations } from './invitations.ts';
import { mountMe } from './me.ts';
import { mountOrganisations } from './organisations.ts';
import { mountRoles } from './roles.ts';
import { mountTeams } from './teams.ts';
import { mountUsers } from './users.ts';

export interface TenancyDeps {
  organisations: OrganisationService;
  teams: TeamService;
  members: MemberService;
  roles: RoleService;
  invitations: InvitationService;
}

/** The routes that say who is who. */
export function mountTenancy(app: OpenAPIHono, access: PlatformAccess, tenancy: TenancyDeps): void {
  mountMe(app, access, tenancy.organisations);
  mountOrganisations(app, access, tenancy.organisations);
  mountTeams(app, access, tenancy.teams);
  mountUsers(app, access, tenancy.members);
  mountRoles(app, access, tenancy.roles);
  mountInvitations(app, access, tenancy.invitations);
}
