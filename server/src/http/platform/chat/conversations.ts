import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ConversationService } from '../../../chat/conversation-service.ts';
import { readImport } from '../../../chat/portable/read-import.ts';
import { toMarkdown } from '../../../chat/portable/to-markdown.ts';
import { invalidRequest } from '../../../core/sluice-error.ts';
import type { PlatformAccess } from '../access.ts';
import { idParam, json, jsonBody, platformRoute } from '../route.ts';
import { conversationSchema, messageSchema, settingsSchema, showConversation, showMessage } from './fields.ts';

const tags = ['Chat'];
const tag = z.string().trim().min(1).max(50);

const listQuery = z.object({
  folder: z.string().optional().openapi({ description: 'Those in this folder; `none`: those in no folder.' }),
  pinned: z.enum(['true', 'false']).optional(),
  tag: tag.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.string().optional().openapi({ description: '`next` of the page before.' }),
});

const changeSchema = z
  .strictObject({
    title: z.string().trim().min(1).max(200),
    pinned: z.boolean(),
    tags: z.array(tag).max(20),
    folderId: z.string().nullable(),
    settings: settingsSchema,
    headId: z.string().openapi({ description: 'The last message of the branch that is to be shown.' }),
  })
  .partial()
  .openapi('ConversationChange');

const costs = { costUsd: z.string(), savedUsd: z.string() };
const wholeSchema = z
  .object({ ...conversationSchema.shape, ...costs, messages: z.array(messageSchema) })
  .openapi('WholeConversation');
const messageParam = z.object({
  messageId: z.string().openapi({ param: { name: 'messageId', in: 'path' } }),
});

