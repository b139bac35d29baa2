import { z } from '@hono/zod-openapi';
import { type ErrorCode, type ErrorRow, errorTable } from '../../../../shared/src/errors.ts';
import type { Dialect } from '../../core/wire-name.ts';
import { errorHeaderReferences } from './headers.ts';
import { json, text } from './registry.ts';

const openAiError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string().openapi({ example: 'invalid_request_error' }),
      param: z.string().nullable().openapi({ description: 'The field at fault.' }),
      code: z.string().openapi({ description: 'The row of the table at /docs/errors.', example: 'model_not_found' }),
      request_id: z.string(),
    }),
  })
  .openapi('OpenAiError');

const anthropicError = z
  .object({
    type: z.literal('error'),
    error: z.object({ type: z.string().openapi({ example: 'not_found_error' }), message: z.string() }),
    request_id: z.string(),
  })
  .openapi('AnthropicError');

const geminiError = z
  .object({
    error: z.object({
      code: z.number().int().openapi({ description: 'The HTTP status.' }),
      message: z.string(),
      status: z.string().openapi({ example: 'NOT_FOUND' }),
      details: z
        .array(z.looseObject({ '@type': text('ErrorInfo, whose `reason` is our code in capitals, and RequestInfo.') }))
        .optional(),
    }),
  })
  .openapi('GeminiError');

const schemas: Record<Dialect, z.ZodType> = {
  'openai-chat': openAiError,
  'openai-responses': openAiError,
  'anthropic-messages': anthropicError,
  gemini: geminiError,
};

/** Codes that no model call is answered with: they belong to other routes, or nobody is left to read them. */
const elsewhere: readonly ErrorCode[] = ['conflict', 'method_not_allowed', 'client_closed'];

/** The error answers of a model call in a dialect, by status, from the error table. */
export function callErrors(dialect: Dialect) {
  const codes = new Map<number, string[]>();
  for (const [code, row] of Object.entries(errorTable) as [ErrorCode, ErrorRow][]) {
    if (elsewhere.includes(code)) continue;
    const status = dialect === 'anthropic-messages' ? (row.anthropicStatus ?? row.status) : row.status;
    codes.set(status, [...(codes.get(status) ?? []), `\`${code}\``]);
  }
  return Object.fromEntries(
    [...codes].sort(([a], [b]) => a - b).map(([status, names]) => [status, errorAnswer(dialect, names.join(', '))]),
  );
}

/** The error answers of a route that calls no model. */
export const lookupErrors = (dialect: Dialect) => ({
  401: errorAnswer(dialect, '`missing_key`, `invalid_key`'),
  404: errorAnswer(dialect, '`not_found`, `model_not_found`'),
  503: errorAnswer(dialect, '`unavailable`'),
});

/** One error answer of a dialect, with what it may be. */
export const errorAnswer = (dialect: Dialect, description: string) => ({
  description,
  headers: errorHeaderReferences,
  content: json(schemas[dialect]),
});
