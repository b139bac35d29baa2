import type { Message, Part } from '../../core/chat-request.ts';
import { isObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { madeCallId } from './call-ids.ts';
import { asList, camelKeys, present } from './names.ts';
import { type CallMatcher, parsePart } from './parse-part.ts';

/**
 * The caller's contents as messages. Function responses become `tool` messages wherever they stand; model contents in a
 * row (an SDK keeps one for each streamed chunk) become one assistant message whose unsigned text and thoughts are joined.
 */
export function parseContents(value: unknown): Message[] {
  if (!present(value)) throw invalidRequest('contents must hold at least one content.', 'contents');
  const list = asList(value);
  if (list.length === 0) throw invalidRequest('contents must hold at least one content.', 'contents');
  const messages: Message[] = [];
  const matcher = createMatcher();
  const single = !Array.isArray(value);
  for (const [index, raw] of list.entries()) {
    const path = single ? 'contents' : `contents[${index}]`;
    if (!isObject(raw)) throw invalidRequest(`${path} must be an object with role and parts.`, path);
    const role = roleOf(raw.role, path);
    if (role === 'assistant' && messages.at(-1)?.role !== 'assistant') matcher.newTurn();
    for (const [partIndex, rawPart] of asList(raw.parts).entries()) {
      matcher.at(index, partIndex);
      const part = parsePart(rawPart, `${path}.parts[${partIndex}]`, matcher);
      if (role === 'assistant' && isNothing(part)) continue;
      append(messages, part.type === 'tool-result' ? 'tool' : role, part);
    }
  }
  return messages;
}

/** The system instruction as parts: a Content, a lone part or a string. */
export function parseSystemInstruction(value: unknown): Part[] {
  if (!present(value)) return [];
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'text', text: value }];
  if (!isObject(value))
    throw invalidRequest(
      'systemInstruction must be a content such as {"parts": [{"text": "…"}]}.',
      'systemInstruction',
    );
  const matcher = createMatcher();
  if (present(value.parts))
    return asList(value.parts).map((part, index) => parsePart(part, `systemInstruction.parts[${index}]`, matcher));
  return Object.keys(camelKeys(value)).some((key) => key !== 'role')
    ? [parsePart(value, 'systemInstruction', matcher)]
    : [];
}

function roleOf(role: unknown, path: string): 'user' | 'assistant' | 'tool' {
  switch (role) {
    case undefined:
    case null:
    case '':
    case 'user':
      return 'user';
    case 'model':
      return 'assistant';
    case 'function':
    case 'tool':
      return 'tool';
    default:
      throw invalidRequest(
        `${path}.role must be "user", "model" or "function"; a system prompt goes into systemInstruction.`,
        `${path}.role`,
      );
  }
}

/** The last chunk of a stream holds an empty text, which an SDK keeps in its history. */
const isNothing = (part: Part): boolean =>
  (part.type === 'text' || (part.type === 'reasoning' && part.redacted === undefined)) &&
  part.text === '' &&
  part.signature === undefined;

function append(messages: Message[], role: Message['role'], part: Part): void {
  // Media beside a function response in a `function` content is the user's.
  const target = role === 'tool' && part.type !== 'tool-result' ? 'user' : role;
  const last = messages.at(-1);
  if (last?.role !== target) {
    messages.push({ role: target, parts: [part] });
    return;
  }
  const before = last.parts.at(-1);
  if (target === 'assistant' && before && join(before, part)) return;
  last.parts.push(part);
}

/** Streamed text and thoughts come in pieces; a signed piece must stay a part of its own. */
function join(before: Part, part: Part): boolean {
  if (before.type === 'text' && part.type === 'text' && !before.signature && !part.signature) {
    before.text += part.text;
    return true;
  }
  if (before.type !== 'reasoning' || part.type !== 'reasoning') return false;
  if (before.signature || before.redacted !== undefined || part.redacted !== undefined) return false;
  before.text += part.text;
  if (part.signature) before.signature = part.signature;
  return true;
}

interface ContentMatcher extends CallMatcher {
  newTurn(): void;
  at(content: number, part: number): void;
}

function createMatcher(): ContentMatcher {
  let open: { id: string; name: string }[] = [];
  let content = 0;
  let part = 0;
  return {
    newTurn() {
      open = [];
    },
    at(contentIndex, partIndex) {
      content = contentIndex;
      part = partIndex;
    },
    callId(given, name) {
      const id = given ?? madeCallId(String(content), part);
      open.push({ id, name });
      return id;
    },
    resultId(given, name) {
      const index = open.findIndex((call) => (given === undefined ? call.name === name : call.id === given));
      const [found] = index === -1 ? [] : open.splice(index, 1);
      return given ?? found?.id ?? madeCallId(String(content), part);
    },
  };
}
