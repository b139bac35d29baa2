import type { Span, SpanDetector } from '../span.ts';
import { isAsciiLetter, isDigit, runBackward } from './open-run.ts';

const at = 64;
const longest = 254;

const isLocal = (code: number): boolean =>
  isAsciiLetter(code) ||
  isDigit(code) ||
  code === 46 ||
  code === 95 ||
  code === 37 ||
  code === 43 ||
  code === 45 ||
  code === 39;

/** Letters of the Latin script beyond ASCII, for names like `münchen.de`. */
const isLatin = (code: number): boolean => code >= 0xc0 && code <= 0x24f && code !== 0xd7 && code !== 0xf7;
const isDomain = (code: number): boolean =>
  isAsciiLetter(code) || isDigit(code) || code === 45 || code === 46 || isLatin(code);

/** What stands behind the last dot of a file, a unit or a scale and not of a host: `icon@2x.png`, `getty@tty1.service`. */
const noTopLevel = new Set(
  'png jpg jpeg gif svg webp bmp ico css scss js mjs cjs ts tsx jsx json html py rb rs java php yaml yml toml xml md txt pdf zip service socket timer target mount slice localhost length local'.split(
    ' ',
  ),
);

/** Addresses as people write them: a local part of ASCII, a host with a dot and a top level of letters (RFC 5321 without quoting). */
export const emailDetector: SpanDetector = {
  find(text, from = 0) {
    const spans: Span[] = [];
    for (
      let mark = text.indexOf('@', from > longest ? from - longest : 0);
      mark !== -1;
      mark = text.indexOf('@', mark + 1)
    ) {
      const span = emailAround(text, mark, spans.at(-1)?.end ?? 0);
      if (span && span.end > from) spans.push(span);
    }
    return spans;
  },
  openFrom(text) {
    // A colon after an address may make it a place on a server (git@host:path), so it is awaited.
    const colon = text.endsWith(':') ? 1 : 0;
    const start = runBackward(
      colon ? text.slice(0, -1) : text,
      (code) => code === at || isLocal(code) || isDomain(code),
      longest,
    );
    if (start === text.length - colon) return text.length;
    if (colon && text.indexOf('@', start) === -1) return text.length;
    // The dots and dashes before a local part do not belong to it.
    let first = start;
    while (first < text.length && !isAsciiLetter(text.charCodeAt(first)) && !isDigit(text.charCodeAt(first))) first++;
    return first;
  },
};

function emailAround(text: string, mark: number, after: number): Span | undefined {
  let start = mark;
  while (start > after && mark - start < 64 && isLocal(text.charCodeAt(start - 1))) start--;
  // A quotation mark or a dot before the name is the sentence's own.
  while (start < mark && !isAsciiLetter(text.charCodeAt(start)) && !isDigit(text.charCodeAt(start))) start++;
  if (start === mark || text[mark - 1] === '.') return undefined;
  let end = mark + 1;
  while (end < text.length && end - mark < longest && isDomain(text.charCodeAt(end))) end++;
  while (end > mark + 1 && (text[end - 1] === '.' || text[end - 1] === '-')) end--;
  const host = text.slice(mark + 1, end);
  const dot = host.lastIndexOf('.');
  if (dot < 1 || host.startsWith('-') || host.includes('..')) return undefined;
  const top = host.slice(dot + 1).toLowerCase();
  if (!/^(?:[a-z]{2,24}|xn--[a-z0-9-]{2,58})$/.test(top) || noTopLevel.has(top)) return undefined;
  // The password of an address: https://user:secret@host.
  if (/:\/\/[^\s/@]*$/.test(text.slice(Math.max(0, start - 80), start))) return undefined;
  // git@host:owner/repository
  if (
    text[end] === ':' &&
    /[A-Za-z0-9_~/]/.test(text[end + 1] ?? '') &&
    /^(?:git|hg|svn)$/.test(text.slice(start, mark))
  )
    return undefined;
  return { start, end, label: 'EMAIL' };
}
