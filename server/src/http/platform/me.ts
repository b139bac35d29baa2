import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { OrganisationService } from '../../identity/organisation-service.ts';
import type { PlatformAccess } from './access.ts';
import { presentOrganisation, seenOrganisationSchema } from './organisations.ts';
import { json, platformRoute } from './route.ts';
import { permission } from './tenancy-fields.ts';

const meSchema = z
  .object({
    kind: z.enum(['operator', 'key', 'user', 'token']),
    id: z.string().openapi({ description: 'As the ledger and the audit write it down.' }),
    name: z.string(),
    organisationId: z.string(),
    teamId: z.string().nullable(),
    userId: z.string().nullable(),
    role: z.string(),
    operator: z.boolean(),
    permissions: z
      .array(permission)
      .openapi({ description: 'What you may do in the end: no more than key, role and team all allow.' }),
    models: z.array(z.string()).nullable(),
    organisations: z.array(seenOrganisationSchema),
  })
  .openapi('Me');

/** `/api/v1/me`: who asks, and what they may do. */
export function mountMe(app: OpenAPIHono, access: PlatformAccess, organisations: OrganisationService): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/me',
      need: 'any',
      tags: ['Users'],
      summary: 'Who you are, what you may do, and your organisations',
      responses: { 200: json('You.', meSchema) },
    },
    async ({ principal }) => ({
      kind: principal.kind,
      id: principal.keyId,
      name: principal.keyName,
      organisationId: principal.organisationId,
      teamId: principal.teamId ?? null,
      userId: principal.userId ?? null,
      role: principal.role,
      operator: principal.operator,
      permissions: [...principal.permissions],
      models: principal.models ?? null,
      organisations: (await organisations.list(principal)).map(({ organisation, role }) => ({
        ...presentOrganisation(organisation),
        role,
      })),
    }),
  );
}
