import { nameWords, stem, stopWords, unquote } from './words.ts';

/** A value found in the user's words. `strong` when the words plainly mean this field. */
export interface Hint<T> {
  value: T;
  strong: boolean;
}

/** Reads values for the fields of a schema out of what the user wrote, each value once. One per generated object. */
export interface Hints {
  readonly text: string;
  string(name: string, description: string, format?: string): Hint<string> | undefined;
  /** Every value that a list of this name could hold. */
  strings(name: string): string[];
  number(name: string, accepts: (value: number) => boolean): Hint<number> | undefined;
  boolean(name: string): boolean | undefined;
  mentions(word: string): boolean;
}

const maxTextLength = 4000;
const placeNames =
  /^(city|cities|location|locations|place|places|town|country|countries|destination|origin|region|address|where)$/;
const wholeTextNames =
  /^(query|question|prompt|message|text|content|body|input|q|search|request|topic|sentence|instruction|instructions|task|description|note)$/;
const formatPatterns = new Map<string, RegExp>(
  Object.entries({
    email: /[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+/,
    uri: /https?:\/\/[^\s"'<>)]+[^\s"'<>).,!?]/,
    date: /\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)\b/,
    time: /\b(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-]\d\d:\d\d)\b/,
    'date-time': /\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-]\d\d:\d\d)/,
    uuid: /\b[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/i,
    ipv4: /\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b/,
  }),
);
const spokenText = /\b(?:saying|that says|which says|telling \w+(?: that)?)(?: that)?:? +(\S[\s\S]*)$/i;
const properName = /\p{Lu}[\p{L}'’-]*(?:[ ](?:(?:de|la|le|von|van|of|the|and) (?=\p{Lu}))?\p{Lu}[\p{L}'’-]*)*/gu;

