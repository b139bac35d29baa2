import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { CreatedKey, Key } from '../../../../shared/src/keys.ts';
import { isNetwork } from '../../core/network.ts';
import { dialects } from '../../core/wire-name.ts';
import { matchesPattern } from '../../identity/key-scopes.ts';
import type { KeyService } from '../../identity/key-service.ts';
import type { KeyRow } from '../../store/key-store.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';

const longestOverlapSeconds = 30 * 86_400;

const patternHint = 'An entry may end in *.';
const pattern = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^*]*\*?$/, 'A * may only stand at the end.');
const patterns = (entry: z.ZodType<string>, description: string) =>
  z
    .array(entry)
    .min(1)
    .max(100)
    .openapi({ description: `${description} ${patternHint}` });

const dialectPattern = pattern.refine((entry) => dialects.some((name) => matchesPattern([entry], name)), {
  error: `There is no such dialect. Dialects: ${dialects.join(', ')}.`,
});
const groupPattern = pattern.refine((entry) => !entry.startsWith('group/'), {
  error: 'Name the group without group/.',
});
const routePattern = pattern.refine((entry) => entry.startsWith('/'), { error: 'A path begins with a slash.' });
const network = z.string().max(100).refine(isNetwork, {
  error: 'Write an address or a network, like 192.0.2.7, 10.1.0.0/16 or 2001:db8::/32.',
});

const scopesSchema = z
  .strictObject({
    dialects: patterns(dialectPattern, 'Dialects that models may be called in.').optional(),
    groups: patterns(groupPattern, 'Groups that may be named as a model.').optional(),
    routes: patterns(routePattern, 'Paths of this server, the platform API included.').optional(),
    localOnly: z
      .boolean()
      .optional()
      .openapi({ description: "Whether its calls stay on the operator's own machines, whatever model is named." }),
  })
  .openapi('KeyScopes');

const limits = {
  models: patterns(pattern, 'Models the key may use.'),
  scopes: scopesSchema,
  addresses: z
    .array(network)
    .min(1)
    .max(100)
    .openapi({ description: 'Addresses and networks (CIDR) that the key may be used from.' }),
  expiresAt: z.iso.datetime({ offset: true }),
};
const tags = z.array(z.string().min(1).max(100)).max(20);
const name = z.string().min(1).max(200);
const role = z
  .string()
  .min(1)
  .max(100)
  .openapi({ description: 'A built-in role (owner, admin, member, viewer) or the id of a custom one.' });

