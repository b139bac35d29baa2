import type { JsonObject } from './json.ts';
import type { Loss } from './loss.ts';
import type { SluiceError } from './sluice-error.ts';
import type { Usage } from './usage.ts';

export type EmbeddingsDialect = 'openai' | 'gemini';

/** Text, or the tokens of a text in the model's own vocabulary. */
export type EmbeddingInput = string | number[];

/** A wish for embeddings in the words of no provider: one vector for each input, in order. */
export interface EmbeddingsRequest {
  dialect: EmbeddingsDialect;
  model: string;
  inputs: EmbeddingInput[];
  dimensions?: number;
  /** How the caller wants the vectors written; `float` unless asked for. */
  encodingFormat: 'float' | 'base64';
  /** Gemini: what the vectors are for, e.g. `RETRIEVAL_QUERY`. */
  taskType?: string;
  /** Gemini: the title of the document that is embedded. */
  title?: string;
  /** An opaque id of the end user. */
  endUser?: string;
  /** The caller sent a list (Gemini batchEmbedContents, an OpenAI array). */
  batch: boolean;
  extensions: Partial<Record<EmbeddingsDialect, JsonObject>>;
}

/** `usage` is absent when the provider gave no figures, so that they are counted rather than taken for 0. */
export interface EmbeddingsAnswer {
  model?: string;
  vectors: number[][];
  usage?: Usage;
}

/** An embeddings protocol, spoken both by callers and to providers. */
export interface EmbeddingsWire {
  readonly name: 'openai-embeddings' | 'gemini-embeddings';
  /** Throws `invalid_request` naming the field. For Gemini the model and the operation come from the address. */
  parseRequest(body: unknown, address?: { model: string; batch: boolean }): EmbeddingsRequest;
  /** Throws `unsupported_capability` when the inputs themselves cannot be carried. */
  buildRequest(request: EmbeddingsRequest, upstream: string): { body: JsonObject; losses: Loss[] };
  /** Throws `upstream_invalid_answer` when there are no vectors, or fewer or more than `inputs`. */
  parseAnswer(body: unknown, inputs?: number): EmbeddingsAnswer;
  /** `model` is echoed when the answer names none. */
  buildAnswer(answer: EmbeddingsAnswer, request: EmbeddingsRequest, model: string): JsonObject;
  parseError(status: number, body: string): SluiceError;
}
