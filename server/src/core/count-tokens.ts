import type { AudioPart, ChatRequest, DocumentPart, ImagePart, Part, VideoPart } from './chat-request.ts';

/**
 * The tokens that the input has at the very least, whichever tokenizer counts: for refusing what cannot fit, so it must
 * never be above the true figure. Common vocabularies (o200k, cl100k, Llama, Qwen, Gemma) let no token reach over two
 * words, so each run of letters and digits counts one, plus one per 32 characters of a longer run; Chinese and Japanese,
 * which have no spaces, count one per 4 characters; white space, punctuation, schemas of tools and earlier thinking
 * count nothing. An image counts 16. English prose comes out at 0.6 to 0.8 of the
 * true figure, code at 0.4.
 */
export function estimateInputTokens(request: ChatRequest): number {
  const tally = emptyTally();
  let media = 0;
  visitInput(request, {
    text: (text) => weigh(text, tally),
    media: (part) => {
      media += mediaTokens[part.type].atLeast;
    },
  });
  return tally.words + Math.floor(tally.cjk / 4) + media;
}

/**
 * The tokens that the input probably has, rather too many than too few: for reservations and token rates, never for
 * refusing. ASCII counts one per 3.6 characters or one per word and two symbols, whichever is more, other alphabets one
 * per 2 characters, Chinese and Japanese one per character: about the true figure for English prose and code, up to twice
 * that for other languages, and half of it for digits and base64.
 */
export function likelyInputTokens(request: ChatRequest): number {
  const tally = emptyTally();
  let rest = request.messages.length * tokensPerMessage;
  visitInput(request, {
    text: (text) => weigh(text, tally),
    media: (part) => {
      rest += likelyMediaTokens(part);
    },
    thinking: (text) => weigh(text, tally),
    schema: (schema) => {
      rest += jsonLength(schema) / 4;
    },
  });
  const ascii = Math.max(tally.ascii / 3.6, tally.words + tally.symbols / 2);
  return Math.ceil(ascii + tally.other / 2 + tally.cjk + rest);
}

/**
 * The o200k tokens of a text, exact but for unbroken runs above 128 characters, which are cut and may gain a token at each
 * cut. A long text is counted in slices with a turn of the event loop between them.
 */
export async function countTokens(text: string): Promise<number> {
  const count = await loadCounter();
  if (text.length <= sliceLength) return count(text);
  let tokens = 0;
  for (let start = 0; start < text.length; ) {
    const end = endOfSlice(text, start);
    tokens += count(text.slice(start, end));
    start = end;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return tokens;
}

/** The tokens that one text has at the very least, by the rule of `estimateInputTokens`. */
export function estimateTextTokens(text: string): number {
  const tally = emptyTally();
  weigh(text, tally);
  return tally.words + Math.floor(tally.cjk / 4);
}

/** The input counted in o200k tokens; media by fixed figures, each message with an overhead of 4. For count_tokens. */
export async function countInputTokens(request: ChatRequest): Promise<number> {
  const texts: string[] = [];
  let tokens = request.messages.length * tokensPerMessage;
  visitInput(request, {
    text: (text) => texts.push(text),
    media: (part) => {
      tokens += likelyMediaTokens(part);
    },
    thinking: (text) => texts.push(text),
    schema: (schema) => texts.push(JSON.stringify(schema)),
  });
  for (const text of texts) tokens += await countTokens(text);
  return Math.ceil(tokens);
}

/** What a chat model's own frame around each message takes (role and separators); 3 to 5 in the published formats. */
const tokensPerMessage = 4;

// Per part. `atLeast`: the least that any provider bills (a small image at Anthropic). `likely`: a 1024 x 1024 image at
// OpenAI is 765 and at Anthropic 1,398; a second of audio is 10 at OpenAI and 32 at Gemini; a page of PDF is 1,500 to 3,000
// at Anthropic, a second of video 300 at Gemini. `perByte` is used when the bytes are here (base64 characters).
const mediaTokens = {
  image: { atLeast: 16, likely: 1_000, perByte: 0 },
  audio: { atLeast: 8, likely: 1_000, perByte: 1 / 700 },
  video: { atLeast: 16, likely: 5_000, perByte: 1 / 500 },
  document: { atLeast: 8, likely: 3_000, perByte: 1 / 50 },
} as const;

type MediaPart = ImagePart | AudioPart | VideoPart | DocumentPart;

function likelyMediaTokens(part: MediaPart): number {
  const { likely, perByte } = mediaTokens[part.type];
  if (part.source.kind !== 'base64' || perByte === 0) return likely;
  // Four base64 characters are three bytes of text, and those about one token.
  if (part.source.mediaType.startsWith('text/')) return Math.ceil(part.source.data.length / 4);
  return Math.ceil(part.source.data.length * perByte);
}

interface InputVisitor {
  text(text: string): unknown;
  media(part: MediaPart): unknown;
  thinking?(text: string): unknown;
  schema?(schema: unknown): unknown;
}

function visitInput(request: ChatRequest, visitor: InputVisitor): void {
  for (const message of request.messages) for (const part of message.parts) visitPart(part, visitor);
  for (const tool of request.tools) {
    if (tool.type !== 'function') continue;
    visitor.text(tool.name);
    if (tool.description !== undefined) visitor.text(tool.description);
    if (tool.parameters !== undefined) visitor.schema?.(tool.parameters);
  }
  if (request.responseFormat?.type === 'json-schema') visitor.schema?.(request.responseFormat.schema);
}

function visitPart(part: Part, visitor: InputVisitor): void {
  switch (part.type) {
    case 'text':
    case 'refusal':
      visitor.text(part.text);
      return;
    case 'reasoning':
      visitor.thinking?.(part.text);
      return;
    case 'tool-call':
      visitor.text(part.name);
      visitor.text(part.arguments);
      return;
    case 'tool-result':
      for (const inner of part.parts) visitPart(inner, visitor);
      return;
    case 'image':
    case 'audio':
    case 'video':
    case 'document':
      visitor.media(part);
      return;
    case 'opaque':
      return;
  }
}

interface Tally {
  words: number;
  /** ASCII that is neither letter, digit nor white space. */
  symbols: number;
  ascii: number;
  cjk: number;
  other: number;
}

const emptyTally = (): Tally => ({ words: 0, symbols: 0, ascii: 0, cjk: 0, other: 0 });

// An apostrophe stays inside its word: `don't` is one token of o200k.
const wordCharacters = new Uint8Array(128);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'") {
  wordCharacters[character.charCodeAt(0)] = 1;
}

