import type {
  CacheMarker,
  ChatRequest,
  Message,
  Part,
  ReasoningPart,
  ToolResultPart,
} from '../../core/chat-request.ts';
import { isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import {
  buildAudio,
  buildDocument,
  buildImage,
  buildVideo,
  createDocumentNames,
  type DocumentNames,
} from './build-media.ts';
import type { FamilyFacts } from './model-family.ts';
import { toolUseId } from './tool-use-id.ts';

export interface BuiltMessages {
  system: JsonObject[];
  messages: JsonObject[];
  /** Names of the tools that the history called, in order; Converse wants their specs beside such a history. */
  calledTools: string[];
  /** The history holds a tool call or a tool result. */
  holdsTools: boolean;
}

/** One turn being gathered. Tool results come first in a user turn, whatever was said between them. */
interface Turn {
  role: 'user' | 'assistant';
  results: JsonObject[];
  blocks: JsonObject[];
}

interface Building extends BuiltMessages {
  family: FamilyFacts;
  turns: Turn[];
  names: DocumentNames;
  losses: Loss[];
}

/**
 * The conversation as Converse wants it: system text apart, user and assistant in turns, N tool results in one user turn.
 * No blank text leaves. Throws `invalid_request` when nothing is left, `unsupported_capability` for media it cannot take.
 */
export function buildMessages(request: ChatRequest, family: FamilyFacts, losses: Loss[]): BuiltMessages {
  const state: Building = {
    system: [],
    messages: [],
    calledTools: [],
    holdsTools: false,
    family,
    turns: [],
    names: createDocumentNames(),
    losses,
  };
  for (const message of request.messages) {
    if (message.name !== undefined) losses.push({ field: 'messages[].name', reason: 'Converse has no names' });
    if (message.role === 'system' || message.role === 'developer') addSystem(state, message);
    else addTurn(state, message);
  }
  for (const { role, results, blocks } of state.turns) {
    if (results.length + blocks.length > 0) state.messages.push({ role, content: [...results, ...blocks] });
  }
  mergeNeighbours(state.messages);
  if (state.messages.length === 0) {
    throw invalidRequest('There is nothing to send: give at least one message with some content.', 'messages');
  }
  if (state.messages[0]!.role === 'assistant') {
    // Bedrock answers 400 unless the conversation starts with the user.
    state.messages.unshift({ role: 'user', content: [{ text: '.' }] });
    losses.push({ field: 'messages[0].role', reason: 'Bedrock starts with a user turn, one was put before' });
  }
  const { system, messages, calledTools, holdsTools } = state;
  return { system, messages, calledTools, holdsTools };
}

function addSystem(state: Building, { parts }: Message): void {
  if (state.turns.length > 0) {
    state.losses.push({ field: 'messages[].role', reason: 'a later system message was moved to the front' });
  }
  for (const part of parts) {
    if (part.type !== 'text') {
      state.losses.push({ field: 'messages[].content', reason: `a system message takes no ${part.type}` });
      continue;
    }
    if (part.text.trim() === '') continue;
    state.system.push({ text: part.text });
    addCachePoint(state, state.system, part.cache);
  }
}

function addTurn(state: Building, { role, parts }: Message): void {
  const wanted = role === 'assistant' ? 'assistant' : 'user';
  let turn = state.turns.at(-1);
  if (turn?.role !== wanted) {
    turn = { role: wanted, results: [], blocks: [] };
    state.turns.push(turn);
  }
  for (const part of parts) addPart(state, turn, part);
}

/** Dropping an empty turn may leave two turns of one role side by side. */
function mergeNeighbours(messages: JsonObject[]): void {
  for (let index = messages.length - 1; index > 0; index--) {
    const before = messages[index - 1]!;
    const message = messages[index]!;
    if (before.role !== message.role) continue;
    before.content = [...(before.content as JsonObject[]), ...(message.content as JsonObject[])];
    messages.splice(index, 1);
  }
}

function addPart(state: Building, turn: Turn, part: Part): void {
  const { losses } = state;
  const misplaced = () =>
    losses.push({ field: 'messages[].content', reason: `no ${part.type} in a ${turn.role} turn` });
  switch (part.type) {
    case 'text':
      if (part.signature) loseSignature(losses);
      if (part.text.trim() === '') return;
      turn.blocks.push({ text: part.text });
      break;
    case 'refusal':
      if (part.text.trim() === '') return;
      turn.blocks.push({ text: part.text });
      return;
    case 'image':
      if (turn.role === 'assistant') return void misplaced();
      if (part.detail === 'low' || part.detail === 'high') {
        losses.push({ field: 'image_url.detail', reason: 'Bedrock scales images itself' });
      }
      turn.blocks.push(buildImage(part));
      break;
    case 'audio':
      if (turn.role === 'assistant') return void misplaced();
      turn.blocks.push(buildAudio(part));
      break;
    case 'video':
      if (turn.role === 'assistant') return void misplaced();
      turn.blocks.push(buildVideo(part));
      break;
    case 'document':
      if (turn.role === 'assistant') return void misplaced();
      turn.blocks.push(buildDocument(part, state.names));
      break;
    case 'reasoning':
      if (turn.role === 'user') return void misplaced();
      addReasoning(state, turn, part);
      return;
    case 'tool-call':
      if (turn.role === 'user') return void misplaced();
      if (part.signature) loseSignature(losses);
      state.holdsTools = true;
      state.calledTools.push(part.name);
      turn.blocks.push({
        toolUse: { toolUseId: toolUseId(part.id), name: part.name, input: argumentsObject(part.arguments, losses) },
      });
      break;
    case 'tool-result':
      if (turn.role === 'assistant') return void misplaced();
      state.holdsTools = true;
      turn.results.push(toolResult(state, part));
      addCachePoint(state, turn.results, part.cache ?? part.parts.find(({ cache }) => cache)?.cache);
      return;
    case 'opaque':
      if (part.wire === 'bedrock-converse' && isObject(part.value)) turn.blocks.push(part.value);
      else losses.push({ field: part.what, reason: `only ${part.wire} carries it` });
      return;
  }
  addCachePoint(state, turn.blocks, part.cache);
}

/** Converse marks a cache by a block of its own after the one that ends the prefix. Only Claude and Nova have caches. */
function addCachePoint(state: Building, blocks: JsonObject[], cache: CacheMarker | undefined): void {
  const point = cachePoint(cache, state.family, state.losses);
  if (point) blocks.push(point);
}

export function cachePoint(
  cache: CacheMarker | undefined,
  { family }: FamilyFacts,
  losses: Loss[],
): JsonObject | undefined {
  if (!cache) return undefined;
  if (family === 'other') {
    losses.push({ field: 'cache_control', reason: 'this model has no prompt cache on Bedrock' });
    return undefined;
  }
  // Five minutes is the default; models without longer lives refuse the field itself.
  return { cachePoint: { type: 'default', ...(cache.ttl === '1h' && { ttl: '1h' }) } };
}

function addReasoning({ family, losses }: Building, turn: Turn, part: ReasoningPart): void {
  const takesIt = family.family === 'claude' || family.family === 'unknown';
  if (takesIt && part.redacted !== undefined && (!part.signature || part.signature.origin === 'anthropic')) {
    turn.blocks.push({ reasoningContent: { redactedContent: part.redacted } });
  } else if (takesIt && part.signature?.origin === 'anthropic' && part.signature.on === 'thought') {
    turn.blocks.push({
      reasoningContent: { reasoningText: { text: part.text, signature: part.signature.value } },
    });
  } else {
    loseSignature(losses);
  }
}

function loseSignature(losses: Loss[]): void {
  if (losses.some(({ field }) => field === 'thinking signature')) return;
  losses.push({ field: 'thinking signature', reason: 'thinking that this model did not sign is not replayed' });
}

/** Converse carries tool input as an object, so text that is none is wrapped rather than thrown away. */
function argumentsObject(text: string, losses: Loss[]): JsonObject {
  if (text.trim() === '') return {};
  const value = tryParseJson(text);
  if (isObject(value)) return value;
  losses.push({ field: 'tool_calls[].function.arguments', reason: 'not a JSON object, sent as {"invalid_json": …}' });
  return { invalid_json: text };
}

function toolResult(state: Building, part: ToolResultPart): JsonObject {
  const content: JsonObject[] = [];
  for (const inner of part.parts) {
    if (inner.type === 'text') {
      if (inner.text.trim() !== '') content.push({ text: inner.text });
    } else if (inner.type === 'image') content.push(buildImage(inner));
    else if (inner.type === 'video') content.push(buildVideo(inner));
    else if (inner.type === 'document') content.push(buildDocument(inner, state.names));
    else state.losses.push({ field: 'tool_result audio', reason: 'a Converse tool result takes no audio' });
  }
  // Several models answer 400 to an empty list, and all of them do when the status is `error`.
  if (content.length === 0) content.push({ json: {} });
  return {
    toolResult: { toolUseId: toolUseId(part.callId), content, ...resultStatus(state, part.isError) },
  };
}

function resultStatus({ family, losses }: Building, isError: boolean | undefined): JsonObject {
  if (!isError) return {};
  if (family.family !== 'other') return { status: 'error' };
  losses.push({ field: 'tool_result.is_error', reason: 'only Claude and Nova know a failed tool result' });
  return {};
}
