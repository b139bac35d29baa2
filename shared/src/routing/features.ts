import { scoreComplexity } from './complexity.ts';

/** Buckets that n-grams are hashed into. */
export const gramBuckets = 1 << 14;
/** Bits of the filter that knows which pairs of words training saw. */
export const pairBits = 1 << 20;

// What is read of a prompt: task and subject show early, and the rest would only cost time.
const mostTokensRead = 400;
const mostCharactersRead = 4000;
const mostCharactersInGrams = 1200;

/** A prompt as the model of quality reads it. */
export interface PromptFeatures {
  /** Buckets of the words, pairs of words and pieces of words that occur, each once. */
  grams: Uint16Array;
  /** Places of the pairs of neighbouring words in a filter of `pairBits`, as often as they occur. */
  pairs: Uint32Array;
  /** The hand-made features, in the order of `handFeatureNames`; each about -1 to 3. */
  hand: Float32Array;
}

/** Characters that are counted, by what they speak for. */
const marks = {
  digits: '0123456789',
  mathSymbols: '=+*/^<>%∑∫√≤≥π',
  backslashes: '\\$',
  codeSymbols: '{};[]()_',
  quotes: '"“”',
  commas: ',',
  sentences: '.!?',
  hyphens: '-—',
  colons: ':',
  capitals: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
} as const;

/** Words, and pairs of them with a space between, that are counted by what they speak for. */
const vocabulary = {
  code: 'function def class return import python javascript code program sql array string output assert list',
  maths:
    'equation integer integers triangle probability derivative polynomial prime matrix theorem compute calculate solve frac sqrt',
  science: 'cell cells energy molecule acid velocity species reaction electron force temperature protein gene mass',
  law: 'court plaintiff defendant statute contract liability jurisdiction law sued',
  medicine: 'patient disease treatment symptom symptoms clinical diagnosis drug blood',
  history: 'war century empire king president revolution treaty',
  money: 'price cost market demand revenue tax interest dollar dollars',
  choice: 'following option options choose select',
  truth: 'true false not except incorrect least',
  logic: 'if then therefore implies clue clues premise conclude must',
  writing: 'write essay poem story email paragraph sentence',
  rewriting: 'summarize summarise translate rewrite paraphrase correct edit',
  why: 'why how explain because',
  fact: 'who when where|what is|what was|what are',
  steps: 'step steps plan procedure process',
  counting: 'total each per percent average sum remaining left|how many|how much',
  people: 'he she they him her his their',
} as const;

const markNames = Object.keys(marks);
const vocabularyNames = Object.keys(vocabulary);
const shapes = ['length', 'lengthSquared', 'lines', 'wordLength', 'complexity', 'question', 'options', 'nonAscii'];

/** What the hand-made features are, in their order. */
export const handFeatureNames: readonly string[] = [...shapes, ...markNames, ...vocabularyNames];

/**
 * Reads a prompt: words, pairs of words, and three to five characters of words, hashed; and some features made by hand. A pure
 * function of the text, the same in the router and where weights are trained.
 */
export function featuresOf(prompt: string): PromptFeatures {
  const counts = new Uint16Array(vocabularyNames.length);
  const { grams, pairs } = readTokens(prompt, counts);
  return { grams, pairs, hand: handFeatures(prompt, counts) };
}

// FNV-1a over UTF-16 code units.
const hashStart = 0x811c9dc5;
const step = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193);
// Its low bits mix worst; the high ones are folded in.
const fold = (hash: number, size: number): number => (hash ^ (hash >>> 15)) & (size - 1);

const isLetter = 1;
const isDigit = 2;
const isMark = 3;

/** 0 is white space. Letters outside of ASCII count as letters. */
function kindOf(code: number): number {
  if ((code >= 97 && code <= 122) || code > 127) return isLetter;
  if (code <= 32) return 0;
  return code >= 48 && code <= 57 ? isDigit : isMark;
}

/** A word, a number (all alike but for their length) or a mark, hashed. */
function hashToken(text: string, start: number, end: number, kind: number): number {
  let hash = step(hashStart, kind);
  for (let at = start; at < end; at++) hash = step(hash, kind === isDigit ? 48 : text.charCodeAt(at));
  return hash;
}

const hashWord = (word: string): number => hashToken(word, 0, word.length, isLetter);
const hashPair = (first: number, second: number): number => step(step(first, second & 0xffff), second >>> 16);

const vocabularyByHash = new Map<number, number>(
  Object.values(vocabulary).flatMap((entry, index) => {
    const [words, ...pairs] = entry.split('|');
    return [
      ...words!.split(' ').map((word): [number, number] => [hashWord(word), index]),
      ...pairs.map((pair): [number, number] => {
        const [first, second] = pair.split(' ');
        return [hashPair(hashWord(first!), hashWord(second!)), index];
      }),
    ];
  }),
);