/** `/api/v1/conversations`: what people asked and were answered, each their own. */
export function mountConversations(app: OpenAPIHono, access: PlatformAccess, service: ConversationService): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/conversations',
      need: 'any',
      tags,
      summary: 'List your conversations, newest first; temporary ones are in no list',
      request: { query: listQuery },
      responses: {
        200: json('A page.', z.object({ data: z.array(conversationSchema), next: z.string().nullable() })),
      },
    },
    async ({ principal, query: { folder, pinned, tag, limit, before } }) => {
      const { conversations, busy, next } = await service.list(
        principal,
        {
          ...(folder !== undefined && { folderId: folder === 'none' ? null : folder }),
          ...(pinned !== undefined && { pinned: pinned === 'true' }),
          ...(tag !== undefined && { tag }),
          ...(before !== undefined && { before: readCursor(before) }),
        },
        limit,
      );
      return {
        data: conversations.map((row) => showConversation(row, busy.has(row.id))),
        next: next ? `${next.updatedAt.getTime()}_${next.id}` : null,
      };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/conversations/search',
      need: 'any',
      tags,
      summary: 'Search everything that was said in your conversations',
      request: {
        query: z.object({
          q: z.string().trim().min(1).max(200),
          limit: z.coerce.number().int().min(1).max(100).default(30),
        }),
      },
      responses: {
        200: json(
          'Newest first.',
          z.object({
            data: z.array(
              z.object({ conversation: conversationSchema, messageId: z.string().nullable(), snippet: z.string() }),
            ),
          }),
        ),
      },
    },
    async ({ principal, query: { q, limit } }) => ({
      data: (await service.search(principal, q, limit)).map(({ conversation, ...rest }) => ({
        conversation: showConversation(conversation),
        ...rest,
      })),
    }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/conversations/tags',
      need: 'any',
      tags,
      summary: 'Tags that you use, and how many conversations have each',
      responses: {
        200: json('By name.', z.object({ data: z.array(z.object({ tag: z.string(), count: z.number().int() })) })),
      },
    },
    async ({ principal }) => ({ data: await service.tags(principal) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/conversations/export',
      need: 'any',
      tags,
      summary: 'All your conversations as one file, which `/import` takes back',
      responses: { 200: { description: 'JSON.' } },
    },
    ({ principal }) => exportResponse(service.exportAll(principal)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/conversations/import',
      need: 'any',
      tags,
      summary: "Take conversations from an export: this server's, ChatGPT's (conversations.json) or Open WebUI's",
      request: { body: jsonBody(z.union([z.array(z.unknown()).max(20_000), z.record(z.string(), z.unknown())])) },
      responses: {
        200: json('What was taken.', z.object({ imported: z.number().int(), data: z.array(conversationSchema) })),
      },
    },
    async ({ principal, body }) => {
      const made = await service.import(principal, readImport(body, new Date()));
      return { imported: made.length, data: made.slice(0, 200).map((row) => showConversation(row)) };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/conversations/{id}',
      need: 'any',
      tags,
      summary: 'One conversation with all its messages; messages with one parent are branches',
      request: { params: idParam },
      responses: { 200: json('The conversation.', wholeSchema) },
    },
    async ({ principal, params: { id } }) => {
      const { conversation, messages, cost } = await service.get(principal, id);
      return { ...showConversation(conversation), ...cost, messages: messages.map(showMessage) };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/conversations/{id}',
      need: 'any',
      tags,
      summary: 'Rename, pin, tag or move a conversation, or show another branch',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The conversation.', conversationSchema) },
    },
    async ({ principal, params: { id }, body }) => {
      if (Object.keys(body).length === 0) throw invalidRequest('Say what to change.');
      return showConversation(await service.change(principal, id, body));
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/conversations/{id}',
      need: 'any',
      tags,
      summary: 'Delete a conversation with everything in it',
      request: { params: idParam },
      responses: { 204: { description: 'It is gone.' } },
    },
    ({ principal, params: { id } }) => service.remove(principal, id),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/conversations/{id}/fork',
      need: 'any',
      tags,
      summary: 'A new conversation with what was said up to a message',
      request: { params: idParam, body: jsonBody(z.strictObject({ messageId: z.string() })) },
      responses: { 201: json('The new conversation.', conversationSchema) },
    },
    async ({ principal, params: { id }, body: { messageId } }) =>
      showConversation(await service.fork(principal, id, messageId)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/conversations/{id}/export',
      need: 'any',
      tags,
      summary: 'One conversation as a file',
      request: { params: idParam, query: z.object({ format: z.enum(['json', 'markdown']).default('json') }) },
      responses: { 200: { description: 'The whole tree as JSON, or the branch that is shown as Markdown.' } },
    },
    async ({ principal, params: { id }, query: { format } }) => {
      if (format === 'json')
        return fileResponse(JSON.stringify(await service.exported(principal, id)), 'application/json', `${id}.json`);
      const { title, messages } = await service.branch(principal, id);
      return fileResponse(toMarkdown(title, messages), 'text/markdown; charset=utf-8', `${id}.md`);
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'put',
      path: '/api/v1/messages/{messageId}/feedback',
      need: 'any',
      tags,
      summary: 'A thumb up or down for an answer, or none; kept with its call too',
      request: {
        params: messageParam,
        body: jsonBody(
          z.strictObject({ rating: z.enum(['up', 'down']).nullable(), note: z.string().max(2000).optional() }),
        ),
      },
      responses: { 204: { description: 'It is kept.' } },
    },
    ({ principal, params: { messageId }, body: { rating, note } }) => service.rate(principal, messageId, rating, note),
  );
}

function readCursor(text: string): { updatedAt: Date; id: string } {
  const [, time, id] = /^(\d{1,15})_(conv_\w+)$/.exec(text) ?? [];
  if (time === undefined || id === undefined) throw invalidRequest('`before` is not the `next` of a page.', 'before');
  return { updatedAt: new Date(Number(time)), id };
}

const fileResponse = (body: string | ReadableStream, type: string, name: string): Response =>
  new Response(body, {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });

/** `{"conversations": […]}`, written while it is read. */
function exportResponse(all: AsyncGenerator<object, void, undefined>): Response {
  const encoder = new TextEncoder();
  let before = '{"conversations":[\n';
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await all.next();
      controller.enqueue(
        encoder.encode(done ? `${before === ',\n' ? '' : before}\n]}\n` : before + JSON.stringify(value)),
      );
      before = ',\n';
      if (done) controller.close();
    },
    cancel: () => all.return().then(() => {}),
  });
  return fileResponse(body, 'application/json', 'conversations.json');
}
