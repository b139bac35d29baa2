import { z } from '@hono/zod-openapi';
import { lookupErrors } from './errors.ts';
import { type DocumentRegistry, json, said, text } from './registry.ts';
import { anyKey } from './security.ts';

const openAiModel = z
  .looseObject({
    id: z.string(),
    object: z.literal('model'),
    created: z.number().int(),
    owned_by: text('The provider.'),
    context_window: z.number().int().optional(),
    pricing: said(z.looseObject({}).optional(), 'US dollars per million tokens.'),
  })
  .openapi('OpenAiModel');
const anthropicModel = z
  .looseObject({
    type: z.literal('model'),
    id: z.string(),
    display_name: z.string(),
    created_at: z.string(),
    max_input_tokens: z.number().int().optional(),
  })
  .openapi('AnthropicModel');
const geminiModel = z
  .looseObject({
    name: text('`models/` and the id.'),
    displayName: z.string(),
    inputTokenLimit: z.number().int().optional(),
    supportedGenerationMethods: z.array(z.string()),
  })
  .openapi('GeminiModel');

const openAiList = z.object({ object: z.literal('list'), data: z.array(openAiModel) }).openapi('OpenAiModelList');
const anthropicList = z
  .object({
    data: z.array(anthropicModel),
    has_more: z.literal(false),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  })
  .openapi('AnthropicModelList');
const geminiList = z.object({ models: z.array(geminiModel) }).openapi('GeminiModelList');

const shapes =
  "The shape follows the SDK that asks: Google's with `x-goog-api-key` or `?key=`, Anthropic's with `x-api-key` or " +
  "`anthropic-version`, OpenAI's otherwise. Aliases and groups are listed beside models, and only what the key may use.";
const inAddress = z.object({
  model: z.string().openapi({
    param: { name: 'model', in: 'path' },
    description: 'A name of a model; its slashes may stand as they are.',
    example: 'sandbox/sandbox-small',
  }),
});

/** `GET …/models` and `GET …/models/{model}`, in three shapes. */
export function documentModelRoutes(registry: DocumentRegistry): void {
  const common = { method: 'get' as const, tags: ['Models'], security: anyKey };
  registry.registerPath({
    ...common,
    path: '/v1/models',
    summary: 'List models',
    description: shapes,
    responses: {
      200: {
        description: 'Every model, in one page.',
        content: json(z.union([openAiList, anthropicList, geminiList])),
      },
      ...lookupErrors('openai-chat'),
    },
  });
  registry.registerPath({
    ...common,
    path: '/v1/models/{model}',
    summary: 'One model',
    description: shapes,
    request: { params: inAddress },
    responses: {
      200: { description: 'The model.', content: json(z.union([openAiModel, anthropicModel, geminiModel])) },
      ...lookupErrors('openai-chat'),
    },
  });
  registry.registerPath({
    ...common,
    path: '/v1beta/models',
    summary: "List models, in Gemini's shape",
    responses: {
      200: { description: 'Every model, in one page.', content: json(geminiList) },
      ...lookupErrors('gemini'),
    },
  });
  registry.registerPath({
    ...common,
    path: '/v1beta/models/{model}',
    summary: "One model, in Gemini's shape",
    request: { params: inAddress },
    responses: { 200: { description: 'The model.', content: json(geminiModel) }, ...lookupErrors('gemini') },
  });
}
