import type { ChatRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireModel } from '../wire.ts';
import { buildRequest } from './build-request.ts';

export { parseCountRequest } from './parse-request.ts';

const countedFields = [
  'model',
  'system',
  'messages',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'cache_control',
  'context_management',
  'mcp_servers',
  'speed',
] as const;

/** The body for POST /v1/messages/count_tokens: whatever of the message body counts, without limits and sampling. */
export function countTokensBody(request: ChatRequest, model: WireModel): JsonObject {
  const unsampled: ChatRequest = { ...request, temperature: undefined, topP: undefined, topK: undefined, stop: [] };
  const { body } = buildRequest(unsampled, model, {});
  const counted: JsonObject = {};
  for (const field of countedFields) if (body[field] !== undefined) counted[field] = body[field];
  return counted;
}