/** `skip` passes over that many named values first: the second of several calls takes the second city. */
export function createHints(wholeText: string, skip = 0): Hints {
  const text = wholeText.slice(-maxTextLength);
  const lower = text.toLowerCase();
  const used = new Set<string>();
  let left = skip;

  const take = (values: readonly string[]): string | undefined => {
    const free = values.filter((value) => !used.has(value));
    const value = free[Math.min(left, free.length - 1)];
    if (value === undefined) return undefined;
    left = 0;
    used.add(value);
    return value;
  };
  const strong = (value: string | undefined): Hint<string> | undefined =>
    value === undefined ? undefined : { value, strong: true };

  return {
    text,
    string(name, description, format) {
      const words = nameWords(name);
      const last = words.at(-1) ?? '';
      const wanted = format ?? impliedFormat(last);
      const pattern = wanted === undefined ? undefined : formatPatterns.get(wanted);
      const found = pattern && strong(take(allMatches(text, pattern)));
      // A string with a format is read by that format or not at all.
      if (found || format) return found;
      const explicit = explicitValue(text, words);
      if (explicit !== undefined) {
        used.add(explicit);
        return { value: explicit, strong: true };
      }
      const direction = directionOf(words);
      if (direction) {
        const found = strong(take(namesAfter(text, direction)));
        if (found) return found;
      }
      if (placeNames.test(last)) return strong(take(places(text)));
      if (/^(path|file|filename|filepath|directory|folder)$/.test(last))
        return strong(take(allMatches(text, /(?:[\w.-]*\/)+[\w.-]*\w|\b[\w-]+\.[a-z]\w{0,4}\b/)));
      if (/^(expression|expr|formula|calculation|equation)$/.test(last))
        return strong(take(allMatches(text, /[(\d][\d\s.+\-*/^()%]*[\d)]/).map((value) => value.trim())));
      if (/^(timezone|tz)$/.test(last))
        return strong(take(allMatches(text, /\b(?:UTC|GMT|[A-Z][a-z]+\/[A-Z][A-Za-z_]+)\b/)));
      if (/^(symbol|ticker|currency|code)$/.test(last)) {
        const found = strong(
          take(allMatches(text, /\b[A-Z]{2,5}\b/).filter((word) => !stopWords.has(word.toLowerCase()))),
        );
        if (found) return found;
      }
      const quote = take(quoted(text));
      if (quote !== undefined) return { value: quote, strong: wholeTextNames.test(last) };
      const message = /^(?:message|text|content|body|note)$/.test(last) ? spokenText.exec(text)?.[1] : undefined;
      if (message !== undefined) return { value: unquote(message), strong: true };
      if (wholeTextNames.test(last)) return { value: subject(text), strong: false };
      const named = take(properNames(text));
      if (named !== undefined) return { value: named, strong: /name|title|person|who|artist|author/.test(last) };
      return /free|any|search|look/i.test(description) ? { value: subject(text), strong: false } : undefined;
    },
    strings(name) {
      const last = stem(nameWords(name).at(-1) ?? '');
      const inQuotes = quoted(text);
      if (inQuotes.length > 0) return inQuotes;
      return placeNames.test(last) || /^(cit|location|place|countr)/.test(last) ? places(text) : [];
    },
    number(name, accepts) {
      const words = nameWords(name).filter((word) => word.length > 2);
      for (const word of words) {
        const near = numberNear(lower, stem(word));
        if (near !== undefined && accepts(near.value)) {
          used.add(`#${near.index}`);
          return { value: near.value, strong: true };
        }
      }
      for (const match of lower.matchAll(/(?<![\w.])-?\d+(?:\.\d+)?(?![\w]|\.\d)/g)) {
        const value = Number(match[0]);
        if (used.has(`#${match.index}`) || !accepts(value)) continue;
        used.add(`#${match.index}`);
        return { value, strong: false };
      }
      return undefined;
    },
    boolean(name) {
      for (const word of nameWords(name)) {
        if (word.length < 3 || stopWords.has(word)) continue;
        const at = lower.indexOf(stem(word));
        if (at === -1) continue;
        return !/\b(no|not|without|don'?t|never|false)\b[^.,;]{0,16}$/.test(lower.slice(Math.max(0, at - 24), at));
      }
      return undefined;
    },
    mentions(word) {
      const at = lower.indexOf(word.toLowerCase());
      if (at === -1 || word === '') return false;
      return !/[\p{L}\p{N}]/u.test(lower.charAt(at - 1)) && !/[\p{L}\p{N}]/u.test(lower.charAt(at + word.length));
    },
  };
}

/** The places that the user names: `in Paris and London` are two, `in Paris, France` is one. */
export function places(text: string): string[] {
  const named = namesAfter(text, 'in|at|for|near|around|to|from|of|between');
  if (named.length > 0) return named;
  const plain = /\b(?:in|near|around|at|for) ([a-z]{3,}(?: [a-z]{3,})?)/.exec(text)?.[1];
  const words = plain?.split(' ').filter((word) => !stopWords.has(word)) ?? [];
  return words.length > 0 ? [words.join(' ')] : [];
}

export const quoted = (text: string): string[] =>
  [...text.matchAll(/(?<![\p{L}\p{N}])(?:"([^"\n]+)"|'([^'\n]+)'|“([^”\n]+)”|`([^`\n]+)`)(?![\p{L}\p{N}])/gu)].map(
    (match) => match.slice(1).find((group) => group !== undefined) ?? '',
  );

function namesAfter(text: string, prepositions: string): string[] {
  const name = String.raw`\p{Lu}[\p{L}'’.-]*(?: (?:de |la |of |the )?\p{Lu}[\p{L}'’-]*)*`;
  const list = new RegExp(
    String.raw`\b(?:${prepositions}) (${name}(?:(?:, and | and | & |, | or | to )${name})*)`,
    'gu',
  );
  const found: string[] = [];
  for (const match of text.matchAll(list)) {
    const parts = match[1]!.split(/,? and | & | or | to |, /);
    const onePlace = parts.length === 2 && / *, /.test(match[1]!) && !/ and | & | or | to /.test(match[1]!);
    for (const part of onePlace ? [match[1]!] : parts) {
      const clean = part.replace(/(?:'s|’s|[.'’-]+)$/, '');
      if (clean && !stopWords.has(clean.toLowerCase()) && !found.includes(clean)) found.push(clean);
    }
  }
  return found;
}

// A capital at the start of a sentence shows nothing, unless more capitals follow it: `Book Chez Nous`, `Ada Lovelace is`.
const orderWords = new Set(
  'add ask book buy calculate call cancel check create delete describe draft email explain extract fetch fill find generate invent list look make message move name order parse pick play read remind remove reserve schedule search send show start summarise summarize text translate update write'.split(
    ' ',
  ),
);

