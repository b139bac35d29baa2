import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { KeyService } from '../../identity/key-service.ts';
import type { KeyRow } from '../../store/key-store.ts';
import type { PlatformAccess } from './access.ts';
import { json, jsonBody, platformRoute } from './route.ts';

const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    hint: z.string().openapi({ description: 'Enough of the key to recognise it.', example: 'sl_live_3fQ…x9Za' }),
    role: z.string(),
    models: z
      .array(z.string())
      .nullable()
      .openapi({ description: 'Models the key may use; null: all. An entry may end in *.' }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .openapi('Key');

const createdSchema = keySchema
  .extend({ key: z.string().openapi({ description: 'The key itself, shown this once.' }) })
  .openapi('CreatedKey');

const wishSchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    role: z.enum(['admin', 'member']).default('member'),
    models: z.array(z.string().min(1).max(200)).min(1).optional(),
    expiresAt: z.iso.datetime({ offset: true }).optional(),
  })
  .openapi('NewKey');

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
/** `/api/v1/keys`: create, list, rotate, revoke. */
export function mountKeys(app: OpenAPIHono, access: PlatformAccess, keys: KeyService): void {
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/keys',
      need: 'keys:write',
      tags: ['Keys'],
      summary: 'Create a key',
      request: { body: jsonBody(wishSchema) },
      responses: { 201: json('The key, shown once.', createdSchema) },
    },
    async ({ body: { expiresAt, ...wish }, principal }) => {
      const { row, key } = await keys.create(principal, {
        ...wish,
        ...(expiresAt && { expiresAt: new Date(expiresAt) }),
      });
      return { ...present(row), key };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/keys',
      need: 'keys:read',
      tags: ['Keys'],
      summary: 'List keys, newest first',
      responses: { 200: json('The keys.', z.object({ data: z.array(keySchema) })) },
    },
    async ({ principal }) => ({ data: (await keys.list(principal)).map(present) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/keys/{id}/rotate',
      need: 'keys:write',
      tags: ['Keys'],
      summary: 'Give a key a new secret; the old one ends at once',
      request: { params: idParam },
      responses: { 200: json('The key with its new secret, shown once.', createdSchema) },
    },
    async ({ params: { id }, principal }) => {
      const { row, key } = await keys.rotate(principal, id);
      return { ...present(row), key };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/keys/{id}',
      need: 'keys:write',
      tags: ['Keys'],
      summary: 'Revoke a key',
      request: { params: idParam },
      responses: { 200: json('The key, revoked.', keySchema) },
    },
    async ({ params: { id }, principal }) => present(await keys.revoke(principal, id)),
  );
}

const present = ({
  hash: _,
  previousHash: __,
  previousUntil,
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
  ...row
}: KeyRow) => ({
  ...row,
  previousUntil: previousUntil?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  revokedAt: revokedAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});
