import type {
  ChatRequest,
  Message,
  Part,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from '../../core/chat-request.ts';
import { isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import type { Signature } from '../../core/signature.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import type { WireModel, WireQuirks } from '../wire.ts';
import { buildMedia } from './build-part.ts';
import { buildToolResult } from './build-tool-result.ts';
import { isMadeCallId } from './call-ids.ts';
import { isGeneration3 } from './generation.ts';
import { lose } from './losses.ts';

export interface Content {
  role: 'user' | 'model';
  parts: JsonObject[];
}

export interface BuiltContents {
  contents: Content[];
  systemInstruction?: { parts: JsonObject[] };
}

/**
 * Messages as contents: roles merged until they alternate, system and developer texts gathered in order, parallel tool
 * results in the order of their calls. Throws `invalid_request` for a tool result that answers no call.
 */
export function buildContents(
  request: ChatRequest,
  model: WireModel,
  quirks: WireQuirks,
  losses: Loss[],
): BuiltContents {
  const writer = createWriter(request, model, quirks, losses);
  for (const [index, message] of request.messages.entries()) {
    if (message.name !== undefined) lose(losses, 'messages[].name', 'Gemini has no names of speakers');
    writer.message(message, index);
  }
  const { contents, system } = writer.finish();
  if (isGeneration3(model.upstream)) signFirstCalls(contents);
  if (contents.length === 0) {
    if (system.length === 0) throw invalidRequest('The request holds no message with content.', 'messages');
    lose(losses, 'messages[].role', 'Gemini needs a user message, the system prompt was sent as one');
    return { contents: [{ role: 'user', parts: system }] };
  }
  return system.length > 0 ? { contents, systemInstruction: { parts: system } } : { contents };
}

function createWriter(request: ChatRequest, model: WireModel, quirks: WireQuirks, losses: Loss[]) {
  const contents: Content[] = [];
  const system: JsonObject[] = [];
  const calls = new Map<string, { name: string; order: number }>();
  const mediaInside = isGeneration3(model.upstream);
  let results: { part: ToolResultPart; name: string; order: number }[] = [];

  const push = (role: Content['role'], ...parts: JsonObject[]) => {
    if (parts.length === 0) return;
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts });
  };

  const flushResults = () => {
    // Calls without an id are matched by order, and callers may answer in any.
    const built = results
      .sort((a, b) => a.order - b.order)
      .map(({ part, name }) => buildToolResult(part, name, { mediaInside, losses, quirks }));
    results = [];
    push('user', ...built.map(({ response }) => response), ...built.flatMap(({ beside }) => beside));
  };

  const addResult = (part: ToolResultPart, path: string) => {
    const call = calls.get(part.callId);
    const name = call?.name ?? part.name;
    if (name === undefined)
      throw invalidRequest(`${path} answers the tool call "${part.callId}", which no earlier message makes.`, path);
    results.push({ part, name, order: call?.order ?? calls.size });
  };

  const addSystem = (message: Message) => {
    for (const part of message.parts) {
      if (part.type === 'text' && part.text.trim() !== '') system.push({ text: part.text });
      else if (part.type !== 'text')
        lose(losses, 'messages[].content', `a system prompt of Gemini holds no ${part.type}`);
      if ('cache' in part && part.cache) lose(losses, 'cache_control', 'Gemini caches by itself');
    }
  };

  return {
    message(message: Message, index: number) {
      if (message.role === 'system' || message.role === 'developer') {
        addSystem(message);
        return;
      }
      const replayThoughts = request.dialect === 'gemini' || message.parts.some(isGeminiSigned);
      for (const [place, part] of message.parts.entries()) {
        if (part.type === 'tool-result') {
          addResult(part, `messages[${index}].content[${place}]`);
          continue;
        }
        if (results.length > 0) flushResults();
        if (part.type === 'tool-call') calls.set(part.id, { name: part.name, order: calls.size });
        const built = buildPart(part, replayThoughts, losses, quirks);
        if (built) push(message.role === 'assistant' ? 'model' : 'user', built);
      }
    },
    finish() {
      if (results.length > 0) flushResults();
      return { contents, system };
    },
  };
}

