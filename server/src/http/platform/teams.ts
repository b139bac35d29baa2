import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { TeamService } from '../../identity/team-service.ts';
import type { TeamRow } from '../../store/team-store.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';
import { name, organisationField, organisationQuery, permission, permissionList, status } from './tenancy-fields.ts';

const tags = ['Teams'];

const teamSchema = z
  .object({
    id: z.string(),
    organisationId: z.string(),
    name: z.string(),
    status,
    permissions: z
      .array(permission)
      .nullable()
      .openapi({ description: 'The most that a key of this team may do; null: whatever its role allows.' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('Team');

const memberSchema = z
  .object({ id: z.string(), name: z.string(), email: z.string(), role: z.string() })
  .openapi('TeamMember');

const newSchema = z
  .strictObject({ name, permissions: permissionList.nullable().optional(), organisationId: organisationField })
  .openapi('NewTeam');
const changeSchema = z
  .strictObject({ name: name.optional(), status: status.optional(), permissions: permissionList.nullable().optional() })
  .openapi('TeamChange');
const memberParams = idParam.extend({ userId: z.string().openapi({ param: { name: 'userId', in: 'path' } }) });

/** `/api/v1/teams`: teams and who is in them. */
export function mountTeams(app: OpenAPIHono, access: PlatformAccess, teams: TeamService): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/teams',
      need: 'members:read',
      tags,
      summary: 'List teams, by name',
      request: { query: organisationQuery },
      responses: { 200: json('The teams.', z.object({ data: z.array(teamSchema) })) },
    },
    async ({ principal, query }) => ({ data: (await teams.list(principal, query.organisationId)).map(present) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/teams',
      need: 'members:write',
      tags,
      summary: 'Make a team',
      request: { body: jsonBody(newSchema) },
      responses: { 201: json('The team.', teamSchema) },
    },
    async ({ principal, body }) => present(await teams.create(principal, body)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/teams/{id}',
      need: 'members:read',
      tags,
      summary: 'One team',
      request: { params: idParam },
      responses: { 200: json('The team.', teamSchema) },
    },
    async ({ principal, params: { id } }) => present(await teams.get(principal, id)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/teams/{id}',
      need: 'members:write',
      tags,
      summary: 'Rename, limit, suspend or reactivate a team',
      description: 'While it is suspended, its keys are refused.',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The team.', teamSchema) },
    },
    async ({ principal, params: { id }, body }) => present(await teams.change(principal, id, body)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/teams/{id}',
      need: 'members:write',
      tags,
      summary: 'Remove a team; its keys end',
      request: { params: idParam },
      responses: { 204: { description: 'Removed.' } },
    },
    ({ principal, params: { id } }) => teams.remove(principal, id),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/teams/{id}/members',
      need: 'members:read',
      tags,
      summary: 'Who is in a team',
      request: { params: idParam },
      responses: { 200: json('The members.', z.object({ data: z.array(memberSchema) })) },
    },
    async ({ principal, params: { id } }) => ({ data: await teams.members(principal, id) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'put',
      path: '/api/v1/teams/{id}/members/{userId}',
      need: 'members:write',
      tags,
      summary: 'Put a member of the organisation into a team',
      request: { params: memberParams },
      responses: { 204: { description: 'They are in it.' } },
    },
    ({ principal, params: { id, userId } }) => teams.addMember(principal, id, userId),
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/teams/{id}/members/{userId}',
      need: 'members:write',
      tags,
      summary: 'Take somebody out of a team; the keys they had for it end',
      request: { params: memberParams },
      responses: { 204: { description: 'They are out of it.' } },
    },
    ({ principal, params: { id, userId } }) => teams.removeMember(principal, id, userId),
  );
}

const present = ({ createdAt, ...row }: TeamRow) => ({ ...row, createdAt: createdAt.toISOString() });
