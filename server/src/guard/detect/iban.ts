import type { Span, SpanDetector } from '../span.ts';
import { isAsciiLetter, isDigit, isWordCode } from './open-run.ts';

/** Length of an IBAN by country (SWIFT IBAN Registry, release 99). */
const lengths: Record<string, number> = Object.fromEntries(
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Numbers of bank accounts: a country, its length, and the two check digits (ISO 13616, mod 97). */
export const ibanDetector: SpanDetector = {
  find(text, from = 0) {
    const spans: Span[] = [];
    for (const { index } of text.matchAll(/(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ \-\u00a0]?[A-Za-z0-9]{2})/g)) {
      if (index < (spans.at(-1)?.end ?? 0)) continue;
      const length = lengths[text.slice(index, index + 2).toUpperCase()];
      if (length === undefined) continue;
      const { digits, end } = gather(text, index, length);
      if (end <= from || digits.length !== length || isWordCode(text.charCodeAt(end)) || !isValid(digits)) continue;
      spans.push({ start: index, end, label: 'IBAN' });
    }
    return spans;
  },
  openFrom(text) {
    for (let at = Math.max(0, text.length - 45); at < text.length; at++) {
      if (!isAsciiLetter(text.charCodeAt(at)) || (at > 0 && isWordCode(text.charCodeAt(at - 1)))) continue;
      if (mayBegin(text, at)) return at;
    }
    return text.length;
  },
};

/** The characters of an account from `start`, single gaps between them skipped, and where they end. */
function gather(text: string, start: number, length: number): { digits: string; end: number } {
  let digits = '';
  let at = start;
  while (at < text.length && digits.length < length) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || isAsciiLetter(code)) digits += text[at];
    else if (!(code === 32 || code === 45 || code === 0xa0) || digits.length % 4 !== 0) break;
    else if (!isWordCode(text.charCodeAt(at + 1)) && at + 1 < text.length) break;
    at++;
  }
  return { digits: digits.toUpperCase(), end: at };
}

/** Whether everything from `start` to the end is the beginning of an account, or one that the next character decides about. */
function mayBegin(text: string, start: number): boolean {
  const rest = text.slice(start);
  if (rest.length < 2) return Object.keys(lengths).some((country) => country.startsWith(rest.toUpperCase()));
  const length = lengths[rest.slice(0, 2).toUpperCase()];
  if (length === undefined || !/^..\d{0,2}(?:$|(?<=\d{2})[A-Za-z0-9 \-\u00a0])/.test(rest)) return false;
  return gather(text, start, length).end === text.length;
}

function isValid(account: string): boolean {
  const turned = account.slice(4) + account.slice(0, 4);
  let remainder = 0;
  for (const mark of turned) {
    const value = isDigit(mark.charCodeAt(0)) ? Number(mark) : mark.charCodeAt(0) - 55;
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}
