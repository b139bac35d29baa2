import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { KeyService } from '../../identity/key-service.ts';
import type { KeyRow } from '../../store/key-store.ts';
import { asPrincipal, type PlatformAccess } from './access.ts';
import { problems, secured } from './documented.ts';

const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    hint: z.string().openapi({ description: 'Enough of the key to recognise it.', example: 'sl_live_3fQ…x9Za' }),
    role: z.enum(['admin', 'member']),
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
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
});

/** `/api/v1/keys`: create, list, rotate, revoke. Needs the role admin. */
export function mountKeys(app: OpenAPIHono, access: PlatformAccess, keys: KeyService): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/v1/keys',
      tags: ['Keys'],
      summary: 'Create a key',
      security: secured,
      request: { body: { content: { 'application/json': { schema: wishSchema } }, required: true } },
      responses: { 201: json('The key, shown once.', createdSchema), ...problems },
    }),
    (context) =>
      asPrincipal(context, access, 'admin', async () => {
        const { expiresAt, ...wish } = context.req.valid('json');
        const { row, key } = await keys.create({ ...wish, ...(expiresAt && { expiresAt: new Date(expiresAt) }) });
        return context.json({ ...present(row), key }, 201);
      }) as never,
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/v1/keys',
      tags: ['Keys'],
      summary: 'List keys, newest first',
      security: secured,
      responses: { 200: json('The keys.', z.object({ data: z.array(keySchema) })), ...problems },
    }),
    (context) =>
      asPrincipal(context, access, 'admin', async () =>
        context.json({ data: (await keys.list()).map(present) }, 200),
      ) as never,
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/v1/keys/{id}/rotate',
      tags: ['Keys'],
      summary: 'Give a key a new secret; the old one ends at once',
      security: secured,
      request: { params: idParam },
      responses: { 200: json('The key with its new secret, shown once.', createdSchema), ...problems },
    }),
    (context) =>
      asPrincipal(context, access, 'admin', async () => {
        const { row, key } = await keys.rotate(context.req.valid('param').id);
        return context.json({ ...present(row), key }, 200);
      }) as never,
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/api/v1/keys/{id}',
      tags: ['Keys'],
      summary: 'Revoke a key',
      security: secured,
      request: { params: idParam },
      responses: { 200: json('The key, revoked.', keySchema), ...problems },
    }),
    (context) =>
      asPrincipal(context, access, 'admin', async () =>
        context.json(present(await keys.revoke(context.req.valid('param').id)), 200),
      ) as never,
  );
}

const present = ({ hash: _, createdAt, expiresAt, revokedAt, lastUsedAt, ...row }: KeyRow) => ({
  ...row,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  revokedAt: revokedAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});
