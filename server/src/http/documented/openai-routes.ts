import { z } from '@hono/zod-openapi';
import { callErrors, errorAnswer, lookupErrors } from './errors.ts';
import { answerHeaderReferences, callParameters } from './headers.ts';
import { count, type DocumentRegistry, json, said, text, textOrParts } from './registry.ts';
import { anyKey } from './security.ts';

const modelName = text(
  '`provider/model`, an alias, `group/<name>`, `auto`, or a bare name that a provider here serves.',
);
const stream = said(z.boolean().optional(), 'Answer as server-sent events.');
const tools = said(z.array(z.looseObject({})).optional(), 'What the model may call.');

const chatRequest = z
  .looseObject({
    model: modelName,
    messages: said(
      z.array(
        z.looseObject({
          role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
          content: textOrParts('A text, or a list of parts: text, image_url, input_audio, file.'),
        }),
      ),
      'The conversation, oldest first.',
    ),
    stream,
    stream_options: z.looseObject({ include_usage: z.boolean().optional() }).optional(),
    max_completion_tokens: count('The longest answer, thinking included. `max_tokens` means the same.').optional(),
    temperature: z.number().optional(),
    top_p: z.number().optional(),
    n: z.number().int().optional(),
    stop: said(z.union([z.string(), z.array(z.string())]).optional(), 'A text or up to four.'),
    seed: z.number().int().optional(),
    tools,
    tool_choice: said(
      z.union([z.string(), z.looseObject({})]).optional(),
      '`auto`, `none`, `required`, or a tool by name.',
    ),
    response_format: said(z.looseObject({ type: z.string() }).optional(), '`text`, `json_object` or `json_schema`.'),
    reasoning_effort: z.string().optional(),
  })
  .openapi('ChatCompletionRequest', {
    example: { model: 'sandbox/sandbox-small', messages: [{ role: 'user', content: 'Say hello' }] },
  });

const chatUsage = z.looseObject({
  prompt_tokens: z.number().int(),
  completion_tokens: z.number().int(),
  total_tokens: z.number().int(),
});
const chatAnswer = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.number().int(),
    model: text("The provider's own name of the model."),
    choices: z.array(
      z.looseObject({
        index: z.number().int(),
        message: z.looseObject({ role: z.literal('assistant'), content: z.string().nullable() }),
        finish_reason: z.string(),
      }),
    ),
    usage: chatUsage,
  })
  .openapi('ChatCompletion');

const responseRequest = z
  .looseObject({
    model: modelName,
    input: textOrParts('A text, or a list of items.'),
    instructions: z.string().optional(),
    previous_response_id: said(z.string().optional(), 'Continue from a stored response of the same key.'),
    store: said(z.boolean().optional(), 'Keep the answer for retrieval and `previous_response_id`; true unless said.'),
    stream,
    max_output_tokens: z.number().int().optional(),
    temperature: z.number().optional(),
    tools,
    reasoning: z.looseObject({}).optional(),
    text: said(z.looseObject({}).optional(), 'The form of the answer: `format` and `verbosity`.'),
  })
  .openapi('ResponseRequest', { example: { model: 'sandbox/sandbox-small', input: 'Say hello' } });

const responseAnswer = z
  .looseObject({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.number().int(),
    status: z.string(),
    model: z.string(),
    output: said(z.array(z.looseObject({ type: z.string() })), 'Messages, reasoning and tool calls, in order.'),
    usage: z
      .looseObject({ input_tokens: z.number().int(), output_tokens: z.number().int(), total_tokens: z.number().int() })
      .nullable(),
  })
  .openapi('Response');

const embeddingsRequest = z
  .looseObject({
    model: modelName,
    input: said(
      z.union([z.string(), z.array(z.string()), z.array(z.number().int()), z.array(z.array(z.number().int()))]),
      'A text, a list of texts, or tokens.',
    ),
    dimensions: z.number().int().optional(),
    encoding_format: z.enum(['float', 'base64']).optional(),
  })
  .openapi('EmbeddingsRequest', { example: { model: 'sandbox/sandbox-embedding', input: 'Rivers flow to the sea' } });

