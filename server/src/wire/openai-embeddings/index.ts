import type { EmbeddingsWire } from '../../core/embeddings.ts';
import { parseOpenAiError } from '../openai-error.ts';
import { buildAnswer, parseAnswer } from './answer.ts';
import { buildRequest } from './build-request.ts';
import { parseRequest } from './parse-request.ts';

/** POST /v1/embeddings, as callers speak it and as it is spoken to OpenAI and those who imitate it. */
export const openAiEmbeddings: EmbeddingsWire = {
  name: 'openai-embeddings',
  parseRequest,
  buildRequest,
  parseAnswer,
  buildAnswer,
  parseError: parseOpenAiError,
};