const isGeminiSigned = (part: Part): boolean => 'signature' in part && part.signature?.origin === 'gemini';

function buildPart(
  part: Exclude<Part, ToolResultPart>,
  replayThoughts: boolean,
  losses: Loss[],
  quirks: WireQuirks,
): JsonObject | undefined {
  switch (part.type) {
    case 'text': {
      if (part.cache) lose(losses, 'cache_control', 'Gemini caches by itself');
      if (part.citations?.length) lose(losses, 'messages[].citations', 'Gemini takes no citations back');
      const thoughtSignature = ownSignature(part.signature, losses);
      // Gemini may sign a part whose text is empty and wants that part back.
      if (part.text.trim() === '' && thoughtSignature === undefined) return undefined;
      return { text: part.text, ...(thoughtSignature !== undefined && { thoughtSignature }) };
    }
    case 'refusal':
      return part.text.trim() === '' ? undefined : { text: part.text };
    case 'reasoning':
      return buildThought(part, replayThoughts, losses);
    case 'tool-call':
      return buildCall(part, losses);
    case 'image':
    case 'audio':
    case 'video':
    case 'document':
      return buildMedia(part, losses, quirks);
    case 'opaque':
      if (part.wire === 'gemini' && isObject(part.value)) return part.value;
      lose(losses, part.what, `only ${part.wire} has it`);
      return undefined;
  }
}

function buildThought(part: ReasoningPart, replay: boolean, losses: Loss[]): JsonObject | undefined {
  if (part.redacted !== undefined) lose(losses, 'thinking signature', 'it is of another provider');
  const thoughtSignature = ownSignature(part.signature, losses);
  if (thoughtSignature !== undefined) return { text: part.text, thought: true, thoughtSignature };
  if (part.signature || part.redacted !== undefined || part.text === '') return undefined;
  if (replay) return { text: part.text, thought: true };
  lose(losses, 'messages[].reasoning_content', 'thinking of another provider is not replayed');
  return undefined;
}

function buildCall(part: ToolCallPart, losses: Loss[]): JsonObject {
  if (part.cache) lose(losses, 'cache_control', 'Gemini caches by itself');
  const thoughtSignature = ownSignature(part.signature, losses);
  return {
    functionCall: {
      ...(!isMadeCallId(part.id) && { id: part.id }),
      name: part.name,
      args: argumentsOf(part.arguments, losses),
    },
    ...(thoughtSignature !== undefined && { thoughtSignature }),
  };
}

function argumentsOf(text: string, losses: Loss[]): JsonObject {
  if (text.trim() === '') return {};
  const json = tryParseJson(text);
  if (isObject(json)) return json;
  lose(losses, 'tool_calls[].function.arguments', 'they are no JSON object and were sent as {"invalid_json": …}');
  return { invalid_json: text };
}

function ownSignature(signature: Signature | undefined, losses: Loss[]): string | undefined {
  if (!signature) return undefined;
  if (signature.origin === 'gemini') return signature.value;
  lose(losses, 'thinking signature', 'it is of another provider');
  return undefined;
}

// Both the Gemini API and Vertex AI document this value for calls that another model made
// (https://ai.google.dev/gemini-api/docs/thought-signatures, https://cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures).
export const unsignedCall = 'skip_thought_signature_validator';

/**
 * Gemini 3 refuses a step of the current turn whose first function call is unsigned. The turn begins after the last user
 * content that is no answer to calls; earlier turns are not checked.
 */
function signFirstCalls(contents: Content[]): void {
  const begin = contents.findLastIndex(
    ({ role, parts }) => role === 'user' && !parts.some((part) => 'functionResponse' in part),
  );
  for (const { role, parts } of contents.slice(begin + 1)) {
    if (role !== 'model') continue;
    const first = parts.find((part) => 'functionCall' in part);
    if (first && first.thoughtSignature === undefined) first.thoughtSignature = unsignedCall;
  }
}
