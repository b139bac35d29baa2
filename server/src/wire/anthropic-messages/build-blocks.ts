import type { Message, Part, TextPart, ToolCallPart, ToolResultPart } from '../../core/chat-request.ts';
import { isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import { buildDocument, buildImage, unsupported } from './build-media.ts';
import type { Building } from './building.ts';
import { cacheControl } from './cache-control.ts';
import { replayCitation } from './citations.ts';
import { lose } from './lose.ts';
import { parseResultContent } from './parse-tool-result.ts';
import { SideFields, sideField, sidePaths } from './side-fields.ts';

/** One part of a user's or assistant's message as a content block; undefined when nothing of it can be sent. */
export function buildBlock(part: Part, role: Message['role'], building: Building): JsonObject | undefined {
  const { losses } = building;
  switch (part.type) {
    case 'text':
      if (part.signature) loseSignature(building);
      return buildText(part, building);
    case 'refusal':
      return buildText({ type: 'text', text: part.text }, building);
    case 'image':
    case 'document':
      if (role === 'assistant') {
        lose(losses, `messages[].content[].${part.type}`, 'Anthropic takes media only in user turns');
        return undefined;
      }
      return part.type === 'image' ? buildImage(part, building) : buildDocument(part, building);
    case 'audio':
      throw unsupported('The model cannot take audio. Send the transcript, or choose a model that hears.');
    case 'video':
      throw unsupported('The model cannot take video.');
    case 'reasoning':
      if (part.redacted !== undefined) return { type: 'redacted_thinking', data: part.redacted };
      if (part.signature?.origin === 'anthropic') {
        return { type: 'thinking', thinking: part.text, signature: part.signature.value };
      }
      loseSignature(building);
      return undefined;
    case 'tool-call':
      if (part.signature) loseSignature(building);
      return buildToolUse(part, building);
    case 'tool-result':
      return buildToolResult(part, building);
    case 'opaque':
      if (part.wire === 'anthropic-messages' && isObject(part.value)) return part.value;
      lose(losses, part.what, 'belongs to another provider');
      return undefined;
  }
}

/** A text block; undefined for one without a visible character, which the API refuses. */
export function buildText(part: TextPart, { losses }: Building): JsonObject | undefined {
  if (part.text.trim() === '') return undefined;
  const block: JsonObject = { type: 'text', text: part.text, ...cacheControl(part.cache) };
  if (part.citations) {
    const citations = part.citations.map(replayCitation).filter((citation) => citation !== undefined);
    if (citations.length < part.citations.length) lose(losses, 'annotations', 'citations of another provider');
    if (citations.length > 0) block.citations = citations;
  }
  return block;
}

/** Blocks as `content`: a lone plain text as a string. */
export function buildContent(blocks: JsonObject[]): string | JsonObject[] {
  const [only] = blocks;
  return blocks.length === 1 && only!.type === 'text' && Object.keys(only!).length === 2
    ? (only!.text as string)
    : blocks;
}

/** Anthropic takes letters, digits, `_` and `-`; any other character becomes its code, so that ids stay apart. */
export const buildCallId = (id: string): string =>
  id === '' ? 'call_' : id.replace(/[^a-zA-Z0-9_-]/g, (character) => `_${character.charCodeAt(0).toString(16)}`);

/** Argument text as the object that `input` must be. Text that is no JSON object is wrapped, and the wrapping is a loss. */
export function buildInput(text: string, onInvalid: () => void): JsonObject {
  if (text.trim() === '') return {};
  const value = tryParseJson(text);
  if (isObject(value)) return value;
  onInvalid();
  return { invalid_json: text };
}

function buildToolUse(part: ToolCallPart, { request, losses }: Building): JsonObject {
  const extra = sideField(request, sidePaths.toolUse, part.id);
  return {
    ...(isObject(extra) && extra),
    type: 'tool_use',
    id: buildCallId(part.id),
    name: part.name,
    input: buildInput(part.arguments, () =>
      lose(losses, 'tool_calls[].function.arguments', 'not a JSON object; sent as {"invalid_json": …}'),
    ),
    ...cacheControl(part.cache),
  };
}

function buildToolResult(part: ToolResultPart, building: Building): JsonObject {
  const extra = sideField(building.request, sidePaths.toolResult, part.callId);
  const content = nativeContent(part, building) ?? buildResultContent(part, building);
  return {
    ...(isObject(extra) && extra),
    type: 'tool_result',
    tool_use_id: buildCallId(part.callId),
    ...(content.length > 0 && { content }),
    ...(part.isError !== undefined && { is_error: part.isError }),
    ...cacheControl(part.cache),
  };
}

function buildResultContent(part: ToolResultPart, building: Building): string | JsonObject[] {
  const blocks = part.parts.map((inner) => buildBlock(inner, 'tool', building)).filter((block) => block !== undefined);
  return buildContent(blocks);
}

/** The content as the caller wrote it, as long as nobody has changed the parts that were read from it. */
function nativeContent(part: ToolResultPart, { request }: Building): unknown[] | undefined {
  const kept = sideField(request, sidePaths.resultContent, part.callId);
  if (!Array.isArray(kept)) return undefined;
  const { parts } = parseResultContent(kept, '', new SideFields({}));
  return JSON.stringify(parts) === JSON.stringify(part.parts) ? kept : undefined;
}

const loseSignature = ({ losses }: Building): void =>
  lose(losses, 'thinking signature', 'thinking that Anthropic did not sign cannot be replayed to it');
