import type { EmbeddingsWire } from '../../core/embeddings.ts';
import { parseError } from '../gemini/errors.ts';
import { buildAnswer, parseAnswer } from './answer.ts';
import { buildRequest } from './build-request.ts';
import { parseRequest } from './parse-request.ts';

/** embedContent and batchEmbedContents, as callers speak them and as they are spoken to Google. */
export const geminiEmbeddings: EmbeddingsWire = {
  name: 'gemini-embeddings',
  parseRequest,
  buildRequest,
  parseAnswer,
  buildAnswer,
  parseError,
};

export { isBatch } from './build-request.ts';
