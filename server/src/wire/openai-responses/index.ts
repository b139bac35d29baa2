import { buildOpenAiError, parseOpenAiError } from '../openai-error.ts';
import type { InboundWire, OutboundWire } from '../wire.ts';
import { buildAnswer } from './build-answer.ts';
import { buildRequest } from './build-request.ts';
import { buildStreamError, createStreamBuilder, keepAlive } from './build-stream.ts';
import { glance, glanceAnswer } from './glance.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseRequest } from './parse-request.ts';
import { createStreamParser } from './parse-stream.ts';

export {
  listedItems,
  prependItems,
  referencedIds,
  resolveReferences,
  storedItems,
  withPreviousResponse,
} from './stored-items.ts';

/** OpenAI's Responses API, `POST /v1/responses`, as callers speak it. */
export const openaiResponsesInbound: InboundWire = {
  name: 'openai-responses',
  parseRequest,
  buildAnswer,
  createStreamBuilder,
  buildError: buildOpenAiError,
  buildStreamError,
  keepAlive,
};

/** The same as providers speak it. */
export const openaiResponsesOutbound: OutboundWire = {
  name: 'openai-responses',
  buildRequest,
  parseAnswer,
  createStreamParser,
  glance,
  glanceAnswer,
  parseError: parseOpenAiError,
};
