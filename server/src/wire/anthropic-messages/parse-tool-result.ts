import type { TextPart, ToolResultPart } from '../../core/chat-request.ts';
import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { readCache } from './cache-control.ts';
import { check } from './check.ts';
import { parseDocument, parseImage } from './parse-media.ts';
import { parseText } from './parse-text.ts';
import { blockSchema, toolResultSchema } from './request-schemas.ts';
import { type SideFields, sidePaths } from './side-fields.ts';

type ResultParts = ToolResultPart['parts'];
const knownFields: ReadonlySet<string> = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control']);

/**
 * A tool_result block. Blocks inside it that no other wire knows (search results, tool references) become readable text;
 * the native content is kept beside it for this wire.
 */
export function parseToolResult(block: JsonObject, path: string, side: SideFields): ToolResultPart {
  const { tool_use_id: callId, content, is_error: isError } = check(toolResultSchema, block, path);
  const { parts, foreign } = parseResultContent(content, `${path}.content`, side);
  if (foreign) side.keep(sidePaths.resultContent, callId, content);
  side.keepRest(sidePaths.toolResult, callId, block, knownFields);
  const result: ToolResultPart = { type: 'tool-result', callId, parts };
  if (typeof isError === 'boolean') result.isError = isError;
  const cache = readCache(block, path);
  if (cache) result.cache = cache;
  return result;
}

/** The parts of a tool_result's content; `foreign` says that some of them are only text in place of a native block. */
export function parseResultContent(
  content: unknown,
  path: string,
  side: SideFields,
): { parts: ResultParts; foreign: boolean } {
  if (typeof content === 'string') return { parts: [{ type: 'text', text: content }], foreign: false };
  let foreign = false;
  const parts = asArray(content).map((value, index) => {
    const at = `${path}[${index}]`;
    const block = check(blockSchema, value, at);
    const part = parseKnown(block, at, side);
    if (part) return part;
    foreign = true;
    return inWords(block);
  });
  return { parts, foreign };
}

function parseKnown(block: JsonObject, path: string, side: SideFields): ResultParts[number] | undefined {
  if (block.type === 'text') return parseText(block, path);
  if (block.type !== 'image' && block.type !== 'document') return undefined;
  const part = block.type === 'image' ? parseImage(block, path, side) : parseDocument(block, path);
  return part.type === 'opaque' ? undefined : part;
}

function inWords(block: JsonObject): TextPart {
  if (block.type !== 'search_result' && block.type !== 'document') return { type: 'text', text: JSON.stringify(block) };
  const nested = asArray(block.content ?? asObject(block.source)?.content);
  const lines = nested.map((inner) => asString(asObject(inner)?.text) ?? '');
  const head = [asString(block.title), asString(block.source)].filter(Boolean).join(', ');
  return { type: 'text', text: [head, ...lines].filter((line) => line !== '').join('\n') };
}