// Which buckets the prompt under way has: a stamp is cheaper than clearing them, or a set.
const stamps = new Uint32Array(gramBuckets);
let stamp = 0;
const foundGrams = new Uint16Array(gramBuckets);
const foundPairs = new Uint32Array(mostTokensRead);

function readTokens(prompt: string, counts: Uint16Array): { grams: Uint16Array; pairs: Uint32Array } {
  if (++stamp > 0xffffffff) {
    stamps.fill(0);
    stamp = 1;
  }
  let gramCount = 0;
  let pairCount = 0;
  const add = (hash: number): void => {
    const bucket = fold(hash, gramBuckets);
    if (stamps[bucket] === stamp) return;
    stamps[bucket] = stamp;
    foundGrams[gramCount++] = bucket;
  };
  const count = (hash: number): void => {
    const index = vocabularyByHash.get(hash);
    if (index !== undefined) counts[index]!++;
  };
  const text = prompt.slice(0, mostCharactersRead).toLowerCase();
  let previous: number | undefined;
  let tokens = 0;
  for (let at = 0; at < text.length && tokens < mostTokensRead; ) {
    const kind = kindOf(text.charCodeAt(at));
    const start = at++;
    if (kind === 0) continue;
    if (kind !== isMark) while (at < text.length && kindOf(text.charCodeAt(at)) === kind) at++;
    const hash = hashToken(text, start, at, kind);
    add(hash);
    if (kind === isLetter) {
      count(hash);
      if (start < mostCharactersInGrams) addPieces(text, start, at, add);
    }
    if (previous !== undefined) {
      const pair = hashPair(previous, hash);
      add(pair);
      if (kind === isLetter) count(pair);
      foundPairs[pairCount++] = fold(pair, pairBits);
    }
    previous = hash;
    tokens++;
  }
  return { grams: foundGrams.slice(0, gramCount), pairs: foundPairs.slice(0, pairCount) };
}

/** All runs of three to five characters of a word with its borders. */
function addPieces(text: string, start: number, end: number, add: (hash: number) => void): void {
  for (let from = start - 1; from < end - 1; from++) {
    let hash = step(hashStart, 7);
    for (let length = 1; length <= 5 && from + length <= end + 1; length++) {
      const at = from + length - 1;
      hash = step(hash, at < start || at >= end ? 32 : text.charCodeAt(at));
      if (length >= 3) add(hash);
    }
  }
}

const markByCode = new Map<number, number>(
  Object.values(marks).flatMap((characters, index) =>
    [...characters].map((character): [number, number] => [character.charCodeAt(0), index]),
  ),
);
/** The mark of an ASCII character, from 1; 0 is none. */
const markOfAscii = Uint8Array.from({ length: 128 }, (_, code) => (markByCode.get(code) ?? -1) + 1);
const options = /^[ \t]{0,8}\(?[A-J][).:]\s/gm;

function handFeatures(prompt: string, counts: Uint16Array): Float32Array {
  const text = prompt.slice(0, mostCharactersRead);
  const marked = new Uint16Array(markNames.length);
  let lines = 1;
  let spaces = 1;
  let nonAscii = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) lines++;
    else if (code === 32) spaces++;
    if (code > 127) nonAscii++;
    const mark = code > 127 ? (markByCode.get(code) ?? -1) + 1 : markOfAscii[code]!;
    if (mark > 0) marked[mark - 1]!++;
  }
  const length = Math.log10(prompt.length + 1) - 2.5;
  const hand = new Float32Array(handFeatureNames.length);
  hand.set([
    length,
    length * length,
    Math.log2(lines) / 4,
    text.length / (spaces + lines) / 8,
    scoreComplexity(text).score,
    text.trimEnd().endsWith('?') ? 1 : 0,
    lines > 1 ? Math.min(10, text.match(options)?.length ?? 0) / 5 : 0,
    Math.log2(1 + nonAscii) / 4,
  ]);
  marked.forEach((count, index) => {
    hand[shapes.length + index] = Math.log2(1 + count) / 4;
  });
  counts.forEach((count, index) => {
    hand[shapes.length + marked.length + index] = Math.log2(1 + count) / 2;
  });
  return hand;
}

/** How often words of each part of the vocabulary occur, by its name. */
export function vocabularyCounts({ hand }: PromptFeatures): Record<string, number> {
  const from = shapes.length + markNames.length;
  return Object.fromEntries(
    vocabularyNames.map((name, index) => [name, Math.round(2 ** (hand[from + index]! * 2) - 1)]),
  );
}
