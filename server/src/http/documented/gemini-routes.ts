import { z } from '@hono/zod-openapi';
import { callErrors } from './errors.ts';
import { answerHeaderReferences, callParameters } from './headers.ts';
import { type DocumentRegistry, json, said, text } from './registry.ts';
import { anyKey } from './security.ts';

const content = z
  .looseObject({
    role: z.enum(['user', 'model']).optional(),
    parts: z.array(z.looseObject({ text: z.string().optional() })),
  })
  .openapi('GeminiContent');

const generateRequest = z
  .looseObject({
    contents: said(z.array(content), 'The conversation, oldest first.'),
    systemInstruction: content.optional(),
    tools: z.array(z.looseObject({})).optional(),
    toolConfig: z.looseObject({}).optional(),
    safetySettings: z.array(z.looseObject({})).optional(),
    generationConfig: said(
      z.looseObject({ maxOutputTokens: z.number().int().optional(), temperature: z.number().optional() }).optional(),
      'Limits, sampling, thinking and the form of the answer.',
    ),
  })
  .openapi('GenerateContentRequest', { example: { contents: [{ role: 'user', parts: [{ text: 'Say hello' }] }] } });

const generateAnswer = z
  .looseObject({
    candidates: z.array(z.looseObject({ content: content.optional(), finishReason: z.string().optional() })),
    usageMetadata: z.looseObject({
      promptTokenCount: z.number().int().optional(),
      candidatesTokenCount: z.number().int().optional(),
      totalTokenCount: z.number().int().optional(),
    }),
    modelVersion: z.string().optional(),
  })
  .openapi('GenerateContentResponse');

const countRequest = z
  .looseObject({
    contents: z.array(content).optional(),
    generateContentRequest: said(z.looseObject({}).optional(), 'A whole request, instead of contents alone.'),
  })
  .openapi('GeminiCountTokensRequest', { example: { contents: [{ parts: [{ text: 'Say hello' }] }] } });
const embedRequest = z
  .looseObject({ content, taskType: z.string().optional(), outputDimensionality: z.number().int().optional() })
  .openapi('EmbedContentRequest', { example: { content: { parts: [{ text: 'Rivers flow to the sea' }] } } });
const batchRequest = z.looseObject({ requests: z.array(embedRequest) }).openapi('BatchEmbedContentsRequest');
const vector = z.looseObject({ values: z.array(z.number()) });

interface Operation {
  name: string;
  summary: string;
  body: z.ZodType;
  answer: z.ZodType;
  /** The page of Google's reference. */
  page: string;
}

const operations: Operation[] = [
  {
    name: 'generateContent',
    summary: 'Generate content',
    body: generateRequest,
    answer: generateAnswer,
    page: 'generate-content#method:-models.generatecontent',
  },
  {
    name: 'countTokens',
    summary: 'Count the tokens of a request',
    body: countRequest,
    answer: z.object({ totalTokens: z.number().int(), cachedContentTokenCount: z.number().int().optional() }),
    page: 'tokens',
  },
  {
    name: 'embedContent',
    summary: 'Embed one content',
    body: embedRequest,
    answer: z.looseObject({ embedding: vector }),
    page: 'embeddings',
  },
  {
    name: 'batchEmbedContents',
    summary: 'Embed several contents',
    body: batchRequest,
    answer: z.looseObject({ embeddings: z.array(vector) }),
    page: 'embeddings#method:-models.batchembedcontents',
  },
];

const inAddress = z.object({
  model: z.string().openapi({
    param: { name: 'model', in: 'path' },
    description: 'A name of a model; its slashes may stand as they are.',
    example: 'sandbox/sandbox-small',
  }),
});
const alt = z.object({
  alt: z
    .literal('sse')
    .optional()
    .openapi({
      param: { name: 'alt', in: 'query' },
      description: '`sse`: server-sent events. Without it the stream is one JSON array.',
    }),
});

/** `:generateContent` and its kin, under `/v1beta` and `/v1`. */
export function documentGeminiRoutes(registry: DocumentRegistry): void {
  for (const version of ['/v1beta', '/v1']) {
    const common = { method: 'post' as const, tags: ['Gemini'], security: anyKey, parameters: callParameters };
    for (const { name, summary, body, answer, page } of operations) {
      registry.registerPath({
        ...common,
        path: `${version}/models/{model}:${name}`,
        summary,
        externalDocs: { url: `https://ai.google.dev/api/${page}` },
        request: { params: inAddress, body: { required: true, content: json(body) } },
        responses: {
          200: { description: 'The answer.', headers: answerHeaderReferences, content: json(answer) },
          ...callErrors('gemini'),
        },
      });
    }
    registry.registerPath({
      ...common,
      path: `${version}/models/{model}:streamGenerateContent`,
      summary: 'Generate content, as a stream',
      externalDocs: { url: 'https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent' },
      request: { params: inAddress, query: alt, body: { required: true, content: json(generateRequest) } },
      responses: {
        200: {
          description: 'Parts of the answer as they are made.',
          headers: answerHeaderReferences,
          content: {
            'text/event-stream': { schema: text('`GenerateContentResponse` objects, one an event.') },
            ...json(z.array(generateAnswer)),
          },
        },
        ...callErrors('gemini'),
      },
    });
  }
}
