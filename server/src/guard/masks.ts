import type { Edit, TextEditor } from './text-editor.ts';

/** Stand-ins for what must not leave: `<EMAIL_1>`. The same value has the same stand-in for as long as the call lasts. */
export interface MaskBook {
  maskOf(label: string, value: string): string;
  /** Whether the value had a stand-in already. */
  knows(label: string, value: string): boolean;
  readonly size: number;
  /** Puts the values back into an answer, in text and inside JSON. */
  restore: TextEditor;
}

// Some models write the angle brackets of JSON as \u003c and \u003e.
const mask = /(?:<|\\u003[cC])([A-Z][A-Z0-9_]*_[0-9]+)(?:>|\\u003[eE])/g;
const openMask =
  /(?:<|\\(?:u(?:0(?:0(?:3[cC]?)?)?)?)?)$|(?:<|\\u003[cC])[A-Z][A-Z0-9_]*(?:\\(?:u(?:0(?:0(?:3[eE]?)?)?)?)?)?$/;
const longestMask = 64;

/** `written` is all that the caller wrote: stand-ins that happen to stand there already are not given out. */
export function createMaskBook(written: () => string): MaskBook {
  const maskByValue = new Map<string, string>();
  const valueByMask = new Map<string, string>();
  const counts = new Map<string, number>();
  let taken: Set<string> | undefined;

  function nextMask(label: string): string {
    taken ??= new Set([...written().matchAll(mask)].map(([, name]) => name!));
    let count = counts.get(label) ?? 0;
    do count++;
    while (taken.has(`${label}_${count}`));
    counts.set(label, count);
    return `${label}_${count}`;
  }

  return {
    maskOf(label, value) {
      const key = `${label}:${value}`;
      let name = maskByValue.get(key);
      if (name === undefined) {
        name = nextMask(label);
        maskByValue.set(key, name);
        valueByMask.set(name, value);
      }
      return `<${name}>`;
    },
    knows: (label, value) => maskByValue.has(`${label}:${value}`),
    get size() {
      return maskByValue.size;
    },
    restore: {
      window: longestMask,
      edits(text, _kind, from) {
        if (!text.includes('_')) return [];
        const edits: Edit[] = [];
        for (const { index, 0: found, 1: name } of text.matchAll(mask)) {
          const value = valueByMask.get(name!);
          const end = index + found.length;
          if (value !== undefined && end > from) edits.push({ start: index, end, label: name!, replacement: value });
        }
        return edits;
      },
      openFrom(text) {
        const from = Math.max(0, text.length - longestMask);
        const tail = from === 0 ? text : text.slice(from);
        const found = openMask.exec(tail);
        if (!found) return text.length;
        // What cannot be the beginning of any stand-in of this call is not waited for.
        const begun = found[0].replace(/^(?:<|\\u003[cC])/, '');
        const name = begun.replace(/\\.*$/, '');
        if (found[0].startsWith('\\') && name === '') return from + found.index;
        for (const known of valueByMask.keys()) if (known.startsWith(name)) return from + found.index;
        return text.length;
      },
      found() {},
    },
  };
}
