import type { EmbeddingInput, EmbeddingsRequest } from '../../core/embeddings.ts';
import { asArray, type JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { modelName } from '../gemini/parse-request.ts';

const perRequest = /^requests\[\]\.(.+)$/;

/**
 * A request as a body of batchEmbedContents when it is a batch, else of embedContent. Throws `unsupported_capability` for
 * inputs given as tokens: they belong to another model's vocabulary.
 */
export function buildRequest(request: EmbeddingsRequest, upstream: string): { body: JsonObject; losses: Loss[] } {
  const losses: Loss[] = [];
  const model = `models/${modelName(upstream)}`;
  const bodies = request.inputs.map((input, index) => ({
    model,
    content: { parts: [{ text: textOf(input, index) }] },
    ...(request.taskType !== undefined && { taskType: request.taskType }),
    ...(request.title !== undefined && { title: request.title }),
    ...(request.dimensions !== undefined && { outputDimensionality: request.dimensions }),
    ...ownFields(request.extensions.gemini ?? {}, index),
  }));
  if (request.endUser !== undefined) losses.push({ field: 'user', reason: 'Gemini takes no id of the end user' });
  for (const field of Object.keys(request.extensions.openai ?? {}))
    losses.push({ field, reason: 'Gemini has no such field' });
  return { body: isBatch(request) ? { requests: bodies } : bodies[0]!, losses };
}

/** Whether the body is one of batchEmbedContents: the provider picks the address by it. */
export const isBatch = (request: EmbeddingsRequest): boolean => request.batch || request.inputs.length > 1;

function textOf(input: EmbeddingInput, index: number): string {
  if (typeof input === 'string') return input;
  throw new SluiceError('unsupported_capability', 'This model takes texts, not tokens. Send input as strings.', {
    param: `input[${index}]`,
  });
}

function ownFields(extensions: JsonObject, index: number): JsonObject {
  const fields: JsonObject = {};
  for (const [path, values] of Object.entries(extensions)) {
    const name = perRequest.exec(path)?.[1];
    const value = asArray(values)[index];
    if (name !== undefined && value !== undefined && value !== null) fields[name] = value;
  }
  return fields;
}
