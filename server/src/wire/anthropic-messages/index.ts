import type { InboundWire, OutboundWire } from '../wire.ts';
import { buildAnswer } from './build-answer.ts';
import { buildRequest } from './build-request.ts';
import { createStreamBuilder, ping } from './build-stream.ts';
import { buildError, buildStreamError, parseError } from './errors.ts';
import { glance, glanceAnswer } from './glance.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseRequest } from './parse-request.ts';
import { createStreamParser } from './parse-stream.ts';

export { countTokensBody, parseCountRequest } from './count-tokens.ts';

/** Anthropic's Messages API (https://docs.claude.com/en/api/messages) as callers speak it. */
export const anthropicMessagesInbound: InboundWire = {
  name: 'anthropic-messages',
  parseRequest,
  buildAnswer,
  createStreamBuilder,
  buildError,
  buildStreamError,
  keepAlive: ping,
};

/** The same as spoken to Anthropic and to providers that imitate it. */
export const anthropicMessagesOutbound: OutboundWire = {
  name: 'anthropic-messages',
  buildRequest,
  parseAnswer,
  createStreamParser,
  glance,
  glanceAnswer,
  parseError,
};
