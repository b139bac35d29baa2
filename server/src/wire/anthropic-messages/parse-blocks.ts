import type { Part, ReasoningPart, ToolCallPart } from '../../core/chat-request.ts';
import { asObject, isObject, type JsonObject } from '../../core/json.ts';
import { readSignature, type Signature } from '../../core/signature.ts';
import { readCache } from './cache-control.ts';
import { check } from './check.ts';
import { parseDocument, parseImage } from './parse-media.ts';
import { parseText } from './parse-text.ts';
import { parseToolResult } from './parse-tool-result.ts';
import { blockSchema, redactedSchema, thinkingBlockSchema, toolUseSchema } from './request-schemas.ts';
import { type SideFields, sidePaths } from './side-fields.ts';

const toolUseFields: ReadonlySet<string> = new Set(['type', 'id', 'name', 'input', 'cache_control']);
const directToolUseFields: ReadonlySet<string> = new Set([...toolUseFields, 'caller']);

/** The content of one message as parts. Blocks that only this wire knows (server tools, search results …) stay whole. */
export function parseContent(content: string | unknown[], path: string, side: SideFields): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const parts: Part[] = [];
  let callSignature: Signature | undefined;
  for (let index = 0; index < content.length; index++) {
    const at = `${path}[${index}]`;
    const block = isObject(content[index]) ? (content[index] as JsonObject) : check(blockSchema, content[index], at);
    switch (block.type) {
      case 'text':
        parts.push(parseText(block, at));
        break;
      case 'image':
        parts.push(parseImage(block, at, side));
        break;
      case 'document':
        parts.push(parseDocument(block, at));
        break;
      case 'tool_use': {
        const call = parseToolUse(block, at, side);
        if (callSignature) call.signature = callSignature;
        callSignature = undefined;
        parts.push(call);
        break;
      }
      case 'tool_result':
        parts.push(parseToolResult(block, at, side));
        break;
      case 'thinking': {
        const thinking = parseThinking(block, at);
        if (thinking.signature?.on === 'call' && thinking.text === '') callSignature = thinking.signature;
        else if (thinking.signature?.on === 'text' && thinking.text === '') signText(parts, thinking.signature);
        else parts.push(thinking);
        break;
      }
      case 'redacted_thinking': {
        const { data } = check(redactedSchema, block, at);
        const signature = readSignature(data, 'anthropic');
        const carried = signature.value !== data;
        parts.push(
          carried ? { type: 'reasoning', text: '', signature } : { type: 'reasoning', text: '', redacted: data },
        );
        break;
      }
      default:
        parts.push({
          type: 'opaque',
          wire: 'anthropic-messages',
          what: check(blockSchema, block, at).type,
          value: block,
        });
    }
  }
  return parts;
}

function parseToolUse(block: JsonObject, path: string, side: SideFields): ToolCallPart {
  const { id, name, input } = check(toolUseSchema, block, path);
  // A direct call is the default; only a call that a server tool made needs its caller back.
  const direct = asObject(block.caller)?.type === 'direct';
  side.keepRest(sidePaths.toolUse, id, block, direct ? directToolUseFields : toolUseFields);
  const call: ToolCallPart = { type: 'tool-call', id, name, arguments: JSON.stringify(input) };
  const cache = readCache(block, path);
  if (cache) call.cache = cache;
  return call;
}

function parseThinking(block: JsonObject, path: string): ReasoningPart {
  const { thinking, signature } = check(thinkingBlockSchema, block, path);
  return signature
    ? { type: 'reasoning', text: thinking, signature: readSignature(signature, 'anthropic') }
    : { type: 'reasoning', text: thinking };
}

/** A signature that Gemini put on its text stands in a thinking block right behind that text. */
function signText(parts: Part[], signature: Signature): void {
  const last = parts.at(-1);
  if (last?.type === 'text' && !last.signature) last.signature = signature;
  else parts.push({ type: 'text', text: '', signature });
}
