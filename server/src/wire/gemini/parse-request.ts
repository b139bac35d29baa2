import type { ChatRequest } from '../../core/chat-request.ts';
import { asString, isObject, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { camelKeys, present } from './names.ts';
import { parseGenerationConfig } from './parse-config.ts';
import { parseContents, parseSystemInstruction } from './parse-contents.ts';
import { parseToolConfig, parseTools } from './parse-tools.ts';

/**
 * A generateContent body (https://ai.google.dev/api/generate-content) as a request. Model and stream come from the address.
 * Throws `invalid_request` with the field's path in camelCase, whichever spelling the caller used.
 */
export function parseRequest(body: unknown, address?: { model: string; stream: boolean }): ChatRequest {
  if (!isObject(body)) throw invalidRequest('The body must be a JSON object with contents.');
  const { contents, systemInstruction, tools, toolConfig, generationConfig, model, serviceTier, ...rest } =
    camelKeys(body);
  const extensions: JsonObject = {};
  const system = parseSystemInstruction(systemInstruction);
  const messages = parseContents(contents);
  const request: ChatRequest = {
    dialect: 'gemini',
    model: address?.model ?? modelName(model),
    messages: system.length > 0 ? [{ role: 'system', parts: system }, ...messages] : messages,
    tools: parseTools(tools, extensions),
    stop: [],
    n: 1,
    stream: address?.stream ?? false,
    includeUsage: true,
    extensions: {},
  };
  const toolChoice = parseToolConfig(toolConfig, extensions);
  if (toolChoice) request.toolChoice = toolChoice;
  parseGenerationConfig(generationConfig, request, extensions);
  if (present(serviceTier)) {
    if (typeof serviceTier !== 'string') throw invalidRequest('serviceTier must be a string.', 'serviceTier');
    request.serviceTier = serviceTier;
  }
  for (const [key, value] of Object.entries(rest)) if (present(value)) extensions[key] = value;
  if (Object.keys(extensions).length > 0) request.extensions.gemini = extensions;
  return request;
}

/** `models/gemini-3-flash` and `gemini-3-flash` name the same model. */
export const modelName = (value: unknown): string => (asString(value) ?? '').replace(/^models\//, '');
