import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { OrganisationService } from '../../identity/organisation-service.ts';
import type { OrganisationRow } from '../../store/organisation-store.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';
import { name, status, tags } from './tenancy-fields.ts';

const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Small letters, digits and single hyphens.')
  .min(2)
  .max(60);

export const organisationSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string().openapi({ description: 'A short name for addresses, which no other organisation has.' }),
    status,
    planId: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Organisation');

export const seenOrganisationSchema = organisationSchema
  .extend({ role: z.string().nullable().openapi({ description: 'Your own role in it; null: none.' }) })
  .openapi('SeenOrganisation');

const newSchema = z.strictObject({ name, slug: slug.optional() }).openapi('NewOrganisation');
const changeSchema = z
  .strictObject({ name: name.optional(), slug: slug.optional(), status: status.optional() })
  .openapi('OrganisationChange');

/** `/api/v1/organisations`: list, make, rename, suspend and reactivate. */
export function mountOrganisations(app: OpenAPIHono, access: PlatformAccess, organisations: OrganisationService): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/organisations',
      need: 'any',
      tags,
      summary: 'List your organisations; operators see all',
      responses: { 200: json('The organisations.', z.object({ data: z.array(seenOrganisationSchema) })) },
    },
    async ({ principal }) => ({
      data: (await organisations.list(principal)).map(({ organisation, role }) => ({
        ...presentOrganisation(organisation),
        role,
      })),
    }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/organisations',
      need: 'operator',
      tags,
      summary: 'Make an organisation',
      request: { body: jsonBody(newSchema) },
      responses: { 201: json('The organisation.', organisationSchema) },
    },
    async ({ principal, body }) => presentOrganisation(await organisations.create(principal, body)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/organisations/{id}',
      need: 'any',
      tags,
      summary: 'One organisation',
      request: { params: idParam },
      responses: { 200: json('The organisation.', organisationSchema) },
    },
    async ({ principal, params: { id } }) => presentOrganisation(await organisations.get(principal, id)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/organisations/{id}',
      need: 'organisation:write',
      tags,
      summary: 'Rename, suspend or reactivate an organisation',
      description: 'While it is suspended, all its keys and members are refused; only an operator can reactivate it.',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The organisation.', organisationSchema) },
    },
    async ({ principal, params: { id }, body }) => presentOrganisation(await organisations.change(principal, id, body)),
  );
}

export const presentOrganisation = ({ createdAt, ...row }: OrganisationRow) => ({
  ...row,
  createdAt: createdAt.toISOString(),
});
