const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How many columns a text takes in a terminal. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

/** Breaks text into lines of at most `width` columns, at spaces where there are any. Lines that are there stay. */
export function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ').flatMap((each) => pieces(each, width))) {
    const joined = current === '' ? word : `${current} ${word}`;
    if (columnsOf(joined) <= width) current = joined;
    else {
      lines.push(current);
      current = word;
    }
  }
  return [...lines, current];
}

/** A word that is longer than a line breaks after `/`, `-`, `.` or `:` when it can, so that names stay readable. */
function pieces(word: string, width: number): string[] {
  if (columnsOf(word) <= width) return [word];
  const all: string[] = [];
  let current = '';
  for (const part of word.split(/(?<=[/\-.:,])/)) {
    if (columnsOf(current + part) <= width) current += part;
    else {
      if (current !== '') all.push(current);
      current = '';
      for (const { segment } of graphemes.segment(part)) {
        if (columnsOf(current + segment) > width) {
          all.push(current);
          current = '';
        }
        current += segment;
      }
    }
  }
  return [...all, current];
}

/** What comes from elsewhere, made safe for a terminal: no control characters but line ends and tabs. */
export const printable = (text: string): string => text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');

/** `1 key`, `2 keys`. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
