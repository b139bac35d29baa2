import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { RoleService } from '../../identity/role-service.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';
import { name, organisationField, organisationQuery, permission, permissionList } from './tenancy-fields.ts';

const tags = ['Roles'];

const roleSchema = z
  .object({
    id: z.string().openapi({ description: 'What a member, key or invitation is given: the name of a built-in role.' }),
    name: z.string(),
    builtIn: z.boolean(),
    organisationId: z.string().nullable(),
    permissions: z.array(permission),
  })
  .openapi('Role');

const newSchema = z
  .strictObject({ name, permissions: permissionList, organisationId: organisationField })
  .openapi('NewRole');
const changeSchema = z
  .strictObject({ name: name.optional(), permissions: permissionList.optional() })
  .openapi('RoleChange');

/** `/api/v1/roles`: the built-in ones, and those of the organisation's own making. */
export function mountRoles(app: OpenAPIHono, access: PlatformAccess, roles: RoleService): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/roles',
      need: 'members:read',
      tags,
      summary: 'List roles and what they allow',
      request: { query: organisationQuery },
      responses: { 200: json('The roles.', z.object({ data: z.array(roleSchema) })) },
    },
    async ({ principal, query }) => ({ data: await roles.list(principal, query.organisationId) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/roles',
      need: 'members:write',
      tags,
      summary: 'Make a role',
      description: 'It may allow no more than you may do yourself.',
      request: { body: jsonBody(newSchema) },
      responses: { 201: json('The role.', roleSchema) },
    },
    ({ principal, body }) => roles.create(principal, body),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/roles/{id}',
      need: 'members:write',
      tags,
      summary: 'Change a role; whoever has it may do the new things within a second',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The role.', roleSchema) },
    },
    ({ principal, params: { id }, body }) => roles.change(principal, id, body),
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/roles/{id}',
      need: 'members:write',
      tags,
      summary: 'Remove a role that nobody has',
      request: { params: idParam },
      responses: { 204: { description: 'Removed.' } },
    },
    ({ principal, params: { id } }) => roles.remove(principal, id),
  );
}
