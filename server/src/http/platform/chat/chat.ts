import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type ChatPart, textOfParts } from '../../../../../shared/src/chat.ts';
import type { ChatService, ChatWish } from '../../../chat/chat-service.ts';
import { invalidRequest, SluiceError } from '../../../core/sluice-error.ts';
import type { Watchdog } from '../../../core/watchdog.ts';
import type { PlatformAccess } from '../access.ts';
import { idParam, json, jsonBody, platformRoute } from '../route.ts';
import { messageSchema, partSchema, settingsFields } from './fields.ts';
import { uiStream } from './ui-stream.ts';

export interface ChatRouteDeps {
  service: ChatService;
  watchdog: Watchdog;
}

const tags = ['Chat'];
const said = z.union([z.string().min(1).max(2_000_000), z.array(partSchema).min(1)]);

const messageWish = z.union([
  z.string().min(1).max(2_000_000),
  z.object({ id: z.string().optional(), role: z.literal('user').optional(), parts: z.array(partSchema).min(1) }),
]);

const wishSchema = z
  .strictObject({
    ...z.object(settingsFields).partial().shape,
    conversationId: z.string().optional().openapi({ description: 'Without it, a message begins a conversation.' }),
    message: messageWish.optional().openapi({ description: 'What is said now.' }),
    attachments: z.array(z.string()).max(20).optional().openapi({ description: 'Ids of files.' }),
    parentId: z.string().nullable().optional().openapi({
      description: 'After which message; null: at the beginning. Without it: after the one that is shown last.',
    }),
    answerTo: z
      .string()
      .optional()
      .openapi({ description: 'Another answer to this message, instead of a new message.' }),
    compare: z
      .string()
      .max(60)
      .optional()
      .openapi({ description: 'Answers that are asked for side by side carry the same name.' }),
    folderId: z.string().optional().openapi({ description: 'Where a new conversation is put.' }),
    temporary: z.boolean().optional().openapi({ description: 'A new conversation stands in no list and vanishes.' }),
    messages: z
      .array(
        z.union([
          z.object({ role: z.enum(['user', 'assistant', 'system']), content: said }),
          z.object({ role: z.enum(['user', 'assistant', 'system']), parts: z.array(partSchema) }),
        ]),
      )
      .min(1)
      .max(5000)
      .optional()
      .openapi({ description: 'A whole conversation, answered and not kept.' }),
    agentId: z.string().max(200).optional(),
    stream: z.boolean().default(true),
  })
  .openapi('ChatWish');

const answerSchema = z
  .object({
    id: z.string(),
    conversationId: z.string().nullable(),
    parentId: z.string().nullable(),
    content: z.string().openapi({ description: 'The words of the answer.' }),
    parts: messageSchema.shape.parts,
    state: messageSchema.shape.state,
    metadata: messageSchema.shape.metadata,
  })
  .openapi('ChatAnswer');

/** `/api/v1/chat`: asks a model on somebody's behalf; the answer belongs to the server and goes on when nobody reads. */
export function mountChat(app: OpenAPIHono, access: PlatformAccess, { service, watchdog }: ChatRouteDeps): void {
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/chat',
      need: 'models:use',
      tags,
      summary: "Ask a model; streamed as the AI SDK's UI message stream, or answered whole",
      request: { body: jsonBody(wishSchema) },
      responses: { 200: json('The answer, with `stream: false`; else `text/event-stream`.', answerSchema) },
    },
    async ({ principal, body: { stream, message, messages, agentId, ...rest } }) => {
      if (agentId !== undefined)
        throw new SluiceError('not_found', `There is no agent ${JSON.stringify(agentId)}.`, { param: 'agentId' });
      if (messages && (message !== undefined || rest.conversationId !== undefined))
        throw invalidRequest(
          '`messages` is a whole conversation that is not kept: send nothing else to be answered.',
          'messages',
        );
      const wish: ChatWish = {
        ...rest,
        ...(message !== undefined && {
          message: { parts: partsOf(typeof message === 'string' ? message : message.parts) },
        }),
        ...(messages && {
          messages: messages.map((each) => ({
            role: each.role,
            parts: partsOf('parts' in each ? each.parts : each.content),
          })),
        }),
      };
      const { id, conversation, parentId, ended } = await service.ask(principal, wish);
      if (!stream) {
        const { parts, state, metadata, error } = await ended;
        // Whoever asks for a whole answer reads its status; the conversation keeps what there was all the same.
        if (error && state === 'failed') throw error;
        return {
          id,
          conversationId: conversation?.id ?? null,
          parentId: parentId ?? null,
          content: textOfParts(parts),
          parts,
          state,
          metadata,
        };
      }
      return streamOf(service.readOwn(id), watchdog);
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/chat/{id}/stream',
      need: 'any',
      tags,
      summary: 'Read an answer from its beginning and on while it is made; by its id, or by that of its conversation',
      request: { params: idParam },
      responses: {
        200: { description: "The AI SDK's UI message stream." },
        204: { description: 'Nothing is being made there: the conversation holds it all.' },
      },
    },
    ({ principal, params: { id } }) => streamOf((signal) => service.read(principal, id, signal), watchdog),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/chat/{id}/stop',
      need: 'any',
      tags,
      summary: 'End an answer, wherever it is made; what there is of it stays',
      request: { params: idParam },
      responses: { 204: { description: 'It ends.' } },
    },
    ({ principal, params: { id } }) => service.stop(principal, id),
  );
}

type Reading = (signal: AbortSignal) => Promise<AsyncGenerator<string, void, undefined> | undefined>;

async function streamOf(read: Reading, watchdog: Watchdog): Promise<Response> {
  const left = new AbortController();
  const lines = await read(left.signal);
  return lines ? uiStream(lines, left, watchdog) : new Response(null, { status: 204 });
}

const partsOf = (said: string | ChatPart[]): ChatPart[] =>
  typeof said === 'string' ? [{ type: 'text', text: said }] : said;
