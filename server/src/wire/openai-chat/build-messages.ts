import type { Message, Part, TextPart, ToolCallPart, ToolResultPart } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { buildParts, cacheField, stringOrList } from './build-content.ts';
import { replayReasoning } from './replay-reasoning.ts';
import { nineLetterId } from './tool-call-id.ts';
import { notSupported, type Writing } from './writing.ts';

/** All messages in order. Those that are left with nothing are dropped; tool results become one `tool` message each. */
export function buildMessages(writing: Writing): JsonObject[] {
  const built: JsonObject[] = [];
  let held: JsonObject[] = [];
  // Media of tool results waits until the run of results is over: nothing may stand between a call and its results.
  const release = (into?: Message) => {
    if (held.length === 0) return;
    const own = into ? buildParts(into.parts, writing) : [];
    built.push({ role: 'user', ...(into ? nameField(into, writing) : {}), content: [...held, ...own] });
    held = [];
  };
  for (const message of writing.request.messages) {
    const results = message.parts.filter((part): part is ToolResultPart => part.type === 'tool-result');
    for (const result of results) {
      const { text, media } = buildResult(result, writing);
      built.push(text);
      held.push(...media);
    }
    const others = results.length === 0 ? message : { ...message, parts: message.parts.filter(isNoResult) };
    if (others.parts.length === 0) continue;
    if (held.length > 0 && (others.role === 'user' || others.role === 'tool')) {
      release(others);
      continue;
    }
    release();
    const plain = buildMessage(others, writing);
    if (plain) built.push(plain);
  }
  release();
  return built;
}

function buildMessage(message: Message, writing: Writing): JsonObject | undefined {
  if (message.role === 'assistant') return buildAssistant(message, writing);
  const content = buildParts(message.parts, writing);
  if (content.length === 0) return undefined;
  const developer = message.role === 'developer' && writing.quirks.noDeveloperRole;
  // What stands in a tool message without being a result can only be said by the user.
  const role = developer ? 'system' : message.role === 'tool' ? 'user' : message.role;
  return { role, ...nameField(message, writing), content: stringOrList(content) };
}

function buildAssistant(message: Message, writing: Writing): JsonObject | undefined {
  const { parts } = message;
  const calls = parts.map((part) => buildCall(part, writing)).filter((call) => call !== undefined);
  const thinking = replayReasoning(parts, writing);
  const said = parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
  // To a server without the field a refusal is what the model said.
  const refusal = writing.refuses('messages[].refusal') ? '' : said;
  const content = assistantContent(parts, writing) ?? (refusal === '' && said !== '' ? said : undefined);
  const rest = assistantMedia(parts, writing);
  if (content === undefined && calls.length === 0 && refusal === '' && Object.keys(rest).length === 0) {
    if (Object.keys(thinking).length === 0) return undefined;
    return { role: 'assistant', ...nameField(message, writing), content: '', ...thinking };
  }
  return {
    role: 'assistant',
    ...nameField(message, writing),
    content: content ?? null,
    ...(refusal !== '' && { refusal }),
    ...thinking,
    ...rest,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** Texts are put together, as the provider's own answer would hold them; only cache markers keep them apart. */
function assistantContent(parts: readonly Part[], writing: Writing): string | JsonObject[] | undefined {
  const texts = parts.filter((part): part is TextPart => part.type === 'text');
  if (texts.some((text) => text.cache) && !writing.refuses('cache_control')) {
    const built = buildParts(texts, writing);
    return built.length > 0 ? stringOrList(built) : undefined;
  }
  for (const text of texts) cacheField(text.cache, writing);
  const joined = texts.map((part) => part.text).join('');
  return joined.trim() === '' ? undefined : joined;
}

/** Sound that the model made earlier goes back by its id; pictures only to servers whose callers already write them so. */
function assistantMedia(parts: readonly Part[], writing: Writing): JsonObject {
  const rest: JsonObject = {};
  for (const part of parts) {
    if (part.type === 'audio' && part.source.kind === 'file-id' && !writing.refuses('messages[].audio'))
      rest.audio = { id: part.source.id };
    else if (part.type === 'image' && writing.request.dialect === 'openai-chat' && !writing.refuses('images')) {
      const built = buildParts([part], writing);
      if (built.length > 0) rest.images = [...((rest.images as JsonObject[] | undefined) ?? []), ...built];
    } else if (part.type === 'image' || part.type === 'audio' || part.type === 'video' || part.type === 'document') {
      writing.lose(`messages[].content[].${part.type}`, 'an assistant message cannot hold it');
    } else if (part.type === 'opaque' && part.wire !== 'openai-chat') {
      writing.lose(part.what, 'only its own provider can read it');
    } else if (part.type === 'opaque' && part.what !== 'custom_tool_call' && part.what !== 'reasoning_details') {
      writing.lose(`messages[].content[].${part.what}`, 'messages were built anew');
    }
  }
  return rest;
}

function buildCall(part: Part, writing: Writing): JsonObject | undefined {
  if (part.type === 'opaque' && part.wire === 'openai-chat' && part.what === 'custom_tool_call' && isObject(part.value))
    return { ...part.value, id: callId(String(part.value.id), writing) };
  if (part.type !== 'tool-call') return undefined;
  return {
    id: callId(part.id, writing),
    type: 'function',
    function: { name: part.name, arguments: part.arguments === '' ? '{}' : part.arguments },
    ...callSignature(part, writing),
    ...cacheField(part.cache, writing),
  };
}

/** Google's compatible endpoint wants the signature of a call on the call itself. */
function callSignature({ signature }: ToolCallPart, { quirks, lose }: Writing): JsonObject {
  if (!signature) return {};
  if (quirks.reasoningField === 'reasoning_details' && signature.origin === 'gemini')
    return { extra_content: { google: { thought_signature: signature.value } } };
  if (quirks.reasoningField !== 'reasoning_details') lose('thinking signature', 'it is of another provider');
  return {};
}

interface BuiltResult {
  text: JsonObject;
  media: JsonObject[];
}

/** A tool message holds text only, so pictures and files of a result follow in a user message that says whose they are. */
function buildResult(result: ToolResultPart, writing: Writing): BuiltResult {
  if (result.isError) writing.lose('messages[].is_error', 'Chat Completions has no mark for a failed tool');
  const id = callId(result.callId, writing);
  const built = buildParts(result.parts, writing);
  const texts = built.filter((part) => part.type === 'text');
  const media = built.filter((part) => part.type !== 'text');
  const marked = result.cache && texts.length > 0 ? cacheField(result.cache, writing) : {};
  if (Object.keys(marked).length > 0) Object.assign(texts.at(-1)!, marked);
  if (media.length > 0 && texts.length === 0)
    texts.push({ type: 'text', text: 'The result follows in the next user message.' });
  const content = texts.length === 0 ? '' : stringOrList(texts);
  return {
    text: { role: 'tool', tool_call_id: id, content },
    media: media.length > 0 ? [{ type: 'text', text: `Result of tool call ${id}:` }, ...media] : [],
  };
}

function nameField({ name }: Message, { refuses, lose }: Writing): JsonObject {
  if (name === undefined) return {};
  if (!refuses('messages[].name') && !refuses('name')) return { name };
  lose('messages[].name', notSupported);
  return {};
}

const callId = (id: string, { quirks }: Writing): string =>
  quirks.toolCallId === 'alphanumeric-9' ? nineLetterId(id) : id;

const isNoResult = (part: Part): boolean => part.type !== 'tool-result';
