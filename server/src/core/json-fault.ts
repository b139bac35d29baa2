/** Where text stops being JSON, and what would have been right there. Lines and columns count from 1, in UTF-16 units. */
export interface JsonFault {
  line: number;
  column: number;
  expected: string;
}

/**
 * The first fault of a text that JSON.parse refused (RFC 8259); undefined when there is none. Engines word and place their
 * own messages as they like, and ours gives no place at all. Recursive: for text whose depth was checked already.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  let at = 0;
  try {
    value();
    blank();
    if (at < text.length) fail('the end of the text');
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof Expected)) throw thrown;
    let line = 1;
    let lineStart = 0;
    for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', lineStart)) {
      line++;
      lineStart = end + 1;
    }
    return { line, column: at - lineStart + 1, expected: thrown.message };
  }

  function fail(expected: string): never {
    throw new Expected(expected);
  }

  function blank(): void {
    while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  }

  function value(): void {
    blank();
    if (text[at] === '{') members();
    else if (text[at] === '[') elements();
    else if (text[at] === '"') string();
    else literal();
  }

  function literal(): void {
    const token = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) fail('a value');
    at += found[0].length;
  }

  function members(): void {
    at++;
    blank();
    if (text[at] === '}') {
      at++;
      return;
    }
    while (true) {
      blank();
      if (text[at] !== '"') fail('a key in double quotes');
      string();
      blank();
      if (text[at++] !== ':') back(': after the key');
      value();
      blank();
      const next = text[at++];
      if (next === '}') return;
      if (next !== ',') back(', or }');
    }
  }

  function elements(): void {
    at++;
    blank();
    if (text[at] === ']') {
      at++;
      return;
    }
    while (true) {
      value();
      blank();
      const next = text[at++];
      if (next === ']') return;
      if (next !== ',') back(', or ]');
    }
  }

  function string(): void {
    at++;
    while (text[at] !== '"') {
      if (at >= text.length) fail('the closing quote of a string');
      if (text.charCodeAt(at) < 32) fail('an escape such as \\n instead of the control character itself');
      if (text[at] === '\\' && !/^\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/.test(text.slice(at, at + 6))) {
        fail('one of the escapes \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX');
      }
      at += text[at] === '\\' ? 2 : 1;
    }
    at++;
  }

  function back(expected: string): never {
    at--;
    return fail(expected);
  }
}

class Expected extends Error {}