const keySchema = z
  .object({
    id: z.string(),
    organisationId: z.string(),
    teamId: z.string().nullable(),
    userId: z.string().nullable().openapi({ description: 'The person it belongs to; null: a service key.' }),
    name: z.string(),
    hint: z.string().openapi({ description: 'Enough of the key to recognise it.', example: 'sl_live_3fQ…x9Za' }),
    role: z.string(),
    models: z
      .array(z.string())
      .nullable()
      .openapi({ description: `Models the key may use; null: all. ${patternHint}` }),
    scopes: scopesSchema.nullable(),
    addresses: z.array(z.string()).nullable(),
    tags: z.array(z.string()),
    createdBy: z.string().nullable(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
    previousUntil: z.iso
      .datetime()
      .nullable()
      .openapi({ description: 'Until when the secret before the last rotation still works.' }),
  })
  .openapi('Key');

const createdSchema = keySchema
  .extend({ key: z.string().openapi({ description: 'The key itself, shown this once.' }) })
  .openapi('CreatedKey');

const wishSchema = z
  .strictObject({
    name,
    role: role.default('member'),
    organisationId: z.string().max(100).optional().openapi({ description: 'Operators only.' }),
    teamId: z.string().max(100).nullable().optional(),
    userId: z
      .string()
      .max(100)
      .nullable()
      .optional()
      .openapi({ description: 'The person it is for; null: a service key. Left out: whoever asks.' }),
    models: limits.models.optional(),
    scopes: limits.scopes.optional(),
    addresses: limits.addresses.optional(),
    tags: tags.optional(),
    expiresAt: limits.expiresAt.optional(),
  })
  .openapi('NewKey');

const changeSchema = z
  .strictObject({
    name: name.optional(),
    role: role.optional(),
    models: limits.models.nullable().optional(),
    scopes: limits.scopes.nullable().optional(),
    addresses: limits.addresses.nullable().optional(),
    tags: tags.optional(),
    expiresAt: limits.expiresAt.nullable().optional(),
  })
  .openapi('KeyChange', { description: 'What is left out stays; null takes a limit away.' });

const rotationSchema = z
  .strictObject({
    overlapSeconds: z
      .number()
      .int()
      .min(0)
      .max(longestOverlapSeconds)
      .default(0)
      .openapi({ description: 'How long the old secret works beside the new one.' }),
  })
  .openapi('KeyRotation');

const route = { tags: ['Keys'], need: 'keys:write' as const };

/** `/api/v1/keys`: create, list, change, rotate, revoke. */
export function mountKeys(app: OpenAPIHono, access: PlatformAccess, keys: KeyService): void {
  platformRoute(
    app,
    access,
    {
      ...route,
      method: 'post',
      path: '/api/v1/keys',
      summary: 'Create a key, which may do no more than you may yourself',
      request: { body: jsonBody(wishSchema) },
      responses: { 201: json('The key, shown once.', createdSchema) },
    },
    async ({ body, principal }) => presentCreated(await keys.create(principal, withTime(body))),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      method: 'get',
      path: '/api/v1/keys',
      need: 'keys:read',
      summary: 'List keys, newest first',
      responses: { 200: json('The keys.', z.object({ data: z.array(keySchema) })) },
    },
    async ({ principal }) => ({ data: (await keys.list(principal)).map(present) }),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      method: 'get',
      path: '/api/v1/keys/{id}',
      need: 'keys:read',
      summary: 'One key',
      request: { params: idParam },
      responses: { 200: json('The key.', keySchema) },
    },
    async ({ params: { id }, principal }) => present(await keys.get(principal, id)),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      method: 'patch',
      path: '/api/v1/keys/{id}',
      summary: 'Change what a key is called and what it may do',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The key as it is now.', keySchema) },
    },
    async ({ params: { id }, body, principal }) => present(await keys.update(principal, id, withTime(body))),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      method: 'post',
      path: '/api/v1/keys/{id}/rotate',
      summary: 'Give a key a new secret; the old one ends at once, or after an overlap',
      request: { params: idParam, body: { ...jsonBody(rotationSchema), required: false } },
      responses: { 200: json('The key with its new secret, shown once.', createdSchema) },
    },
    async ({ params: { id }, body, principal }) =>
      presentCreated(await keys.rotate(principal, id, body?.overlapSeconds ?? 0)),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      method: 'delete',
      path: '/api/v1/keys/{id}',
      summary: 'Revoke a key',
      request: { params: idParam },
      responses: { 200: json('The key, revoked.', keySchema) },
    },
    async ({ params: { id }, principal }) => present(await keys.revoke(principal, id)),
  );
}

/** The same with its time read; a time that is left out stays out, and null stays null. */
function withTime<Body extends { expiresAt?: string | null }>({ expiresAt, ...rest }: Body) {
  return {
    ...rest,
    ...(expiresAt !== undefined && { expiresAt: expiresAt === null ? null : new Date(expiresAt) }),
  };
}

const presentCreated = ({ row, key }: { row: KeyRow; key: string }): CreatedKey => ({ ...present(row), key });

const present = (row: KeyRow): Key => ({
  id: row.id,
  organisationId: row.organisationId,
  teamId: row.teamId,
  userId: row.userId,
  name: row.name,
  hint: row.hint,
  role: row.role,
  models: row.models,
  scopes: row.scopes,
  addresses: row.addresses,
  tags: row.tags,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  previousUntil: row.previousUntil?.toISOString() ?? null,
});
