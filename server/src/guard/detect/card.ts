import type { Span, SpanDetector } from '../span.ts';
import { passesLuhn } from './luhn.ts';
import { isDigit, isWordCode, runBackward } from './open-run.ts';

/** How people group the digits of a card; a number without gaps is one group. */
const layouts = new Set([
  '4-4-4-4',
  '4-4-4-4-3',
  '4-6-5',
  '4-6-4',
  '4-4-5',
  '4-4-4-3',
  '4-4-4-1',
  '8-8',
  '6-13',
  '4-12',
]);

const mostGroups = 5;

/** Issuers by the beginning of the number, with the lengths that they give out (ISO/IEC 7812 ranges as the networks publish them). */
const issuers: [RegExp, readonly number[]][] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65)/, [16, 17, 18, 19]],
  [/^(?:30[0-5]|3095|36|3[89])/, [14, 16, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^62|^81/, [16, 17, 18, 19]],
  [/^220[0-4]/, [16, 17, 18, 19]],
  [/^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, [12, 13, 14, 15, 16, 17, 18, 19]],
  [/^(?:60|82|508)/, [16]],
  [/^9792/, [16]],
];

const isKnownIssuer = (digits: string): boolean =>
  issuers.some(([begins, lengths]) => lengths.includes(digits.length) && begins.test(digits));

/** A gap within a number: one space, dash, dot or no-break space. */
const isGap = (code: number): boolean => code === 32 || code === 45 || code === 46 || code === 0xa0;

/** Payment cards: a known issuer, its length, a usual grouping, and the Luhn check. */
export const cardDetector: SpanDetector = {
  find(text, from = 0) {
    const spans: Span[] = [];
    // Every number of groups with single gaps between them; no card is hidden in a text without such a run.
    for (const { index, 0: run } of text.matchAll(/\d(?:[ \-.\u00a0]?\d){11,}/g)) {
      if (index + run.length <= from) continue;
      spans.push(...cardsIn(text, index, run));
    }
    return spans.filter(({ end }) => end > from);
  },
  openFrom(text) {
    const start = runBackward(text, (code) => isDigit(code) || isGap(code), 320);
    for (let at = start; at < text.length; at++) {
      if (!isDigit(text.charCodeAt(at))) continue;
      // From here to the end at most one card fits; what begins a group is where one could begin.
      const digits = text.slice(at).replace(/\D/g, '').length;
      if (digits <= 19 && (at === start || !isDigit(text.charCodeAt(at - 1))))
        return glued(text, at) ? text.length : at;
      while (at + 1 < text.length && isDigit(text.charCodeAt(at + 1))) at++;
    }
    return text.length;
  },
};

/** A number that hangs on a word or on another number is part of an identifier. */
function glued(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1);
  if (start === 0) return false;
  if (isWordCode(before)) return true;
  return (before === 45 || before === 46) && start > 1 && isWordCode(text.charCodeAt(start - 2));
}

function cardsIn(text: string, offset: number, run: string): Span[] {
  const groups = [...run.matchAll(/\d+/g)].map(({ index, 0: digits }) => ({ index, digits }));
  const spans: Span[] = [];
  for (let first = 0; first < groups.length; first++) {
    let digits = '';
    let layout = '';
    for (let last = first; last < groups.length && last < first + mostGroups && digits.length < 19; last++) {
      digits += groups[last]!.digits;
      layout += `${layout === '' ? '' : '-'}${groups[last]!.digits.length}`;
      if (digits.length < 12 || digits.length > 19) continue;
      if (last > first && (!layouts.has(layout) || !sameGaps(run, groups, first, last))) continue;
      const start = offset + groups[first]!.index;
      const end = offset + groups[last]!.index + groups[last]!.digits.length;
      if (!isKnownIssuer(digits) || !passesLuhn(digits) || /^(\d)\1+$/.test(digits)) continue;
      if (first === 0 ? glued(text, start) : text[start - 1] !== ' ' && text[start - 1] !== '\u00a0') continue;
      if (isWordCode(text.charCodeAt(end))) continue;
      spans.push({ start, end, label: 'CARD' });
      first = last;
      break;
    }
  }
  return spans;
}

function sameGaps(run: string, groups: { index: number; digits: string }[], first: number, last: number): boolean {
  const gapAfter = (group: number) => run[groups[group]!.index + groups[group]!.digits.length];
  const gap = gapAfter(first);
  for (let group = first + 1; group < last; group++) if (gapAfter(group) !== gap) return false;
  return true;
}
