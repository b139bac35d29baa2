import type { EmbeddingsAnswer, EmbeddingsRequest } from '../../core/embeddings.ts';
import { asNumber, asObject, type JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { totalTokens, usageOf } from '../../core/usage.ts';
import { isBatch } from './build-request.ts';

/** The vectors of an embedContent or batchEmbedContents answer; most models give no usage. */
export function parseAnswer(body: unknown, inputs?: number): EmbeddingsAnswer {
  const given = asObject(body);
  const list = Array.isArray(given?.embeddings) ? given.embeddings : given?.embedding ? [given.embedding] : [];
  if (list.length === 0) throw invalidAnswer('no embeddings');
  if (inputs !== undefined && list.length !== inputs)
    throw invalidAnswer(`${list.length} embeddings for ${inputs} inputs`);
  const tokens = asNumber(asObject(given?.usageMetadata)?.promptTokenCount);
  return { vectors: list.map(vectorOf), ...(tokens !== undefined && { usage: usageOf({ input: tokens }) }) };
}

function vectorOf(embedding: unknown): number[] {
  const values = asObject(embedding)?.values;
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'number'))
    throw invalidAnswer('an embedding that is no list of numbers');
  return values;
}

const invalidAnswer = (what: string): SluiceError =>
  new SluiceError('upstream_invalid_answer', `The provider answered with ${what}.`);

/** Vectors in the form that belongs to the caller's operation. */
export function buildAnswer(answer: EmbeddingsAnswer, request: EmbeddingsRequest): JsonObject {
  const embeddings = answer.vectors.map((values) => ({ values }));
  const tokens = answer.usage ? totalTokens(answer.usage) : undefined;
  return {
    ...(isBatch(request) ? { embeddings } : { embedding: embeddings[0] }),
    ...(tokens !== undefined && { usageMetadata: { promptTokenCount: tokens, totalTokenCount: tokens } }),
  };
}
