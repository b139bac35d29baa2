/** A regular expression, as far as a sample can be made from it. */
export type Pattern =
  | { kind: 'set'; characters: string }
  | { kind: 'sequence'; items: Pattern[] }
  | { kind: 'either'; options: Pattern[] }
  | { kind: 'repeat'; item: Pattern; min: number; max: number };

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
const digits = '0123456789';
const letters = 'abcdefghijklmnopqrstuvwxyz';
const word = `${letters}${letters.toUpperCase()}${digits}_`;
const unlimited = 1_000;
const longestSample = 512;
const longestSource = 1_000;
const mostVarying = 4;

/** The pattern as a tree, or undefined when it uses what cannot be sampled (look-around, back-references). */
export function parsePattern(source: string): Pattern | undefined {
  if (source.length > longestSource) return undefined;
  try {
    const reader = { source, at: 0, depth: 0 };
    const pattern = parseEither(reader);
    return reader.at === source.length ? pattern : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A string that the pattern matches, at least `minLength` long where its repetitions allow it. Nothing of the caller's
 * pattern is ever run, so that a hostile one cannot hold up the process.
 */
export function samplePattern(pattern: Pattern, variation: number, minLength: number): string {
  let sample = write(pattern, variation, 0);
  for (let extra = 1; sample.length < minLength && extra <= minLength && extra < longestSample; extra++)
    sample = write(pattern, variation, extra);
  return sample;
}

/** Whether running the pattern on a short text surely ends soon: few repetitions that vary, and none inside another. */
export function isCheap(pattern: Pattern): boolean {
  const varying = countVarying(pattern, false);
  return varying <= mostVarying;
}

function countVarying(pattern: Pattern, insideRepeat: boolean): number {
  switch (pattern.kind) {
    case 'set':
      return 0;
    case 'sequence':
      return pattern.items.reduce((sum, item) => sum + countVarying(item, insideRepeat), 0);
    case 'either':
      return pattern.options.reduce((sum, item) => sum + countVarying(item, insideRepeat), insideRepeat ? Infinity : 0);
    case 'repeat': {
      if (pattern.min === pattern.max) return countVarying(pattern.item, insideRepeat);
      return insideRepeat ? Infinity : 1 + countVarying(pattern.item, true);
    }
  }
}

function write(pattern: Pattern, variation: number, extra: number): string {
  switch (pattern.kind) {
    case 'set':
      return pattern.characters[variation % pattern.characters.length] ?? '';
    case 'sequence':
      return pattern.items.map((item) => write(item, variation, extra)).join('');
    case 'either':
      return write(pattern.options[variation % pattern.options.length]!, variation, extra);
    case 'repeat': {
      const times = Math.min(pattern.min + extra, pattern.max);
      let text = '';
      for (let index = 0; index < times && text.length < longestSample + pattern.min; index++) {
        const piece = write(pattern.item, variation + index, extra);
        if (piece === '') break;
        text += piece;
      }
      return text;
    }
  }
}

interface Reader {
  source: string;
  at: number;
  depth: number;
}

class Unsupported extends Error {}

function parseEither(reader: Reader): Pattern {
  if (reader.depth++ > 40) throw new Unsupported();
  const options = [parseSequence(reader)];
  while (reader.source[reader.at] === '|') {
    reader.at++;
    options.push(parseSequence(reader));
  }
  reader.depth--;
  return options.length === 1 ? options[0]! : { kind: 'either', options };
}

function parseSequence(reader: Reader): Pattern {
  const items: Pattern[] = [];
  while (reader.at < reader.source.length) {
    const character = reader.source[reader.at]!;
    if (character === '|' || character === ')') break;
    if (character === '^' || character === '$') {
      reader.at++;
      continue;
    }
    items.push(parseRepeat(reader, parseItem(reader)));
  }
  return { kind: 'sequence', items };
}

function parseItem(reader: Reader): Pattern {
  const character = reader.source[reader.at++]!;
  if (character === '.') return { kind: 'set', characters: `${letters}${digits}` };
  if (character === '[') return parseClass(reader);
  if (character === '\\') return { kind: 'set', characters: parseEscape(reader) };
  if (character !== '(') return { kind: 'set', characters: character };
  const group = /^\?(?::|<[A-Za-z]\w*>)/.exec(reader.source.slice(reader.at, reader.at + 64));
  if (group) reader.at += group[0].length;
  else if (reader.source[reader.at] === '?') throw new Unsupported();
  const inner = parseEither(reader);
  if (reader.source[reader.at++] !== ')') throw new Unsupported();
  return inner;
}

function parseRepeat(reader: Reader, item: Pattern): Pattern {
  const match = /^(?:([*+?])|\{(\d{1,4})(,?)(\d{0,4})\})\??/.exec(reader.source.slice(reader.at, reader.at + 16));
  if (!match) return item;
  reader.at += match[0].length;
  const [, sign, min = '0', comma, max = ''] = match;
  if (sign === '*') return { kind: 'repeat', item, min: 0, max: unlimited };
  if (sign === '+') return { kind: 'repeat', item, min: 1, max: unlimited };
  if (sign === '?') return { kind: 'repeat', item, min: 0, max: 1 };
  const least = Number(min);
  return { kind: 'repeat', item, min: least, max: comma === '' ? least : max === '' ? least + unlimited : Number(max) };
}

function parseEscape(reader: Reader): string {
  const character = reader.source[reader.at++];
  switch (character) {
    case 'd':
      return digits;
    case 'w':
      return word;
    case 's':
      return ' ';
    case 'D':
      return letters;
    case 'S':
      return letters;
    case 'W':
      return ' -.';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'u': {
      const code = /^([0-9a-fA-F]{4})/.exec(reader.source.slice(reader.at, reader.at + 4));
      if (!code) throw new Unsupported();
      reader.at += 4;
      return String.fromCharCode(Number.parseInt(code[1]!, 16));
    }
    case 'p': {
      const name = /^\{(L|Lu|Ll|N|Nd|Letter)\}/.exec(reader.source.slice(reader.at, reader.at + 10));
      if (!name) throw new Unsupported();
      reader.at += name[0].length;
      return name[1]!.startsWith('N') ? digits : name[1] === 'Lu' ? letters.toUpperCase() : letters;
    }
    default:
      if (character === undefined || /[A-Za-z0-9]/.test(character)) throw new Unsupported();
      return character;
  }
}

function parseClass(reader: Reader): Pattern {
  const negated = reader.source[reader.at] === '^';
  if (negated) reader.at++;
  let characters = '';
  while (reader.at < reader.source.length && reader.source[reader.at] !== ']') {
    const from = readClassMember(reader);
    const ranged = from.length === 1 && reader.source[reader.at] === '-' && reader.source[reader.at + 1] !== ']';
    if (!ranged) {
      characters += from;
      continue;
    }
    reader.at++;
    const to = readClassMember(reader);
    const last = Math.min(to.charCodeAt(0), from.charCodeAt(0) + 127);
    for (let code = from.charCodeAt(0); code <= last; code++) characters += String.fromCharCode(code);
  }
  if (reader.source[reader.at++] !== ']') throw new Unsupported();
  if (negated)
    characters = (word + printable).replace(/[\s\S]/g, (character) =>
      characters.includes(character) ? '' : character,
    );
  if (characters === '') throw new Unsupported();
  return { kind: 'set', characters };
}

function readClassMember(reader: Reader): string {
  const character = reader.source[reader.at++];
  if (character === undefined) throw new Unsupported();
  return character === '\\' ? parseEscape(reader) : character;
}
