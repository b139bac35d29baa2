import { findJsonFault } from './json-fault.ts';
import { SluiceError } from './sluice-error.ts';

/** Where a top-level member's value stands in the text: `text.slice(start, end)` is its JSON. */
export interface Span {
  start: number;
  end: number;
}

/** Deeper nesting than this is refused: JSON.parse takes seconds for millions of levels, and re-encoding overflows the stack. */
export const maxDepth = 64;

/** Most objects have a handful of keys, and a list of those is searched faster than a set is made. */
const listedKeys = 16;

const quote = 34;
const comma = 44;
const colon = 58;
const openBracket = 91;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/**
 * One pass over JSON text before it is parsed: refuses nesting beyond `maxDepth` and duplicate keys (which two readers may
 * read differently), and notes where each top-level member's value stands so that one field can be replaced without
 * re-encoding the rest. Other syntax errors are left to JSON.parse. Throws `invalid_json`.
 */
export function scanJson(text: string): Map<string, Span> {
  const members = new Map<string, Span>();
  const keysByLevel: (Keys | null)[] = [];
  let keys: Keys | null = null;
  let depth = 0;
  let expectsKey = false;
  let topKey: string | undefined;
  let topStart = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote: {
        const end = endOfString(text, at);
        if (expectsKey && keys) {
          const raw = text.slice(at + 1, end);
          const key = raw.includes('\\') ? unescapeKey(raw) : raw;
          if (!addKey(keys, key))
            throw new SluiceError(
              'invalid_json',
              `The key ${JSON.stringify(key.slice(0, 100))} appears twice in one object.`,
            );
          expectsKey = false;
          if (depth === 1) topKey = key;
        }
        at = end;
        break;
      }
      case colon:
        if (depth === 1) topStart = at + 1;
        break;
      case comma:
        if (depth === 1 && topKey !== undefined) closeMember(at);
        expectsKey = keys !== null;
        break;
      case openBrace:
      case openBracket: {
        if (++depth > maxDepth)
          throw new SluiceError('invalid_json', `The body is nested deeper than ${maxDepth} levels.`);
        keysByLevel.push(keys);
        keys = text.charCodeAt(at) === openBrace ? { list: [], set: undefined } : null;
        expectsKey = keys !== null;
        break;
      }
      case closeBrace:
      case closeBracket:
        if (depth === 1 && topKey !== undefined) closeMember(at);
        depth--;
        keys = keysByLevel.pop() ?? null;
        expectsKey = false;
        break;
    }
  }
  return members;

  function closeMember(at: number): void {
    let start = topStart;
    let end = at;
    while (text.charCodeAt(start) <= 32) start++;
    while (text.charCodeAt(end - 1) <= 32) end--;
    members.set(topKey!, { start, end });
    topKey = undefined;
  }
}

interface Keys {
  list: string[];
  set: Set<string> | undefined;
}

/** Whether the key is new. A body of a million keys must not take a million million comparisons. */
function addKey(keys: Keys, key: string): boolean {
  if (keys.set) {
    if (keys.set.has(key)) return false;
    keys.set.add(key);
    return true;
  }
  if (keys.list.includes(key)) return false;
  keys.list.push(key);
  if (keys.list.length > listedKeys) keys.set = new Set(keys.list);
  return true;
}

/** The index of the quote that ends the string which begins at `at`, or the text's length when it never ends. */
function endOfString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (end !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes++;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function unescapeKey(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`);
  } catch {
    return raw;
  }
}

/** A caller's JSON body: the text as it came, its value, and where its top-level members stand. */
export interface JsonBody {
  text: string;
  value: unknown;
  members: Map<string, Span>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes to a JSON body. Throws `invalid_json` with a sentence that says what is wrong and where. */
export function readJsonBody(bytes: Uint8Array): JsonBody {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new SluiceError('invalid_json', 'The body is not valid UTF-8. Send JSON encoded as UTF-8.');
  }
  if (text.trim() === '') throw new SluiceError('invalid_json', 'The body is empty. Send a JSON object.');
  const members = scanJson(text);
  try {
    return { text, value: JSON.parse(text), members };
  } catch (cause) {
    const fault = findJsonFault(text);
    const where = fault ? ` at line ${fault.line}, column ${fault.column}: expected ${fault.expected}` : '';
    throw new SluiceError('invalid_json', `The body is not valid JSON${where}.`, { cause });
  }
}

/** The body's text with some top-level members replaced or added, everything else as the caller wrote it. */
export function patchMembers(body: JsonBody, patch: Record<string, unknown>): string {
  const edits: { start: number; end: number; text: string }[] = [];
  const added: string[] = [];
  for (const [key, value] of Object.entries(patch)) {
    const span = body.members.get(key);
    const json = JSON.stringify(value);
    if (!span) added.push(`${JSON.stringify(key)}:${json}`);
    else if (body.text.slice(span.start, span.end) !== json) edits.push({ ...span, text: json });
  }
  let text = body.text;
  edits.sort((a, b) => b.start - a.start);
  for (const { start, end, text: replacement } of edits) text = text.slice(0, start) + replacement + text.slice(end);
  if (added.length === 0) return text;
  const brace = text.indexOf('{') + 1;
  return `${text.slice(0, brace)}${added.join(',')}${body.members.size > 0 ? ',' : ''}${text.slice(brace)}`;
}
