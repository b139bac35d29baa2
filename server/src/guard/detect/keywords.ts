import type { Span, SpanDetector } from '../span.ts';

interface Node {
  next: Map<number, Node>;
  /** A keyword ends here; whether it must stand at the end of a word. */
  ends?: { bounded: boolean };
}

const wordMark = /[\p{L}\p{N}\p{M}_]/u;
// Scripts that put no spaces between words.
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

const isAsciiWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
const isWord = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  if (Number.isNaN(code)) return false;
  return code < 128 ? isAsciiWord(code) : wordMark.test(String.fromCodePoint(text.codePointAt(at)!));
};

/**
 * Words and phrases, whole words only, whatever their case; in scripts without spaces wherever they stand. A space in a phrase
 * stands for any white space. Finds the longest at each place.
 */
export function createKeywordDetector(words: readonly string[], label = 'KEYWORD'): SpanDetector {
  const root: Node = { next: new Map() };
  let longest = 0;
  let anywhere = false;
  for (const word of words) {
    const folded = fold(word.trim().replace(/\s+/g, ' '));
    if (folded === '') continue;
    longest = Math.max(longest, folded.length);
    anywhere ||= unspaced.test(String.fromCodePoint(folded.codePointAt(0)!));
    let node = root;
    for (let at = 0; at < folded.length; at++) {
      const code = folded.charCodeAt(at);
      let next = node.next.get(code);
      if (!next) {
        next = { next: new Map() };
        node.next.set(code, next);
      }
      node = next;
    }
    const last = folded.at(-1)!;
    node.ends = { bounded: isWord(last, 0) && !unspaced.test(last) };
  }
  // White space of any length stands for one space, so a phrase may be longer in the text than in the list.
  const window = Math.min(2048, longest * 2 + 16);

  const mayStart = (folded: string, at: number): boolean => {
    if (!isWord(folded, at)) return root.next.has(folded.charCodeAt(at));
    return at === 0 || !isWord(folded, at - 1) || (anywhere && unspaced.test(folded[at]!));
  };

  return {
    window,
    find(text, from = 0) {
      const folded = fold(text);
      const spans: Span[] = [];
      for (let at = Math.max(0, from - window); at < folded.length; at++) {
        if (!root.next.has(folded.charCodeAt(at)) || !mayStart(folded, at)) continue;
        const end = longestFrom(folded, at);
        if (end === undefined) continue;
        if (end > from) spans.push({ start: at, end, label });
        at = end - 1;
      }
      return spans;
    },
    openFrom(text) {
      const start = Math.max(0, text.length - window);
      const folded = fold(text);
      for (let at = start; at < folded.length; at++) {
        if (root.next.has(folded.charCodeAt(at)) && mayStart(folded, at) && reachesEnd(folded, at)) return at;
      }
      return text.length;
    },
  };

  function longestFrom(folded: string, start: number): number | undefined {
    let node: Node | undefined = root;
    let end: number | undefined;
    for (let at = start; node; ) {
      if (node.ends && (!node.ends.bounded || !isWord(folded, at))) end = at;
      if (at >= folded.length) break;
      const step: { node: Node | undefined; at: number } = advance(node, folded, at);
      node = step.node;
      at = step.at;
    }
    return end;
  }

  /** Whether the text ends inside a keyword, or right at the end of one that the next character may still undo. */
  function reachesEnd(folded: string, start: number): boolean {
    let node: Node | undefined = root;
    let at = start;
    while (node && at < folded.length) {
      const step: { node: Node | undefined; at: number } = advance(node, folded, at);
      node = step.node;
      at = step.at;
    }
    return node !== undefined && (node.next.size > 0 || node.ends?.bounded === true);
  }
}

const space = 32;
const isSpace = (code: number): boolean => code === space || (code >= 9 && code <= 13) || code === 0xa0;

function advance(node: Node, folded: string, at: number): { node: Node | undefined; at: number } {
  const code = folded.charCodeAt(at);
  if (!isSpace(code)) return { node: node.next.get(code), at: at + 1 };
  let end = at + 1;
  while (end < folded.length && isSpace(folded.charCodeAt(end))) end++;
  return { node: node.next.get(space), at: end };
}

/** Lower case, code unit by code unit: offsets stay what they are. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  let folded = '';
  for (const mark of text) {
    const small = mark.toLowerCase();
    folded += small.length === mark.length ? small : mark;
  }
  return folded;
}
