import type { Message, OpaquePart, Part, ReasoningPart, ToolResultPart } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Signature } from '../../core/signature.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { readReasoning } from './carried-reasoning.ts';
import { arrayAt, objectAt, optionalStringAt, stringAt } from './checks.ts';
import { isCallersItem, isProgramCall, reasoningText } from './items.ts';
import { parseContent } from './parse-content.ts';

/**
 * The `input` of a request as messages. What the assistant produced in a row (messages, reasoning, calls, native items)
 * is one assistant message, tool results in a row are one tool message. Throws `invalid_request` with the item's path.
 */
export function parseInput(input: string | unknown[]): Message[] {
  if (typeof input === 'string') return input === '' ? [] : [{ role: 'user', parts: [{ type: 'text', text: input }] }];
  const reading: Reading = { messages: [], callSignature: undefined, nativeCalls: new Set() };
  for (let index = 0; index < input.length; index++) addItem(reading, input[index], `input[${index}]`);
  return reading.messages;
}

interface Reading {
  messages: Message[];
  /** A signature that waits for the call it belongs to. */
  callSignature: Signature | undefined;
  /** Calls that only this wire can carry: their results go with them. */
  nativeCalls: Set<string>;
}

function addItem(reading: Reading, value: unknown, path: string): void {
  const item = objectAt(value, path);
  const type = item.type ?? (item.role === undefined && item.id !== undefined ? 'item_reference' : 'message');
  switch (type) {
    case 'message':
      addMessage(reading, item, path);
      break;
    case 'function_call':
      addCall(reading, item, path);
      break;
    case 'function_call_output':
      addResult(reading, item, path);
      break;
    case 'reasoning':
      addReasoning(reading, item, path);
      break;
    case 'item_reference':
      throw invalidRequest(
        `\`${path}\` refers to the item \`${String(item.id)}\`, which is not stored here. Send the item itself.`,
        path,
      );
    default:
      addNative(reading, item, stringAt(type, `${path}.type`));
  }
}

function addMessage(reading: Reading, item: JsonObject, path: string): void {
  const parts = parseContent(item.content, `${path}.content`);
  switch (item.role) {
    case 'assistant':
      if (parts.length > 0) partsOf(reading, 'assistant').push(...parts);
      return;
    case 'user':
    case 'system':
    case 'developer':
      if (parts.length > 0) reading.messages.push({ role: item.role, parts });
      return;
    default:
      throw invalidRequest(`\`${path}.role\` must be user, assistant, system or developer.`, `${path}.role`);
  }
}

function addCall(reading: Reading, item: JsonObject, path: string): void {
  const id = stringAt(item.call_id, `${path}.call_id`);
  const name = stringAt(item.name, `${path}.name`);
  const text = stringAt(item.arguments, `${path}.arguments`);
  if (isProgramCall(item)) {
    reading.nativeCalls.add(id);
    addNative(reading, item, 'function_call');
    return;
  }
  const call: Part = { type: 'tool-call', id, name, arguments: text.trim() === '' ? '{}' : text };
  if (reading.callSignature) call.signature = reading.callSignature;
  reading.callSignature = undefined;
  partsOf(reading, 'assistant').push(call);
}

function addResult(reading: Reading, item: JsonObject, path: string): void {
  const callId = stringAt(item.call_id, `${path}.call_id`);
  const parts = parseContent(item.output, `${path}.output`);
  // A part that no other wire knows, or a result that belongs to a native program, keeps the whole item native.
  if (!reading.nativeCalls.has(callId) && parts.every(isResultPart)) {
    partsOf(reading, 'tool').push({ type: 'tool-result', callId, parts });
  } else addNative(reading, item, 'function_call_output');
}

const isResultPart = (part: Part): part is ToolResultPart['parts'][number] =>
  part.type === 'text' || part.type === 'image' || part.type === 'document' || part.type === 'audio';

function addReasoning(reading: Reading, item: JsonObject, path: string): void {
  const id = optionalStringAt(item.id, `${path}.id`);
  const encrypted = optionalStringAt(item.encrypted_content, `${path}.encrypted_content`);
  if (item.summary !== undefined && item.summary !== null) arrayAt(item.summary, `${path}.summary`);
  const hidden = encrypted ? readReasoning(encrypted, id) : id === undefined ? {} : { id };
  if (hidden.signature?.on === 'call') {
    reading.callSignature = hidden.signature;
    return;
  }
  const parts = partsOf(reading, 'assistant');
  if (hidden.signature?.on === 'text') {
    const last = parts.at(-1);
    if (last?.type === 'text') last.signature = hidden.signature;
    else parts.push({ type: 'text', text: '', signature: hidden.signature });
    return;
  }
  const { text, summary } = reasoningText(item);
  const part: ReasoningPart = { type: 'reasoning', text, ...hidden };
  if (summary) part.summary = true;
  parts.push(part);
}

function addNative(reading: Reading, item: JsonObject, type: string): void {
  const part: OpaquePart = { type: 'opaque', wire: 'openai-responses', what: type, value: item };
  partsOf(reading, isCallersItem(type) ? 'tool' : 'assistant').push(part);
}

function partsOf(reading: Reading, role: 'assistant' | 'tool'): Part[] {
  const last = reading.messages.at(-1);
  if (last?.role === role) return last.parts;
  const message: Message = { role, parts: [] };
  reading.messages.push(message);
  return message.parts;
}
