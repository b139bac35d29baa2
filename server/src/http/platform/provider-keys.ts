import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { invalidRequest } from '../../core/sluice-error.ts';
import type { GivenSecret, ProviderKeyService } from '../../identity/provider-key-service.ts';
import { isReference } from '../../identity/secrets/reference.ts';
import type { ProviderKeyRow } from '../../store/provider-key-store.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';

const providerKeySchema = z
  .object({
    id: z.string(),
    organisationId: z.string(),
    userId: z.string().nullable().openapi({ description: 'Whose calls use it; null: all of the organisation.' }),
    provider: z.string(),
    name: z.string(),
    hint: z.string().openapi({ description: 'Enough of the key to recognise it, or its reference.', example: '…x9Za' }),
    reference: z.string().nullable(),
    masterVersion: z.number().int().nullable().openapi({ description: 'The master key that it is sealed under.' }),
    valid: z
      .boolean()
      .nullable()
      .openapi({ description: 'What the provider said when it was asked last; null: it was not asked.' }),
    checkedAt: z.iso.datetime().nullable(),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    rotatedAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .openapi('ProviderKey');

const secretFields = {
  key: z
    .string()
    .min(1)
    .max(10_000)
    .regex(/^[\x21-\x7e]+$/, 'A key has no spaces and no line breaks.')
    .optional(),
  reference: z
    .string()
    .max(500)
    .refine(isReference, 'Write env:, file:, vault:, aws-sm: or gcp-sm: and where the secret is.')
    .optional()
    .openapi({ description: 'Instead of `key`, where a secret manager keeps it. Operators only.' }),
  validate: z.boolean().default(true).openapi({ description: 'Ask the provider first whether it takes the key.' }),
};

const wishSchema = z
  .strictObject({
    provider: z.string().min(1).max(200),
    name: z.string().min(1).max(200),
    owner: z.enum(['organisation', 'me']).optional().openapi({
      description: 'Whose calls use it. Left out: the organisation’s, or yours when that is all you may do.',
    }),
    organisationId: z.string().max(100).optional().openapi({ description: 'Operators only.' }),
    ...secretFields,
  })
  .openapi('NewProviderKey');
const rotationSchema = z.strictObject(secretFields).openapi('ProviderKeyRotation');

const route = { tags: ['Provider keys'], need: 'provider-keys:write' as const };
const one = { request: { params: idParam }, responses: { 200: json('The key.', providerKeySchema) } };

/** `/api/v1/provider-keys`: keys of providers that an organisation or a person brings. */
export function mountProviderKeys(app: OpenAPIHono, access: PlatformAccess, keys: ProviderKeyService): void {
  platformRoute(
    app,
    access,
    {
      ...route,
      method: 'post',
      path: '/api/v1/provider-keys',
      summary: 'Bring a provider key, for the organisation or for yourself',
      request: { body: jsonBody(wishSchema) },
      responses: { 201: json('The key, by its hint.', providerKeySchema) },
    },
    async ({ body: { key, reference, ...wish }, principal }) =>
      present(await keys.create(principal, { ...wish, secret: secretOf(key, reference) })),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      method: 'get',
      path: '/api/v1/provider-keys',
      need: 'provider-keys:read',
      summary: 'List provider keys, newest first',
      responses: { 200: json('The keys.', z.object({ data: z.array(providerKeySchema) })) },
    },
    async ({ principal }) => ({ data: (await keys.list(principal)).map(present) }),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      ...one,
      method: 'get',
      path: '/api/v1/provider-keys/{id}',
      need: 'provider-keys:read',
      summary: 'One provider key',
    },
    async ({ params: { id }, principal }) => present(await keys.get(principal, id)),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      ...one,
      method: 'post',
      path: '/api/v1/provider-keys/{id}/validate',
      summary: 'Ask the provider whether it still takes the key',
    },
    async ({ params: { id }, principal }) => present(await keys.validate(principal, id)),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      method: 'post',
      path: '/api/v1/provider-keys/{id}/rotate',
      summary: 'Put another key in place of the old one',
      request: { params: idParam, body: jsonBody(rotationSchema) },
      responses: { 200: json('The key.', providerKeySchema) },
    },
    async ({ params: { id }, body: { key, reference, validate }, principal }) =>
      present(await keys.rotate(principal, id, secretOf(key, reference), validate)),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      ...one,
      method: 'post',
      path: '/api/v1/provider-keys/{id}/revoke',
      summary: 'Use a provider key no more, and keep what is known of it',
    },
    async ({ params: { id }, principal }) => present(await keys.revoke(principal, id)),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      method: 'delete',
      path: '/api/v1/provider-keys/{id}',
      summary: 'Delete a provider key',
      request: { params: idParam },
      responses: { 204: { description: 'It is gone.' } },
    },
    ({ params: { id }, principal }) => keys.remove(principal, id),
  );
}

function secretOf(key: string | undefined, reference: string | undefined): GivenSecret {
  if (key !== undefined && reference === undefined) return { key };
  if (reference !== undefined && key === undefined) return { reference };
  throw invalidRequest('Send either `key` or `reference`.', 'key');
}

const present = (row: ProviderKeyRow) => ({
  id: row.id,
  organisationId: row.organisationId,
  userId: row.userId,
  provider: row.provider,
  name: row.name,
  hint: row.hint,
  reference: row.reference,
  masterVersion: row.masterVersion,
  valid: row.valid,
  checkedAt: row.checkedAt?.toISOString() ?? null,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  rotatedAt: row.rotatedAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
});