const embeddingsAnswer = z
  .looseObject({
    object: z.literal('list'),
    data: z.array(
      z.looseObject({
        index: z.number().int(),
        embedding: said(z.union([z.array(z.number()), z.string()]), 'Numbers, or base64 of 32-bit floats.'),
      }),
    ),
    model: z.string(),
    usage: z.looseObject({ prompt_tokens: z.number().int(), total_tokens: z.number().int() }),
  })
  .openapi('Embeddings');

const storedId = {
  params: z.object({
    id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'resp_0123456789abcdef01234567' }),
  }),
};

const itemsPage = z.object({
  order: z
    .enum(['asc', 'desc'])
    .optional()
    .openapi({ param: { name: 'order', in: 'query' }, description: '`desc`, the newest first, unless said.' }),
  limit: z
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .openapi({ param: { name: 'limit', in: 'query' }, description: '20 unless said.' }),
  after: z
    .string()
    .optional()
    .openapi({ param: { name: 'after', in: 'query' }, description: 'The id of the last item that was seen.' }),
});

/** `/v1/chat/completions`, `/v1/responses` and `/v1/embeddings`. */
export function documentOpenAiRoutes(registry: DocumentRegistry): void {
  const chat = { tags: ['OpenAI'], security: anyKey, parameters: callParameters };
  registry.registerPath({
    ...chat,
    method: 'post',
    path: '/v1/chat/completions',
    summary: 'Chat Completions',
    description: 'Fields that are not listed are taken too: all of them reach a provider that speaks this protocol.',
    externalDocs: { url: 'https://platform.openai.com/docs/api-reference/chat' },
    request: { body: { required: true, content: json(chatRequest) } },
    responses: {
      200: {
        description: 'The answer; with `stream: true` events whose last is `data: [DONE]`.',
        headers: answerHeaderReferences,
        content: {
          ...json(chatAnswer),
          'text/event-stream': { schema: text('`chat.completion.chunk` objects, one an event.') },
        },
      },
      ...callErrors('openai-chat'),
    },
  });
  registry.registerPath({
    ...chat,
    method: 'post',
    path: '/v1/responses',
    summary: 'Responses',
    description:
      'Works with every model, whatever its provider speaks. Answers are kept for their key unless `store` is false.',
    externalDocs: { url: 'https://platform.openai.com/docs/api-reference/responses' },
    request: { body: { required: true, content: json(responseRequest) } },
    responses: {
      200: {
        description: 'The answer; with `stream: true` typed events that end with `response.completed`.',
        headers: answerHeaderReferences,
        content: {
          ...json(responseAnswer),
          'text/event-stream': { schema: text('Events named by their type, each with a `sequence_number`.') },
        },
      },
      ...callErrors('openai-responses'),
    },
  });
  const stored = { tags: ['OpenAI'], security: anyKey, request: storedId };
  registry.registerPath({
    ...stored,
    method: 'get',
    path: '/v1/responses/{id}',
    summary: 'A stored response of this key',
    responses: {
      200: { description: 'The response as it was answered.', content: json(responseAnswer) },
      ...lookupErrors('openai-responses'),
    },
  });
  registry.registerPath({
    ...stored,
    method: 'get',
    path: '/v1/responses/{id}/input_items',
    summary: 'What a stored response was asked',
    request: { ...storedId, query: itemsPage },
    responses: {
      200: {
        description: 'A page of its input items.',
        content: json(
          z.looseObject({ object: z.literal('list'), data: z.array(z.looseObject({})), has_more: z.boolean() }),
        ),
      },
      400: errorAnswer('openai-responses', '`invalid_request`'),
      ...lookupErrors('openai-responses'),
    },
  });
  registry.registerPath({
    ...stored,
    method: 'delete',
    path: '/v1/responses/{id}',
    summary: 'Delete a stored response',
    responses: {
      200: {
        description: 'It is gone.',
        content: json(z.object({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) })),
      },
      ...lookupErrors('openai-responses'),
    },
  });
  registry.registerPath({
    ...chat,
    method: 'post',
    path: '/v1/embeddings',
    summary: 'Embeddings',
    externalDocs: { url: 'https://platform.openai.com/docs/api-reference/embeddings' },
    request: { body: { required: true, content: json(embeddingsRequest) } },
    responses: {
      200: {
        description: 'A vector for each input.',
        headers: answerHeaderReferences,
        content: json(embeddingsAnswer),
      },
      ...callErrors('openai-chat'),
    },
  });
}
