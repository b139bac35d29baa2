import { isIP } from 'node:net';
import { type Span, type SpanDetector, withoutOverlaps } from '../span.ts';
import { isAsciiLetter, isDigit, runBackward } from './open-run.ts';

const isPart = (code: number): boolean =>
  isDigit(code) || code === 46 || code === 58 || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);

const v4 = /(?<![\w.:-])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)/g;
const v6 = /(?<![\w.:-])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?!\w|\.\d)/gi;

/** IPv4 and IPv6 addresses; four numbers behind a `v`, a `version` or another word are a version. */
export const ipDetector: SpanDetector = {
  find(text, from = 0) {
    if (!/\d\.\d|:[0-9a-f]{0,4}:/i.test(text)) return [];
    const spans: Span[] = [];
    for (const { index, 0: found } of text.matchAll(v4)) {
      const end = index + found.length;
      if (end > from && isIP(found) === 4 && !isVersion(text, index)) spans.push({ start: index, end, label: 'IP' });
    }
    for (const { index, 0: run } of text.matchAll(v6)) {
      const found = run.replace(/(?<!:):$|\.$/, '');
      const end = index + found.length;
      // Times are no addresses, and `::` alone is an operator of several languages.
      if (end <= from || isIP(found) !== 6 || (found.replace(/[^0-9a-f]/gi, '').length < 3 && found !== '::1'))
        continue;
      spans.push({ start: index, end, label: 'IP' });
    }
    return withoutOverlaps(spans);
  },
  openFrom(text) {
    const start = runBackward(text, isPart, 48);
    if (start === text.length) return start;
    const before = text.charCodeAt(start - 1);
    return start > 0 && (isAsciiLetter(before) || before === 45 || before === 95) ? text.length : start;
  },
};

const isVersion = (text: string, index: number): boolean =>
  /(?:\bv|\bversion|\brelease|\bbuild|\brev|\bfirmware|\bsection|\bchapter|\bclause|§|\bchrome\/|\bsafari\/|\/)[ :=]?$/i.test(
    text.slice(Math.max(0, index - 12), index),
  );
