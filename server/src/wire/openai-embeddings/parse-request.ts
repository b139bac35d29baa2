import { z } from 'zod';
import type { EmbeddingInput, EmbeddingsRequest } from '../../core/embeddings.ts';
import { isObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';

const bodySchema = z.looseObject({
  model: z.string({ error: 'must be the name of a model' }).min(1, { error: 'must be the name of a model' }),
  input: z.unknown().optional(),
  encoding_format: z.enum(['float', 'base64'], { error: 'must be "float" or "base64"' }).nullish(),
  dimensions: z
    .int({ error: 'must be a whole number of at least 1' })
    .min(1, { error: 'must be a whole number of at least 1' })
    .nullish(),
  user: z.string({ error: 'must be a string' }).nullish(),
});

/** A body of POST /v1/embeddings (https://platform.openai.com/docs/api-reference/embeddings/create) as a request. */
export function parseRequest(body: unknown): EmbeddingsRequest {
  if (!isObject(body)) throw invalidRequest('The body must be a JSON object with model and input.');
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    throw invalidRequest(`${field} ${issue?.message ?? 'is not valid'}.`, field);
  }
  const { model, input, encoding_format, dimensions, user, ...rest } = parsed.data;
  const request: EmbeddingsRequest = {
    dialect: 'openai',
    model,
    inputs: parseInputs(input),
    encodingFormat: encoding_format ?? 'float',
    batch: Array.isArray(input) && !isTokens(input),
    extensions: Object.keys(rest).length > 0 ? { openai: rest } : {},
  };
  if (dimensions !== undefined && dimensions !== null) request.dimensions = dimensions;
  if (user !== undefined && user !== null) request.endUser = user;
  return request;
}

function parseInputs(input: unknown): EmbeddingInput[] {
  if (typeof input === 'string') return [textAt(input, 'input')];
  if (!Array.isArray(input) || input.length === 0)
    throw invalidRequest('input must be a string, a list of strings, or lists of token numbers.', 'input');
  if (isTokens(input)) return [input];
  return input.map((item, index) => {
    const path = `input[${index}]`;
    if (typeof item === 'string') return textAt(item, path);
    if (Array.isArray(item) && isTokens(item)) return item;
    throw invalidRequest(`${path} must be a string or a list of token numbers.`, path);
  });
}

function textAt(text: string, path: string): string {
  if (text === '') throw invalidRequest(`${path} must not be empty.`, path);
  return text;
}

const isTokens = (values: unknown[]): values is number[] =>
  values.length > 0 && values.every((value) => Number.isInteger(value) && (value as number) >= 0);
