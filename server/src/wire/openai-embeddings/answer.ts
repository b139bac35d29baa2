import type { EmbeddingsAnswer, EmbeddingsRequest } from '../../core/embeddings.ts';
import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { totalTokens, usageOf } from '../../core/usage.ts';
import { decodeFloats, encodeFloats } from './float-base64.ts';

/** A list of embeddings as vectors in the order of their `index`, floats or base64 alike. */
export function parseAnswer(body: unknown, inputs?: number): EmbeddingsAnswer {
  const given = asObject(body);
  const data = given?.data;
  if (!Array.isArray(data) || data.length === 0) throw invalidAnswer('no embeddings');
  if (inputs !== undefined && data.length !== inputs)
    throw invalidAnswer(`${data.length} embeddings for ${inputs} inputs`);
  const vectors = data
    .map((entry, position) => ({
      index: asNumber(asObject(entry)?.index) ?? position,
      vector: vectorOf(asObject(entry)?.embedding),
    }))
    .sort((a, b) => a.index - b.index)
    .map(({ vector }) => vector);
  const model = asString(given?.model);
  const usage = asObject(given?.usage);
  const tokens = asNumber(usage?.prompt_tokens) ?? asNumber(usage?.total_tokens);
  return {
    ...(model !== undefined && { model }),
    vectors,
    ...(tokens !== undefined && { usage: usageOf({ input: tokens }) }),
  };
}

function vectorOf(embedding: unknown): number[] {
  const vector = typeof embedding === 'string' ? decodeFloats(embedding) : embedding;
  if (!Array.isArray(vector) || !vector.every((value) => typeof value === 'number'))
    throw invalidAnswer('an embedding that is no list of numbers');
  return vector;
}

const invalidAnswer = (what: string): SluiceError =>
  new SluiceError('upstream_invalid_answer', `The provider answered with ${what}.`);

/** Vectors as OpenAI's list, each in the encoding that the caller asked for. */
export function buildAnswer(answer: EmbeddingsAnswer, request: EmbeddingsRequest, model: string): JsonObject {
  const tokens = answer.usage ? totalTokens(answer.usage) : 0;
  return {
    object: 'list',
    data: answer.vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: request.encodingFormat === 'base64' ? encodeFloats(vector) : vector,
    })),
    model: answer.model ?? model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
