import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { invalidRequest } from '../../core/sluice-error.ts';
import type { MemberService } from '../../identity/member-service.ts';
import type { UserWithMemberships } from '../../store/user-store.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';
import { organisationQuery, status } from './tenancy-fields.ts';

const tags = ['Users'];

const userSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    emailVerified: z.boolean(),
    operator: z.boolean(),
    status: status.openapi({ description: 'Of the person as a whole: a suspended one is refused everywhere.' }),
    createdAt: z.iso.datetime(),
    memberships: z
      .array(z.object({ organisationId: z.string(), role: z.string(), status, createdAt: z.iso.datetime() }))
      .openapi({ description: 'In your organisation; operators see all.' }),
  })
  .openapi('User');

const changeSchema = z
  .strictObject({
    role: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: 'A built-in role by its name, a custom one by its id.' }),
    status: status.optional(),
  })
  .openapi('UserChange');

/** `/api/v1/users`: the members of organisations. */
export function mountUsers(app: OpenAPIHono, access: PlatformAccess, members: MemberService): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/users',
      need: 'members:read',
      tags,
      summary: 'List the members of your organisation, by name; operators see everybody',
      request: { query: organisationQuery },
      responses: { 200: json('The people.', z.object({ data: z.array(userSchema) })) },
    },
    async ({ principal, query }) => ({ data: (await members.list(principal, query.organisationId)).map(present) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/users/{id}',
      need: 'members:read',
      tags,
      summary: 'One member',
      request: { params: idParam, query: organisationQuery },
      responses: { 200: json('The person.', userSchema) },
    },
    async ({ principal, params: { id }, query }) => present(await members.get(principal, id, query.organisationId)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/users/{id}',
      need: 'members:write',
      tags,
      summary: "Change a member's role, suspend or reactivate them",
      description:
        'In your organisation, or in the one that is named. An operator who names none suspends or reactivates the person everywhere.',
      request: { params: idParam, query: organisationQuery, body: jsonBody(changeSchema) },
      responses: { 200: json('The person.', userSchema) },
    },
    async ({ principal, params: { id }, query: { organisationId }, body }) => {
      const { role, status } = body;
      if (role === undefined && status === undefined) throw invalidRequest('Give `role`, `status` or both.');
      const everywhere = principal.operator && organisationId === undefined && role === undefined;
      if (everywhere && status !== undefined) await members.setStatus(principal, id, status);
      else await members.change(principal, id, body, organisationId);
      return present(await members.get(principal, id, organisationId));
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/users/{id}',
      need: 'members:write',
      tags,
      summary: 'Take a member out of the organisation; their keys there end',
      request: { params: idParam, query: organisationQuery },
      responses: { 204: { description: 'They are no member any more.' } },
    },
    ({ principal, params: { id }, query }) => members.remove(principal, id, query.organisationId),
  );
}

const present = ({ user, memberships }: UserWithMemberships) => ({
  id: user.id,
  name: user.name,
  email: user.email,
  emailVerified: user.emailVerified,
  operator: user.operator,
  status: user.status,
  createdAt: user.createdAt.toISOString(),
  memberships: memberships.map(({ organisationId, role, status, createdAt }) => ({
    organisationId,
    role,
    status,
    createdAt: createdAt.toISOString(),
  })),
});
