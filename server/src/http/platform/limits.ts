import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { LimitService } from '../../policy/limits/limit-service.ts';
import type { LimitRow } from '../../store/limit-store.ts';
import { limitSubjects } from '../../store/schema.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';

const figure = (description: string) =>
  z.number().int().min(1).max(1_000_000_000).nullable().optional().openapi({ description });

const figures = {
  requestsPerMinute: figure('Requests within any minute; null: not limited.'),
  tokensPerMinute: figure('Tokens in and out within a minute; null: not limited.'),
  concurrent: figure('Calls that run at the same time; null: not limited.'),
};

const wishSchema = z
  .strictObject({
    organisationId: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: "For operators: another organisation than the key's own." }),
    subject: z.enum(limitSubjects).openapi({ description: 'Whose calls are counted together.' }),
    subjectId: z
      .string()
      .min(1)
      .max(200)
      .nullable()
      .optional()
      .openapi({ description: 'The one team, user, key or thread it is for; null: each of them, counted apart.' }),
    model: z.string().min(1).max(200).nullable().optional().openapi({
      description: 'A model, or the beginning of names and *; null: calls to any model, counted together.',
    }),
    ...figures,
  })
  .openapi('NewLimit');

const changeSchema = z.strictObject(figures).openapi('LimitChange');

const limitSchema = z
  .object({
    id: z.string(),
    organisationId: z.string(),
    subject: z.enum(limitSubjects),
    subjectId: z.string().nullable(),
    model: z.string().nullable(),
    requestsPerMinute: z.number().int().nullable(),
    tokensPerMinute: z.number().int().nullable(),
    concurrent: z.number().int().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Limit');

const organisationQuery = z.object({
  organisationId: z
    .string()
    .optional()
    .openapi({ param: { name: 'organisationId', in: 'query' }, description: 'For operators: another organisation.' }),
});

/** `/api/v1/limits`: requests and tokens a minute and concurrent calls, by whom. */
export function mountLimits(app: OpenAPIHono, access: PlatformAccess, limits: LimitService): void {
  const tags = ['Limits'];
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/limits',
      need: 'limits:write',
      tags,
      summary: 'Set a limit',
      request: { body: jsonBody(wishSchema) },
      responses: { 201: json('The limit.', limitSchema) },
    },
    async ({ principal, body }) => present(await limits.create(principal, body)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/limits',
      need: 'limits:read',
      tags,
      summary: 'List limits, oldest first',
      request: { query: organisationQuery },
      responses: { 200: json('The limits.', z.object({ data: z.array(limitSchema) })) },
    },
    async ({ principal, query }) => ({ data: (await limits.list(principal, query.organisationId)).map(present) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/limits/{id}',
      need: 'limits:read',
      tags,
      summary: 'Get a limit',
      request: { params: idParam },
      responses: { 200: json('The limit.', limitSchema) },
    },
    async ({ principal, params: { id } }) => present(await limits.get(principal, id)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/limits/{id}',
      need: 'limits:write',
      tags,
      summary: 'Change the figures of a limit',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The limit as it is now.', limitSchema) },
    },
    async ({ principal, params: { id }, body }) => present(await limits.update(principal, id, body)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/limits/{id}',
      need: 'limits:write',
      tags,
      summary: 'Remove a limit',
      request: { params: idParam },
      responses: { 200: json('The limit that was.', limitSchema) },
    },
    async ({ principal, params: { id } }) => present(await limits.remove(principal, id)),
  );
}

const present = ({ createdAt, updatedAt, ...row }: LimitRow) => ({
  ...row,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
