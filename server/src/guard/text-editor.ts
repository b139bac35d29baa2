import type { AnswerTextKind } from '../core/answer-text.ts';
import type { Span } from './span.ts';

/** A find and what becomes of it; without a replacement it only counts. */
export interface Edit extends Span {
  replacement?: string;
}

/** Looks through texts of an answer and says what is to be written instead. */
export interface TextEditor {
  /** What it finds that ends after `from`, in order, without overlaps. */
  edits(text: string, kind: AnswerTextKind, from: number): Edit[];
  /** See `SpanDetector.openFrom`. */
  openFrom(text: string, kind: AnswerTextKind): number;
  /** The most characters of a text that may be held back. */
  window: number;
  /** Told of each find once, when it is certain. Throws when the answer must not go on. */
  found(edit: Edit): void;
}

/** A complete text with every find replaced, or undefined when it stays as it is. `told` false: the finds were told before. */
export function editWhole(editor: TextEditor, text: string, kind: AnswerTextKind, told = true): string | undefined {
  const edits = editor.edits(text, kind, 0);
  if (edits.length === 0) return undefined;
  let changed = '';
  let at = 0;
  const strings = kind === 'arguments' ? createJsonStrings() : undefined;
  for (const edit of edits) {
    if (told) editor.found(edit);
    if (edit.replacement === undefined || edit.start < at) continue;
    const before = text.slice(at, edit.start);
    strings?.pass(before);
    changed += before + (strings ? strings.written(edit.replacement) : edit.replacement);
    strings?.pass(text.slice(edit.start, edit.end));
    at = edit.end;
  }
  return at === 0 ? undefined : changed + text.slice(at);
}

const quote = 34;
const backslash = 92;

/** Knows whether JSON that passes by stands inside a text, so that what is written there keeps it JSON. */
export function createJsonStrings() {
  let inside = false;
  let escaped = false;
  let isJson: boolean | undefined;
  return {
    pass(text: string): void {
      isJson ??= /\S/.test(text) ? /^\s*[{["]/.test(text) : undefined;
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at);
        if (escaped) escaped = false;
        else if (code === backslash && inside) escaped = true;
        else if (code === quote) inside = !inside;
      }
    },
    /** A text as it must be written here: escaped within a text, quoted where a number stood, as it is outside of JSON. */
    written(text: string): string {
      if (isJson !== true) return text;
      const json = JSON.stringify(text);
      return inside ? json.slice(1, -1) : json;
    },
  };
}

/** JSON text with its escapes blanked out, character for character, so that `\n` before a number is no letter before it. */
export const withoutEscapes = (json: string): string =>
  json.includes('\\') ? json.replace(/\\(?:u[0-9a-fA-F]{4}|[^u])/g, (mark) => ' '.repeat(mark.length)) : json;
