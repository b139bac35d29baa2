import type { ChatRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';

/**
 * Callers who still send `functions` expect `function_call` back, not `tool_calls`. The request itself is translated, so
 * the fact rides beside it under a key that no body and no loss report can see.
 */
const legacy = Symbol('functions instead of tools');

export function markLegacy(extensions: JsonObject): void {
  Object.defineProperty(extensions, legacy, { value: true, enumerable: true });
}

export function isLegacy(request: ChatRequest): boolean {
  const extensions = request.extensions['openai-chat'];
  return extensions !== undefined && Reflect.get(extensions, legacy) === true;
}
