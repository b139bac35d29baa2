import { z } from 'zod';
import type { ImagePart, Message, Part, TextPart, ToolCallPart } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { readAnnotation } from './citations.ts';
import { parseCache, parseContent, parseToolResult } from './parse-content.ts';
import { parseReasoning } from './parse-reasoning.ts';
import { check, refuse } from './request-schema.ts';
import { readCallSignature } from './tool-call-reader.ts';

const name = z.string('must be a string').nullish();
const callId = z.string('must be the id of the tool call that this result answers').min(1, 'must not be empty');
const functionSchema = z.looseObject(
  {
    name: z.string('must be a string').min(1, 'must not be empty'),
    arguments: z.string('must be a string of JSON').nullish(),
  },
  'must be an object with `name` and `arguments`',
);
const callSchema = z.looseObject(
  { id: z.string('must be a string').min(1, 'must not be empty') },
  'must be a tool call, an object with `id` and `function`',
);
const audioSchema = z.looseObject({ id: z.string('must be a string') }, 'must be an object with an `id`').nullish();

const knownFields: ReadonlySet<string> = new Set([
  'role',
  'content',
  'name',
  'tool_calls',
  'tool_call_id',
  'function_call',
  'refusal',
  'audio',
  'annotations',
  'images',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'cache_control',
  'prompt_cache_breakpoint',
  // The SDK's own field on messages that it parsed.
  'parsed',
]);

/**
 * The messages of a request. Fields of a message that are not known are put into `unknown` under `messages[].<field>`, so
 * that a wire which builds the messages anew can say that it lost them.
 */
export function parseMessages(messages: readonly unknown[], unknown: JsonObject): Message[] {
  const legacyCalls = new LegacyCalls();
  return messages.map((message, at) => {
    const path = `messages[${at}]`;
    if (!isObject(message)) throw refuse(path, 'must be a message, an object with `role` and `content`');
    for (const field in message) {
      const value = message[field];
      if (!knownFields.has(field) && value !== null && value !== undefined) unknown[`messages[].${field}`] = value;
    }
    const parsed = parseMessage(message, path, legacyCalls);
    const { cache } = parseCache(message, path);
    const last = parsed.parts.at(-1);
    if (cache && last && last.type !== 'reasoning' && last.type !== 'refusal' && last.type !== 'opaque')
      last.cache = cache;
    return parsed;
  });
}

function parseMessage(message: JsonObject, path: string, legacyCalls: LegacyCalls): Message {
  const { role } = message;
  switch (role) {
    case 'system':
    case 'developer':
    case 'user':
      return { role, ...nameOf(message, path), parts: parseContent(message.content, `${path}.content`) };
    case 'assistant':
      return { role, ...nameOf(message, path), parts: parseAssistant(message, path, legacyCalls) };
    case 'tool': {
      const id = check(callId, message.tool_call_id, `${path}.tool_call_id`);
      const parts = parseToolResult(message.content, `${path}.content`);
      return { role, parts: [{ type: 'tool-result', callId: id, ...nameOf(message, path), parts }] };
    }
    case 'function': {
      const called = check(z.string('must be the name of the function'), message.name, `${path}.name`);
      const parts = parseToolResult(message.content, `${path}.content`);
      return {
        role: 'tool',
        parts: [{ type: 'tool-result', callId: legacyCalls.answer(called), name: called, parts }],
      };
    }
    default:
      throw refuse(`${path}.role`, 'must be one of system, developer, user, assistant, tool, function');
  }
}

function parseAssistant(message: JsonObject, path: string, legacyCalls: LegacyCalls): Part[] {
  const content = parseContent(message.content, `${path}.content`);
  const { blocks, textSignature, callSignatures } = parseReasoning(message);
  const parts: Part[] = [...blocks, ...content];
  const refusal = message.refusal === undefined ? undefined : check(name, message.refusal, `${path}.refusal`);
  if (refusal) parts.push({ type: 'refusal', text: refusal });
  const audio = message.audio === undefined ? undefined : check(audioSchema, message.audio, `${path}.audio`);
  if (audio) parts.push({ type: 'audio', source: { kind: 'file-id', id: audio.id } });
  if (Array.isArray(message.images)) parts.push(...parseImages(message.images, `${path}.images`));

  const text = parts.findLast((part): part is TextPart => part.type === 'text');
  if (Array.isArray(message.annotations) && text) {
    const citations = message.annotations
      .map((annotation: unknown) => readAnnotation(annotation, text.text))
      .filter((citation) => citation !== undefined);
    if (citations.length > 0) text.citations = citations;
  }
  if (textSignature) {
    if (text) text.signature = textSignature;
    else parts.push({ type: 'text', text: '', signature: textSignature });
  }

  if (message.tool_calls !== undefined && message.tool_calls !== null) {
    if (!Array.isArray(message.tool_calls)) throw refuse(`${path}.tool_calls`, 'must be an array');
    for (const [at, call] of message.tool_calls.entries()) {
      const part = parseCall(call, `${path}.tool_calls[${at}]`);
      const signature = part.type === 'tool-call' ? callSignatures.get(part.id) : undefined;
      if (part.type === 'tool-call' && signature) part.signature ??= signature;
      parts.push(part);
    }
  }
  if (message.function_call !== undefined && message.function_call !== null) {
    const call = check(functionSchema, message.function_call, `${path}.function_call`);
    const id = legacyCalls.ask(call.name);
    parts.push({ type: 'tool-call', id, name: call.name, arguments: call.arguments || '{}' });
  }
  return parts;
}

function parseCall(call: unknown, path: string): Part {
  const { id } = check(callSchema, call, path);
  const raw = call as JsonObject;
  if (raw.type !== undefined && raw.type !== 'function')
    return { type: 'opaque', wire: 'openai-chat', what: 'custom_tool_call', value: call };
  const { name: called, arguments: text } = check(functionSchema, raw.function, `${path}.function`);
  const part: ToolCallPart = { type: 'tool-call', id, name: called, arguments: text || '{}', ...parseCache(raw, path) };
  const signature = readCallSignature(raw);
  if (signature) part.signature = signature;
  return part;
}

function parseImages(images: readonly unknown[], path: string): Part[] {
  return parseContent(images, path).filter((part): part is ImagePart => part.type === 'image');
}

function nameOf(message: JsonObject, path: string): { name?: string } {
  // Most messages have none, and then no schema is asked.
  const given = message.name === undefined ? undefined : check(name, message.name, `${path}.name`);
  return given ? { name: given } : {};
}

/** Gives the calls of `function_call` messages ids, and finds the call that a `function` message answers. */
class LegacyCalls {
  private open: { id: string; called: string }[] = [];
  private count = 0;

  ask(called: string): string {
    const id = `call_function_${this.count++}`;
    this.open.push({ id, called });
    return id;
  }

  answer(called: string): string {
    const at = this.open.findIndex((call) => call.called === called);
    return at === -1 ? `call_function_${this.count++}` : this.open.splice(at, 1)[0]!.id;
  }
}
