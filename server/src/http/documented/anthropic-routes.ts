import { z } from '@hono/zod-openapi';
import { callErrors } from './errors.ts';
import { answerHeaderReferences, callParameters } from './headers.ts';
import { count, type DocumentRegistry, json, said, text, textOrParts } from './registry.ts';
import { anyKey } from './security.ts';

const counted = z.looseObject({
  model: text('`provider/model`, an alias, `group/<name>`, `auto`, or a bare name that a provider here serves.'),
  messages: said(
    z.array(
      z.looseObject({
        role: z.enum(['user', 'assistant']),
        content: textOrParts('A text, or a list of blocks: text, image, document, tool_use, tool_result, thinking.'),
      }),
    ),
    'The conversation, oldest first.',
  ),
  system: textOrParts('A text, or a list of text blocks.').optional(),
  tools: said(z.array(z.looseObject({})).optional(), 'What the model may call.'),
  tool_choice: z.looseObject({ type: z.string() }).optional(),
  thinking: said(z.looseObject({ type: z.string() }).optional(), 'Thinking before the answer, and how much of it.'),
});

const messageRequest = counted
  .extend({
    max_tokens: count('The longest answer, thinking included.'),
    stream: said(z.boolean().optional(), 'Answer as server-sent events.'),
    temperature: z.number().optional(),
    top_p: z.number().optional(),
    stop_sequences: z.array(z.string()).optional(),
  })
  .openapi('MessageRequest', {
    example: { model: 'sandbox/sandbox-small', max_tokens: 100, messages: [{ role: 'user', content: 'Say hello' }] },
  });

const countRequest = counted.openapi('CountTokensRequest', {
  example: { model: 'sandbox/sandbox-small', messages: [{ role: 'user', content: 'Say hello' }] },
});

const message = z
  .looseObject({
    id: z.string(),
    type: z.literal('message'),
    role: z.literal('assistant'),
    model: text("The provider's own name of the model."),
    content: z.array(z.looseObject({ type: z.string() })),
    stop_reason: z.string().nullable(),
    usage: z.looseObject({ input_tokens: count('Input that was not cached.'), output_tokens: z.number().int() }),
  })
  .openapi('Message');

/** `/v1/messages` and `/v1/messages/count_tokens`. */
export function documentAnthropicRoutes(registry: DocumentRegistry): void {
  const common = { tags: ['Anthropic'], security: anyKey, parameters: callParameters };
  registry.registerPath({
    ...common,
    method: 'post',
    path: '/v1/messages',
    summary: 'Messages',
    description: 'The headers `anthropic-version` and `anthropic-beta` go on to a provider that speaks this protocol.',
    externalDocs: { url: 'https://docs.anthropic.com/en/api/messages' },
    request: { body: { required: true, content: json(messageRequest) } },
    responses: {
      200: {
        description: 'The answer; with `stream: true` events from `message_start` to `message_stop`.',
        headers: answerHeaderReferences,
        content: { ...json(message), 'text/event-stream': { schema: text('Events named by their type.') } },
      },
      ...callErrors('anthropic-messages'),
    },
  });
  registry.registerPath({
    ...common,
    method: 'post',
    path: '/v1/messages/count_tokens',
    summary: 'Count the tokens of a request',
    description: "The provider's own count where it has one, else an estimate.",
    externalDocs: { url: 'https://docs.anthropic.com/en/api/messages-count-tokens' },
    request: { body: { required: true, content: json(countRequest) } },
    responses: {
      200: {
        description: 'The count.',
        headers: answerHeaderReferences,
        content: json(z.object({ input_tokens: z.number().int() })),
      },
      ...callErrors('anthropic-messages'),
    },
  });
}