function properNames(text: string): string[] {
  const names: string[] = [];
  for (const match of text.matchAll(properName)) {
    const opening = match.index === 0 || /[.!?:\n]\s*$/.test(text.slice(Math.max(0, match.index - 3), match.index));
    const words = match[0].split(' ');
    if (opening && (words.length === 1 || orderWords.has(words[0]!.toLowerCase()))) words.shift();
    while (words.length > 0 && stopWords.has(words[0]!.toLowerCase())) words.shift();
    const name = words.join(' ').replace(/['’]s$/, '');
    if (name.length > 1 && !(name.length > 3 && name === name.toUpperCase() && words.length === 1)) names.push(name);
  }
  return names;
}

function impliedFormat(word: string): string | undefined {
  if (/^e?mail$/.test(word)) return 'email';
  if (/^(url|uri|link|website)$/.test(word)) return 'uri';
  if (/^(date|day|birthday)$/.test(word)) return 'date';
  return word === 'uuid' ? 'uuid' : undefined;
}

function directionOf(words: string[]): string | undefined {
  if (words.some((word) => /^(origin|from|source|departure|start)$/.test(word))) return 'from';
  return words.some((word) => /^(destination|to|target|arrival|recipient|end)$/.test(word)) ? 'to' : undefined;
}

const allMatches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(new RegExp(pattern.source, `${pattern.flags}g`))].map((match) => match[0]);

/** `path notes.md`, `content exactly:\n…`, `title = "x"`, `the name is Ada`. */
function explicitValue(text: string, words: string[]): string | undefined {
  const name = words.map((word) => word.replace(/[^\p{L}\p{N}]/gu, '')).join('[ _-]?');
  if (name.length < 2) return undefined;
  const exactly = new RegExp(String.raw`\b${name}\b(?: is| of| as)?(?: exactly)?:\s*\n([\s\S]+)$`, 'iu').exec(
    text,
  )?.[1];
  if (exactly !== undefined) return exactly;
  const match = new RegExp(
    String.raw`\b${name}\b["'\x60]?(?:\s*[:=]\s*| is (?:called )?| exactly | called | named | )(?:"([^"\n]+)"|'([^'\n]+)'|\x60([^\x60\n]+)\x60|([^\s,;"'\x60]+))`,
    'iu',
  ).exec(text);
  if (!match) return undefined;
  const inQuotes = match[1] ?? match[2] ?? match[3];
  if (inQuotes !== undefined) return inQuotes;
  const plain = match[4]!.replace(/[.!?)]+$/, '');
  // Without a sign or quotation marks only a value that looks like one counts: `city name` must not give `name`.
  const marked = /[:=]\s*\S+$| is (?:called )?\S+$| called | named /i.test(match[0]);
  if (plain === '' || stopWords.has(plain.toLowerCase())) return undefined;
  return marked || /[\d/._@-]|^\p{Lu}/u.test(plain) ? plain : undefined;
}

function numberNear(lower: string, word: string): { value: number; index: number } | undefined {
  const number = String.raw`(-?\d+(?:\.\d+)?)(?![\w]|\.\d)`;
  const after = new RegExp(String.raw`\b${word}\w*["']?(?: is| of| to|:| =|=)?\s{0,2}${number}`, 'u').exec(lower);
  const before = after ? null : new RegExp(String.raw`(?<![\w.])${number}[ -]${word}`, 'u').exec(lower);
  const match = after ?? before;
  return match ? { value: Number(match[1]), index: match.index + match[0].lastIndexOf(match[1]!) } : undefined;
}

const opening =
  /^(?:(?:please|can you|could you|would you|i want you to|i need you to|search(?: the web| online)?(?: for)?|look up|find(?: me)?|google|tell me about|call \S+ (?:with|for|on))\s+)+/i;

/** What a request is about: the text without its polite opening and its last sign. */
const subject = (text: string): string => {
  const plain = text
    .trim()
    .replace(opening, '')
    .replace(/[.?!]+$/, '');
  return plain === '' ? text.trim() : plain;
};
