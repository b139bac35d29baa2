import type { Span, SpanDetector } from '../span.ts';
import { isDigit, isWordCode, runBackward } from './open-run.ts';

/** The country codes of ITU-T E.164; two digits or three when no shorter one is meant. */
const countryCode =
  /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|2[1-69]\d|3[578]\d|42\d|5[09]\d|6[789]\d|8[05789]\d|9[679]\d)/;

/** Digits in all, country code included, where a country fixes them; else 9 to 15. */
const lengths: Record<string, [number, number]> = {
  '1': [11, 11],
  '7': [11, 11],
  '33': [11, 11],
  '44': [11, 12],
  '34': [11, 11],
  '31': [11, 11],
  '91': [12, 12],
  '86': [12, 13],
};

// Numbers with a country: +49 (0)30 1234567, 0044 20 7946 0958.
const international = /(?:\+|(?<!\d|\d[ -])00)[ ]?\(?\d(?:[ \-.()/\u00a0]{0,3}\d){7,15}/g;
// The North American plan in its usual dress; area code and exchange begin with 2 to 9.
const northAmerican = /(?:\(([2-9]\d{2})\)[ -]?|([2-9]\d{2})([-.]))([2-9]\d{2})([-. ])(\d{4})/g;
// Any other national number counts only behind a word that announces one.
const announced =
  /\b(?:tel|phone|mobile|cell|fax|call|handy|mobil|telefon|rufnummer|téléphone|telephone|portable|teléfono|telefono|móvil|whatsapp|sms)\b[^\d\n+]{0,12}(0\d(?:[ \-./\u00a0]{0,2}\d){7,11})/giu;

const isPhonePart = (code: number): boolean =>
  isDigit(code) ||
  code === 32 ||
  code === 43 ||
  code === 40 ||
  code === 41 ||
  code === 45 ||
  code === 46 ||
  code === 47 ||
  code === 0xa0;

/** Phone numbers: with a country code (ITU-T E.164), in the North American form, or announced by a word. */
export const phoneDetector: SpanDetector = {
  find(text, from = 0) {
    if (!/\d{2}/.test(text)) return [];
    const spans: Span[] = [];
    const add = (start: number, end: number) => {
      if (end <= from || hangs(text, start, end) || spans.some((span) => start < span.end && span.start < end)) return;
      spans.push({ start, end, label: 'PHONE' });
    };
    for (const { index, 0: all } of text.matchAll(international)) {
      const digits = all.replace(/\D/g, '').replace(/^00/, '');
      const national = /\(0\)/.test(all) ? 1 : 0;
      const code = countryCode.exec(digits)?.[0];
      if (!code) continue;
      const [least, most] = lengths[code] ?? [9, 15];
      const count = digits.length - national;
      if (count < least || count > most) continue;
      if (!all.startsWith('+') && count < 10) continue;
      add(index, index + all.length);
    }
    for (const { index, 0: all, 2: bare, 3: gap, 5: second } of text.matchAll(northAmerican)) {
      if (bare !== undefined && gap !== second) continue;
      add(index, index + all.length);
    }
    for (const { index, 0: all, 1: number } of text.matchAll(announced))
      add(index + all.length - number!.length, index + all.length);
    return spans.sort((a, b) => a.start - b.start);
  },
  openFrom(text) {
    const start = runBackward(text, isPhonePart, 64);
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code !== 43 && code !== 40 && !isDigit(code)) continue;
      if (isDigit(code) && at > 0 && isWordCode(text.charCodeAt(at - 1))) continue;
      // Too many digits behind it to be one number: the number that is open begins later.
      if (text.slice(at).replace(/\D/g, '').length > 18) continue;
      return at;
    }
    return text.length;
  },
};

/** Part of a longer number, a name, a version or a calculation. */
function hangs(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1);
  if (
    start > 0 &&
    (isWordCode(before) ||
      before === 43 ||
      ((before === 46 || before === 45 || before === 47) && isWordCode(text.charCodeAt(start - 2))))
  )
    return true;
  const after = text.charCodeAt(end);
  if (end >= text.length) return false;
  return (
    isWordCode(after) ||
    ((after === 46 || after === 45 || after === 58 || after === 44) && isDigit(text.charCodeAt(end + 1)))
  );
}
