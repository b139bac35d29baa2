import type { ChatRequest } from '../core/chat-request.ts';
import { isObject } from '../core/json.ts';
import { type JsonBody, patchMembers } from '../core/json-scan.ts';
import type { WireQuirks } from '../wire/wire.ts';

export interface PassedBody {
  text: string;
  /** The caller did not ask for the usage chunk; it is asked for anyway and must be taken out of the answer. */
  usageAdded: boolean;
}

/**
 * The caller's own body, as it goes to a provider of the same wire: only the model and, for OpenAI chat streams,
 * `stream_options.include_usage` are changed; every other byte is the caller's.
 */
export function passBody(raw: JsonBody, request: ChatRequest, upstream: string, quirks: WireQuirks): PassedBody {
  if (request.dialect === 'gemini') return { text: raw.text, usageAdded: false };
  const asked = isObject(raw.value) ? raw.value : {};
  const usageAdded = addsUsage(request, quirks);
  const patch: Record<string, unknown> = { model: upstream };
  if (usageAdded) {
    patch.stream_options = { ...(isObject(asked.stream_options) ? asked.stream_options : {}), include_usage: true };
  }
  return { text: patchMembers(raw, patch), usageAdded };
}

/** Whether usage is asked for on behalf of a caller who did not; some providers (Mistral) send it anyway and refuse the question. */
export const addsUsage = (request: ChatRequest, { unsupportedFields }: WireQuirks): boolean =>
  request.dialect === 'openai-chat' &&
  request.stream &&
  !request.includeUsage &&
  !unsupportedFields?.includes('stream_options');

/**
 * Whether a provider with these quirks would take the caller's body as it is. When it would not, the body is built anew
 * from the request, so that the quirk is honoured instead of answered with a 400.
 */
export function fitsQuirks(request: ChatRequest, raw: JsonBody, quirks: WireQuirks): boolean {
  if (request.dialect !== 'openai-chat') return true;
  const has = (field: string) => raw.members.has(field);
  if (quirks.maxTokensField === 'max_completion_tokens' ? has('max_tokens') : has('max_completion_tokens'))
    return false;
  if (quirks.unsupportedFields?.some((field) => mayHold(request, raw, field))) return false;
  if (quirks.jsonSchema && quirks.jsonSchema !== 'json_schema' && request.responseFormat?.type === 'json-schema')
    return false;
  if (has('functions') || has('function_call')) return true;
  const { noDeveloperRole, toolCallId, imageUrls, reasoningField } = quirks;
  for (const { role, parts } of request.messages) {
    if (noDeveloperRole && role === 'developer') return false;
    for (const part of parts) {
      if (toolCallId && (part.type === 'tool-call' || part.type === 'tool-result')) return false;
      if (imageUrls === false && part.type === 'image' && part.source.kind === 'url') return false;
      if (reasoningField && part.type === 'reasoning') return false;
    }
  }
  return true;
}

/** Whether the body may hold a field, wherever it stands. A word that only looks like it costs a rebuilt body, no more. */
function mayHold(request: ChatRequest, raw: JsonBody, field: string): boolean {
  if (field === 'messages[].name') return request.messages.some(({ name }) => name !== undefined);
  if (field === 'stream_options') return raw.members.has(field);
  return raw.text.includes(`"${field.slice(field.lastIndexOf('.') + 1)}"`);
}
