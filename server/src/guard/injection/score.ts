import { createImageLinkDetector } from '../detect/image-links.ts';
import { findHiddenText, withoutHidden } from './hidden-text.ts';
import { anyPhrase, phrases } from './phrases.ts';

export interface Suspicion {
  /** 0 to 100. */
  score: number;
  /** Each sign with its points, the heaviest first; never the text itself. */
  reasons: string[];
}

export const none: Suspicion = Object.freeze({ score: 0, reasons: [] });

/** Where a rule draws the line unless it says otherwise: one clear sign, or two weak ones. */
export const defaultThreshold = 50;

const imageLinks = createImageLinkDetector();
const longestText = 200_000;

/**
 * How much a text looks like one that wants to take over: phrases of override in fifteen languages, markers of roles, hidden
 * characters, base64 that decodes to such phrases, pictures that carry data away. A heuristic: it finds the known and the
 * clumsy, and no more than that.
 */
export function scoreInjection(given: string): Suspicion {
  const text = given.length > longestText ? given.slice(0, longestText) : given;
  const signs = new Map<string, number>();
  const sign = (name: string, points: number) => signs.set(name, Math.max(signs.get(name) ?? 0, points));

  const hidden = findHiddenText(text);
  addPhrases(hidden ? withoutHidden(text) : text, sign);
  if (hidden) {
    if (hidden.tags.length >= 4) sign('hidden tag characters', 60);
    if (hidden.zeroWidth >= 3) sign('zero-width characters within words', 25);
    if (hidden.overrides > 0) sign('characters that turn the direction of writing', 20);
    if (hidden.tags !== '') addPhrases(hidden.tags, (name, points) => sign(`${name}, in hidden characters`, points));
  }
  for (const decoded of decodedBlobs(text)) addPhrases(decoded, (name, points) => sign(`${name}, in base64`, points));
  if (text.includes('http') && imageLinks.find(text).length > 0) sign('picture whose address carries data', 30);

  if (signs.size === 0) return none;
  const sorted = [...signs].sort((a, b) => b[1] - a[1]);
  const score = Math.min(
    100,
    sorted.reduce((sum, [, points]) => sum + points, 0),
  );
  return { score, reasons: sorted.map(([name, points]) => `${name} ${points}`) };
}

function addPhrases(text: string, sign: (name: string, points: number) => void): void {
  if (!anyPhrase.test(text)) return;
  for (const { name, points, pattern } of phrases) if (pattern.test(text)) sign(name, points);
}

const mostBlobs = 20;

/** What the base64 in a text says, where it says anything readable. */
function* decodedBlobs(text: string): Generator<string> {
  let seen = 0;
  for (const { 0: blob } of text.matchAll(/[A-Za-z0-9+/_-]{24,8000}={0,2}/g)) {
    if (++seen > mostBlobs) return;
    // Words and addresses are no base64: it changes between kinds of characters.
    if (!/[A-Z]/.test(blob) || !/[a-z]/.test(blob)) continue;
    const decoded = Buffer.from(blob.replaceAll('-', '+').replaceAll('_', '/'), 'base64').toString('utf8');
    if (!/[^\x09\x0a\x0d\x20-\x7e\u00a0-\u2fff\u3000-\ud7ff]/.test(decoded)) yield decoded;
  }
}
