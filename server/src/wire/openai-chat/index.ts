import { buildOpenAiError } from '../openai-error.ts';
import type { InboundWire, OutboundWire } from '../wire.ts';
import { buildAnswer } from './build-answer.ts';
import { buildRequest } from './build-request.ts';
import { createStreamBuilder } from './build-stream.ts';
import { parseError } from './errors.ts';
import { glance, glanceAnswer } from './glance.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseRequest } from './parse-request.ts';
import { createStreamParser } from './parse-stream.ts';
import { buildStreamError, keepAlive } from './stream-error.ts';

/** OpenAI Chat Completions as callers speak it (https://platform.openai.com/docs/api-reference/chat). */
export const openaiChatInbound: InboundWire = {
  name: 'openai-chat',
  parseRequest,
  buildAnswer,
  createStreamBuilder,
  buildError: buildOpenAiError,
  buildStreamError,
  keepAlive,
};

/** Chat Completions as OpenAI and the many servers that imitate it speak it; `WireQuirks` says where they differ. */
export const openaiChatOutbound: OutboundWire = {
  name: 'openai-chat',
  buildRequest,
  parseAnswer,
  createStreamParser,
  glance,
  glanceAnswer: (body) => glanceAnswer(body),
  parseError,
};
