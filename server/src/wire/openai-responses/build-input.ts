import type { ChatRequest, Message, Part, ReasoningPart, ToolResultPart } from '../../core/chat-request.ts';
import { asObject, type JsonObject } from '../../core/json.ts';
import type { WireModel, WireQuirks } from '../wire.ts';
import { buildAssistantText, buildInputPart } from './build-content.ts';
import { isCallersItem } from './items.ts';
import { contentPrefix } from './parse-content.ts';

export interface InputContext {
  request: ChatRequest;
  model: WireModel;
  quirks: WireQuirks;
  lose(field: string, reason: string): void;
}

/**
 * The messages of a request as `instructions` and `input` items. A first system message of one text is the instructions;
 * all others stay where they stand. Messages without parts and empty texts are left out.
 */
export function buildInput(context: InputContext): { instructions: string | undefined; input: JsonObject[] } {
  const [first, ...rest] = context.request.messages;
  const instructions = first && plainInstructions(first);
  const items: JsonObject[] = [];
  for (const message of instructions === undefined ? context.request.messages : rest)
    addMessage(items, message, context);
  return { instructions, input: withoutDanglingReasoning(items, context) };
}

/** The text of a message that says the same as `instructions`; undefined when it holds more than one plain text. */
export function plainInstructions(message: Message): string | undefined {
  const [part, ...others] = message.parts;
  if (message.role !== 'system' || message.name !== undefined || others.length > 0) return undefined;
  return part?.type === 'text' && part.text !== '' && !part.cache ? part.text : undefined;
}

function addMessage(items: JsonObject[], message: Message, context: InputContext): void {
  const { role } = message;
  if (message.name !== undefined) context.lose('messages[].name', 'the Responses API has no names of speakers');
  let content: JsonObject[] = [];
  const flush = () => {
    if (content.length > 0) items.push({ type: 'message', role: roleOf(role, context), content });
    content = [];
  };
  for (const part of message.parts) {
    const inMessage = buildContentPart(part, role, context);
    if (inMessage) content.push(inMessage);
    else if (inMessage === undefined) {
      const item = buildItem(part, context);
      if (!item) continue;
      flush();
      items.push(item);
    }
  }
  flush();
}

function roleOf(role: Message['role'], { quirks }: InputContext): string {
  if (role === 'developer' && quirks.noDeveloperRole) return 'system';
  return role === 'tool' ? 'user' : role;
}

/** A part that belongs into a message; null when it is left out; undefined when it is an item of its own. */
function buildContentPart(part: Part, role: Message['role'], context: InputContext): JsonObject | null | undefined {
  switch (part.type) {
    case 'text':
      if (part.signature) loseSignature(context);
      if (part.text === '') return null;
      return role === 'assistant' ? buildAssistantText(part, context) : buildInputPart(part, context);
    case 'refusal':
      if (role === 'assistant') return { type: 'refusal', refusal: part.text };
      return part.text === '' ? null : { type: 'input_text', text: part.text };
    case 'image':
    case 'audio':
    case 'video':
    case 'document':
      if (role !== 'assistant') return buildInputPart(part, context);
      context.lose(`${part.type} of the assistant`, 'OpenAI takes back no media that the assistant made');
      return null;
    case 'opaque':
      if (part.wire !== 'openai-responses' || !part.what.startsWith(contentPrefix)) return undefined;
      return asObject(part.value) ?? null;
    default:
      return undefined;
  }
}

function buildItem(part: Part, context: InputContext): JsonObject | undefined {
  switch (part.type) {
    case 'reasoning':
      return buildReasoning(part, context);
    case 'tool-call':
      if (part.signature) loseSignature(context);
      if (part.cache) context.lose('cache_control', 'OpenAI caches prompts by itself');
      return {
        type: 'function_call',
        call_id: part.id,
        name: part.name,
        arguments: part.arguments.trim() === '' ? '{}' : part.arguments,
      };
    case 'tool-result':
      return buildResult(part, context);
    case 'opaque':
      if (part.wire === 'openai-responses') return asObject(part.value);
      context.lose(part.what, 'only the provider that made it can read it');
      return undefined;
    default:
      return undefined;
  }
}

/** Past thinking goes back only as OpenAI's own encrypted content, or by its id where OpenAI still holds it. */
function buildReasoning(part: ReasoningPart, context: InputContext): JsonObject | undefined {
  const { signature, id } = part;
  const summary = part.text === '' ? [] : [{ type: 'summary_text', text: part.text }];
  if (context.model.reasoning === false) {
    context.lose('reasoning', 'the model does not reason');
    return undefined;
  }
  if (signature?.origin === 'openai') {
    return { type: 'reasoning', ...(id !== undefined && { id }), summary, encrypted_content: signature.value };
  }
  if (signature || part.redacted !== undefined) loseSignature(context);
  else if (id !== undefined && context.request.dialect === 'openai-responses' && context.request.store) {
    return { type: 'reasoning', id, summary };
  } else context.lose('reasoning', 'past thinking is replayed only with its encrypted content');
  return undefined;
}

const loseSignature = (context: InputContext) =>
  context.lose('thinking signature', 'the thinking of another vendor is not replayed');

function buildResult(part: ToolResultPart, context: InputContext): JsonObject {
  if (part.isError) context.lose('is_error', 'OpenAI tool results have no error flag');
  if (part.cache) context.lose('cache_control', 'OpenAI caches prompts by itself');
  const parts = part.parts.filter((each) => each.type !== 'text' || each.text !== '');
  const [only, ...others] = parts;
  let output: string | JsonObject[];
  if (!only) output = '';
  else if (only.type === 'text' && others.length === 0 && !only.cache) output = only.text;
  else output = parts.map((each) => buildInputPart(each, context));
  return { type: 'function_call_output', call_id: part.callId, output };
}

/** OpenAI refuses a reasoning item that nothing of the same turn follows. */
function withoutDanglingReasoning(items: JsonObject[], context: InputContext): JsonObject[] {
  let followed = false;
  const kept = items.toReversed().filter((item) => {
    if (item.type !== 'reasoning') followed = item.role === 'assistant' || isAssistantItem(item);
    else if (!followed) context.lose('reasoning', 'nothing of the turn follows it');
    return item.type !== 'reasoning' || followed;
  });
  return kept.reverse();
}

const isAssistantItem = ({ role, type }: JsonObject): boolean => role === undefined && !isCallersItem(String(type));
