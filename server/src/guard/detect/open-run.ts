/** The index where the run of characters at the text's end begins that all satisfy the test; at most `most` are looked at. */
export function runBackward(text: string, isPart: (code: number) => boolean, most: number): number {
  const least = Math.max(0, text.length - most);
  let at = text.length;
  while (at > least && isPart(text.charCodeAt(at - 1))) at--;
  return at;
}

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

export const isAsciiLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** ASCII letters and digits, the underscore, and everything beyond ASCII that is no space or punctuation of common use. */
export const isWordCode = (code: number): boolean =>
  isDigit(code) ||
  isAsciiLetter(code) ||
  code === 95 ||
  (code >= 0xc0 && code !== 0xd7 && code !== 0xf7 && code < 0x2000);

/**
 * A pattern of atoms, each with what may stand of it while it is not complete: `full` finds the whole, `part` whatever
 * beginning of it stands at the end of a text.
 */
export interface Form {
  full: RegExp;
  part: RegExp;
}

/** An atom: its pattern, and its pattern while it is being written when that differs. */
export type Atom = string | readonly [full: string, part: string];

/** A literal as atoms, one for each character. */
export const literal = (text: string): string[] =>
  [...text].map((mark) => mark.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&'));

/**
 * Builds both patterns of a form. `before` and `after` are patterns of what must not stand around it; `awaited` is the
 * beginning of an `after` that is longer than one character.
 */
export function formOf(
  atoms: readonly Atom[],
  { before = '[A-Za-z0-9_]', after = '[A-Za-z0-9_]', awaited = '' } = {},
): Form {
  const fulls = atoms.map((atom) => (typeof atom === 'string' ? atom : atom[0]));
  const parts = atoms.map((atom) => (typeof atom === 'string' ? atom : atom[1]));
  const behind = `(?<!${before})`;
  const ahead = `(?!${after})`;
  // a(?:b(?:c)?)?$ : every beginning of the form, itself included, since the next character may still undo or lengthen it.
  const part = parts.reduceRight((rest, atom) => (rest === '' ? atom : `${atom}(?:${rest})?`), awaited);
  return { full: new RegExp(`${behind}${fulls.join('')}${ahead}`, 'g'), part: new RegExp(`${behind}${part}$`) };
}

/** Where the first beginning of the form that reaches to the text's end stands, or the text's length. */
export function openForm(text: string, { part }: Form, most: number): number {
  const from = Math.max(0, text.length - most);
  const tail = from === 0 ? text : text.slice(from - 1);
  const found = part.exec(tail);
  if (!found) return text.length;
  const at = found.index + (from === 0 ? 0 : from - 1);
  return Math.max(at, from);
}
