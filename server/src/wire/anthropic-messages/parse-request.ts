import type { ChatRequest, Message, Part, ReasoningRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { check, wrong } from './check.ts';
import { parseContent } from './parse-blocks.ts';
import { parseText } from './parse-text.ts';
import { parseToolChoice, parseTools } from './parse-tools.ts';
import {
  adaptiveSchema,
  blockSchema,
  countRequestSchema,
  knownFields,
  messageSchema,
  requestSchema,
  thinkingSchema,
} from './request-schemas.ts';
import { SideFields } from './side-fields.ts';

/**
 * A parsed body of POST /v1/messages as a request. Throws `invalid_request` naming the field. Unknown top-level fields
 * (context_management, mcp_servers, container, cache_control, betas …) ride in `extensions['anthropic-messages']`.
 */
export function parseRequest(body: unknown): ChatRequest {
  return read(check(requestSchema, body));
}

/** A parsed body of POST /v1/messages/count_tokens: the same without `max_tokens`. */
export function parseCountRequest(body: unknown): ChatRequest {
  return read(check(countRequestSchema, body));
}

type Body = ReturnType<typeof countRequestSchema.parse>;

function read(body: Body): ChatRequest {
  const extension: JsonObject = {};
  const side = new SideFields(extension);
  const request: ChatRequest = {
    dialect: 'anthropic-messages',
    model: body.model,
    messages: [...parseSystem(body.system), ...parseMessages(body.messages, side)],
    tools: body.tools ? parseTools(body.tools, side) : [],
    stop: body.stop_sequences ?? [],
    n: 1,
    stream: body.stream ?? false,
    includeUsage: true,
    extensions: { 'anthropic-messages': extension },
  };
  if (typeof body.max_tokens === 'number') request.maxOutputTokens = body.max_tokens;
  if (typeof body.temperature === 'number') request.temperature = body.temperature;
  if (typeof body.top_p === 'number') request.topP = body.top_p;
  if (typeof body.top_k === 'number') request.topK = body.top_k;
  if (body.tool_choice) parseToolChoice(body.tool_choice, request);
  if (body.service_tier) request.serviceTier = body.service_tier;
  parseThinking(body, request, extension);
  parseOutput(body, request, extension);
  if (body.metadata) {
    const { user_id: endUser, ...rest } = body.metadata;
    if (endUser) request.endUser = endUser;
    if (Object.keys(rest).length > 0) extension.metadata = rest;
  }
  for (const field in body) if (!knownFields.has(field) && body[field] !== null) extension[field] = body[field];
  if (Object.keys(extension).length === 0) request.extensions = {};
  return request;
}

function parseSystem(system: string | unknown[] | null | undefined): Message[] {
  if (system === undefined || system === null) return [];
  if (typeof system === 'string') return [{ role: 'system', parts: [{ type: 'text', text: system }] }];
  if (system.length === 0) return [];
  const parts = system.map((value, index) => {
    const path = `system[${index}]`;
    const block = check(blockSchema, value, path);
    if (block.type !== 'text') throw wrong(`${path}.type`, 'must be `text`');
    return parseText(block, path);
  });
  return [{ role: 'system', parts }];
}

function parseMessages(messages: unknown[], side: SideFields): Message[] {
  const parsed: Message[] = [];
  for (let index = 0; index < messages.length; index++) {
    const path = `messages[${index}]`;
    const { role, content } = check(messageSchema, messages[index], path);
    const parts = parseContent(content, `${path}.content`, side);
    if (role === 'user') parsed.push(...splitResults(parts));
    else parsed.push({ role, parts });
  }
  return parsed;
}

/** Tool results stand in a message of their own, ahead of whatever else the user turn holds, as the API itself demands. */
function splitResults(parts: Part[]): Message[] {
  const results = parts.filter((part) => part.type === 'tool-result');
  if (results.length === 0) return [{ role: 'user', parts }];
  const tool: Message = { role: 'tool', parts: results };
  if (results.length === parts.length) return [tool];
  return [tool, { role: 'user', parts: parts.filter((part) => part.type !== 'tool-result') }];
}

function parseThinking(body: Body, request: ChatRequest, extension: JsonObject): void {
  const { thinking } = body;
  if (!thinking) return;
  const reasoning: ReasoningRequest = {};
  switch (thinking.type) {
    case 'enabled': {
      const { budget_tokens, display } = check(thinkingSchema, thinking, 'thinking');
      reasoning.enabled = true;
      reasoning.budgetTokens = budget_tokens;
      if (display) reasoning.include = display === 'summarized';
      break;
    }
    case 'adaptive': {
      const { display } = check(adaptiveSchema, thinking, 'thinking');
      reasoning.enabled = true;
      reasoning.adaptive = true;
      if (display) reasoning.include = display === 'summarized';
      break;
    }
    case 'disabled':
      reasoning.enabled = false;
      break;
    default:
      // Modes that came after this was written (between_tools) go back as they are.
      extension.thinking = thinking;
      return;
  }
  request.reasoning = reasoning;
}

function parseOutput(body: Body, request: ChatRequest, extension: JsonObject): void {
  const { effort, format, ...rest } = body.output_config ?? {};
  if (effort) request.reasoning = { ...request.reasoning, effort };
  const wanted = format ?? body.output_format;
  if (wanted) request.responseFormat = { type: 'json-schema', name: 'output', schema: wanted.schema, strict: true };
  if (Object.keys(rest).length > 0) extension.output_config = rest;
}
