import { sseComment, sseEvent } from '../sse.ts';
import type { InboundWire, OutboundWire } from '../wire.ts';
import { buildAnswer } from './build-answer.ts';
import { buildRequest } from './build-request.ts';
import { createStreamBuilder } from './build-stream.ts';
import { buildError, parseError } from './errors.ts';
import { glance, glanceAnswer } from './glance.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseRequest } from './parse-request.ts';
import { createStreamParser } from './parse-stream.ts';

/** Google's generateContent and streamGenerateContent as callers speak it (https://ai.google.dev/api/generate-content). */
export const geminiInbound: InboundWire = {
  name: 'gemini',
  parseRequest,
  buildAnswer,
  createStreamBuilder,
  buildError,
  buildStreamError: (error, requestId) => sseEvent(JSON.stringify(buildError(error, requestId))),
  keepAlive: sseComment('keep-alive'),
};

/** The same as spoken to the Gemini API and to Vertex AI. */
export const geminiOutbound: OutboundWire = {
  name: 'gemini',
  buildRequest,
  parseAnswer,
  createStreamParser,
  glance,
  glanceAnswer,
  parseError,
};

export { countTokensBody, countTokensRequest } from './count-tokens.ts';
export { createJsonArrayBuilder, geminiJsonArrayFraming } from './json-array.ts';
