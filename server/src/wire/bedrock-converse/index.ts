import type { OutboundWire } from '../wire.ts';
import { buildRequest } from './build-request.ts';
import { glance, glanceAnswer } from './glance.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseError } from './parse-error.ts';
import { createStreamParser } from './parse-stream.ts';

/** Amazon Bedrock's Converse and ConverseStream, as spoken to Bedrock. */
export const bedrockConverseOutbound: OutboundWire = {
  name: 'bedrock-converse',
  buildRequest,
  parseAnswer,
  createStreamParser,
  glance,
  glanceAnswer,
  parseError,
};
