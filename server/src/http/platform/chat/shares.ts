import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ConversationService } from '../../../chat/conversation-service.ts';
import { toSluiceError } from '../../../core/sluice-error.ts';
import type { ShareRow } from '../../../store/share-store.ts';
import { problemResponse } from '../../error-response.ts';
import type { PlatformAccess } from '../access.ts';
import { idParam, json, jsonBody, platformRoute } from '../route.ts';
import { messageSchema, showMessage } from './fields.ts';

const tags = ['Chat'];
const shareSchema = z
  .object({
    id: z.string(),
    conversationId: z.string(),
    title: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
  })
  .openapi('ChatShare');

const sharedSchema = z.object({ title: z.string(), createdAt: z.iso.datetime(), messages: z.array(messageSchema) });

/** `/api/v1/shares`: links that show a conversation, as it was, to whoever has them. */
export function mountShares(app: OpenAPIHono, access: PlatformAccess, service: ConversationService): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/shares',
      need: 'any',
      tags,
      summary: 'List your links, newest first',
      request: { query: z.object({ conversationId: z.string().optional() }) },
      responses: { 200: json('The links.', z.object({ data: z.array(shareSchema) })) },
    },
    async ({ principal, query: { conversationId } }) => ({
      data: (await service.shares(principal, conversationId)).map(show),
    }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/shares',
      need: 'any',
      tags,
      summary: 'Make a link to a conversation as it is now; its address is shown once',
      request: {
        body: jsonBody(
          z.strictObject({
            conversationId: z.string(),
            days: z.number().int().min(1).max(3650).optional().openapi({ description: 'How long it holds.' }),
          }),
        ),
      },
      responses: {
        201: json('The link.', shareSchema.extend({ path: z.string().openapi({ description: 'Below this server.' }) })),
      },
    },
    async ({ principal, body: { conversationId, days } }) => {
      const { share, token } = await service.share(principal, conversationId, days);
      return { ...show({ ...share, title: '' }), path: `/share/${token}` };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/shares/{id}',
      need: 'any',
      tags,
      summary: 'Revoke a link at once',
      request: { params: idParam },
      responses: { 204: { description: 'It leads nowhere now.' } },
    },
    ({ principal, params: { id } }) => service.unshare(principal, id),
  );
}

/** What a link shows. The token in it is the whole right: nobody needs to be logged in. Mounted before anybody is identified. */
export function mountShared(app: OpenAPIHono, access: PlatformAccess, service: ConversationService): void {
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/api/v1/shared/{token}',
    tags,
    summary: 'What a link shows; the token in it is the whole right',
    security: [],
    request: { params: z.object({ token: z.string() }) },
    responses: { 200: json('The conversation as it was.', sharedSchema), 404: { description: 'It leads nowhere.' } },
  });
  app.get('/api/v1/shared/:token', async (context) => {
    try {
      const { title, createdAt, messages } = await service.shared(context.req.param('token'));
      const body = {
        title,
        createdAt: createdAt.toISOString(),
        messages: messages.map(showMessage).map(withoutPrivate),
      };
      return Response.json(body, { headers: { 'cache-control': 'no-store', 'x-robots-tag': 'noindex' } });
    } catch (thrown) {
      const error = toSluiceError(thrown);
      const requestId = access.newId('req_');
      if (error.status >= 500) access.onFault(error, requestId);
      return problemResponse(error, requestId);
    }
  });
}

/** Whoever has the link sees what was said and which model said it: no costs, no ids of calls, no files. */
const withoutPrivate = ({
  metadata: { model, mode },
  parts,
  rating: _,
  ...message
}: z.infer<typeof messageSchema>) => ({
  ...message,
  parts: parts.map((part) => (part.type === 'file' ? { ...part, url: '' } : part)),
  metadata: { model, mode },
  rating: null,
});

const show = ({ id, conversationId, title, createdAt, expiresAt }: ShareRow & { title: string }) => ({
  id,
  conversationId,
  title,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
});