const longestToken = 32;

function weigh(text: string, tally: Tally): void {
  const length = text.length;
  let { words, symbols, ascii, cjk, other } = tally;
  let run = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code < 128) {
      ascii++;
      if (wordCharacters[code] === 0) {
        if (code > 32) symbols++;
        run = 0;
        continue;
      }
    } else if (isChineseOrJapanese(code)) {
      cjk++;
      run = 0;
      continue;
    } else {
      other++;
    }
    if (run === 0) words++;
    run = run === longestToken - 1 ? 0 : run + 1;
  }
  tally.words = words;
  tally.symbols = symbols;
  tally.ascii = ascii;
  tally.cjk = cjk;
  tally.other = other;
}

/** Radicals, kana, punctuation and ideographs. Korean writes spaces, so it counts as words. */
const isChineseOrJapanese = (code: number): boolean =>
  (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xff00 && code <= 0xffef);

/** About the length of the value's JSON text, without writing it. */
function jsonLength(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 4;
  let length = 2;
  if (Array.isArray(value)) {
    for (const item of value) length += jsonLength(item) + 1;
    return length;
  }
  for (const [key, field] of Object.entries(value)) length += key.length + 4 + jsonLength(field);
  return length;
}

let counter: Promise<(text: string) => number> | undefined;

// The vocabulary takes a fraction of a second and about 100 MB, so nobody pays for it who does not count exactly.
function loadCounter(): Promise<(text: string) => number> {
  counter ??= import('gpt-tokenizer/encoding/o200k_base').then((o200k) => {
    // Text that looks like a control token is only text here; the library would throw.
    const options = { disallowedSpecial: new Set<string>() };
    // Its cache keeps pieces of what it counted: a small one serves, and holds less of what people wrote.
    o200k.setMergeCacheSize(1_000);
    return (text) => countInPieces(text, (piece) => o200k.countTokens(piece, options));
  });
  return counter;
}

const longestRun = 128;
const longRuns = new RegExp(
  `[\\p{L}\\p{M}]{${longestRun},}|[^\\s\\p{L}\\p{N}]{${longestRun},}|\\s{${longestRun},}`,
  'gu',
);

// The merge is quadratic in the length of an unbroken run: 100 KB of one letter would hold the process for minutes.
function countInPieces(text: string, count: (piece: string) => number): number {
  let tokens = 0;
  let done = 0;
  for (const match of text.matchAll(longRuns)) {
    if (match.index > done) tokens += count(text.slice(done, match.index));
    const run = match[0];
    for (let start = 0; start < run.length; start += longestRun) tokens += count(run.slice(start, start + longestRun));
    done = match.index + run.length;
  }
  return done === 0 ? count(text) : done < text.length ? tokens + count(text.slice(done)) : tokens;
}

const sliceLength = 16_384;

/** The end of a slice of about `sliceLength`: before a space between two words, where no token crosses, if one is near. */
function endOfSlice(text: string, start: number): number {
  const end = start + sliceLength;
  if (end >= text.length) return text.length;
  const near = text.slice(end, end + 1_024).search(/(?<=[a-z]) (?=[a-z])/);
  if (near !== -1) return end + near;
  const isLowSurrogate = (text.charCodeAt(end) & 0xfc00) === 0xdc00;
  return isLowSurrogate ? end + 1 : end;
}

/** The answer to a token count as it passes through the pipeline, whichever dialect asked. */
export interface TokenCount {
  tokens: number;
  cachedTokens?: number;
}
