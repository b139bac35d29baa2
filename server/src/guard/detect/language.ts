import { ownLetters, stopWords } from './language-profiles.ts';

export interface Language {
  /** ISO 639-1. */
  code: string;
  /** 0 to 1; below about 0.2 it is a guess. */
  confidence: number;
}

const scripts: [code: string, letters: RegExp][] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['cyrillic', /\p{Script=Cyrillic}/gu],
  ['arabic', /\p{Script=Arabic}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['bn', /\p{Script=Bengali}/gu],
  ['ta', /\p{Script=Tamil}/gu],
  ['te', /\p{Script=Telugu}/gu],
  ['ka', /\p{Script=Georgian}/gu],
  ['hy', /\p{Script=Armenian}/gu],
];

const profiles = Object.entries(stopWords).map(([code, words]) => ({ code, words: new Set(words.split(' ')) }));

/** The languages that it knows. */
export const knownLanguages: string[] = [
  ...profiles.map(({ code }) => code),
  'ja',
  'ko',
  'zh',
  'ru',
  'uk',
  'bg',
  'ar',
  'fa',
  'ur',
  'he',
  'el',
  'th',
  'hi',
  'bn',
  'ta',
  'te',
  'ka',
  'hy',
];

const lookedAt = 2000;
const fewestLetters = 12;

/**
 * The language that a text is written in, by its script, and within the Latin script by the small words it uses; undefined when
 * there is too little of it to say. Code, numbers and names say nothing.
 */
export function detectLanguage(given: string): Language | undefined {
  const text = given.slice(0, lookedAt);
  const letters = count(text, /\p{L}/gu);
  if (letters < 4) return undefined;
  // Greek is the first script after Latin: most texts have none of what follows.
  const hasOther = /[\u0370-\u1cff\u3040-\uffdc]/.test(text);
  for (const [code, pattern] of hasOther ? scripts : []) {
    const share = count(text, pattern) / letters;
    // Japanese mixes Han with its syllables; the others fill most of a text.
    if (share < (code === 'ja' ? 0.1 : 0.4)) continue;
    if (code === 'cyrillic') return { code: cyrillic(text), confidence: Math.min(1, share) };
    if (code === 'arabic') return { code: arabic(text), confidence: Math.min(1, share) };
    return { code, confidence: Math.min(1, code === 'ja' ? share * 2 : share) };
  }
  return letters < fewestLetters ? undefined : latin(text);
}

function latin(text: string): Language | undefined {
  const lower = text.toLowerCase().normalize('NFC');
  const words = lower.match(/\p{L}+/gu) ?? [];
  if (words.length < 3) return undefined;
  const scores = profiles.map(({ code, words: known }) => {
    let hits = 0;
    for (const word of words) if (known.has(word)) hits++;
    const letters = ownLetters[code] ? count(lower, ownLetters[code]) : 0;
    // One small word alone may be a name or a piece of code.
    const share = hits > 1 || letters > 0 ? hits / words.length : 0;
    return { code, score: share + Math.min(0.3, (letters * 2) / words.length) };
  });
  scores.sort((a, b) => b.score - a.score);
  const [first, second] = scores;
  if (!first || first.score < 0.12) return undefined;
  return { code: first.code, confidence: Math.min(1, first.score - (second?.score ?? 0) + first.score / 2) };
}

function cyrillic(text: string): string {
  if (/[іїєґ]/i.test(text)) return 'uk';
  if (/[ыэё]/i.test(text)) return 'ru';
  return /(?:\b|\s)(?:на|за|от|да|се)\s.*(?:ът|ят|та|то|те)(?:\s|[.,!?]|$)/i.test(text) && /ъ/i.test(text)
    ? 'bg'
    : 'ru';
}

function arabic(text: string): string {
  if (/[ٹڈڑےں]/.test(text)) return 'ur';
  return /[پچژگکی]/.test(text) ? 'fa' : 'ar';
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const _ of text.matchAll(pattern)) found++;
  return found;
}
