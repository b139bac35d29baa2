import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { invalidRequest } from '../../core/sluice-error.ts';
import type { SessionService } from '../../identity/login/session-service.ts';
import type { Sessions } from '../../identity/login/sessions.ts';
import type { SessionRow } from '../../store/login-store.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, platformRoute } from './route.ts';

const tags = ['Sessions'];

const sessionSchema = z
  .object({
    id: z.string(),
    userId: z.string(),
    ipAddress: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    current: z.boolean().openapi({ description: 'The one that asks.' }),
  })
  .openapi('Session');

const resetSchema = z
  .object({
    token: z.string().openapi({ description: 'For `POST /api/auth/reset-password`, once.' }),
    url: z.string(),
    expiresAt: z.iso.datetime(),
  })
  .openapi('PasswordReset');

const listQuery = z.object({
  all: z.enum(['true', 'false']).default('false').openapi({
    description: '`true`: of everybody in your organisation, which takes `members:write`.',
  }),
});

export interface SessionsDeps {
  service: SessionService;
  sessions: Pick<Sessions, 'tokenOf' | 'originOf'>;
}

/** `/api/v1/sessions`: where people are logged in. */
export function mountSessions(app: OpenAPIHono, access: PlatformAccess, { service, sessions }: SessionsDeps): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/sessions',
      need: 'any',
      tags,
      summary: 'Where you are logged in, newest first',
      request: { query: listQuery },
      responses: { 200: json('The sessions.', z.object({ data: z.array(sessionSchema) })) },
    },
    async ({ principal, query: { all }, context }) => {
      const token = sessions.tokenOf(context.req.raw);
      const rows = await service.list(principal, { all: all === 'true' });
      return { data: rows.map((row) => present(row, token)) };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/sessions/{id}',
      need: 'any',
      tags,
      summary: 'End a session; that of another person takes `members:write`',
      request: { params: idParam },
      responses: { 200: json('It has ended.', z.object({ id: z.string() })) },
    },
    async ({ principal, params: { id } }) => {
      await service.end(principal, id);
      return { id };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/users/{id}/password-reset',
      need: 'members:write',
      tags,
      summary: 'A link by which somebody chooses a new password, for an hour',
      description:
        'For when there is no mail. You may do it for people who may do no more than you, and belong here only.',
      request: { params: idParam },
      responses: { 201: json('The link, shown once.', resetSchema) },
    },
    async ({ principal, params: { id }, context }) => {
      const origin = sessions.originOf(context.req.raw);
      if (origin === undefined)
        throw invalidRequest('Set `auth.url` in the configuration first: the link must say where this gateway is.');
      const { expiresAt, ...reset } = await service.resetPassword(principal, id, origin);
      return { ...reset, expiresAt: expiresAt.toISOString() };
    },
  );
}

const present = (row: SessionRow, token: string | undefined) => ({
  id: row.id,
  userId: row.userId,
  ipAddress: row.ipAddress || null,
  userAgent: row.userAgent || null,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  current: row.token === token,
});
