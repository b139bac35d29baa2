import { type Span, type SpanDetector, withoutOverlaps } from '../span.ts';
import { entropyOf } from './entropy.ts';
import { isAsciiLetter, isDigit, openForm, runBackward } from './open-run.ts';
import { secretForms } from './secret-forms.ts';

// One look at the text tells whether any of the forms can be in it.
const anyBeginning =
  /sl_live_|sk-|(?:AKIA|ASIA|ABIA|ACCA)|AIza|ya29\.|GOCSPX-|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|[sr]k_|whsec_|hf_|gsk_|xai-|SG\.|npm_|pypi-|dop_v1_|eyJ|-----BEGIN|:\/\/|(?:secret|password|passwd|pwd|token|api[_-]?key)/i;

const tokenMark = /[A-Za-z0-9_\-.=+/]/;

const keyHeader = /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
const keyFooter = /-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
// Every beginning of such a header.
const openHeader = /-(?:-(?:-(?:-(?:-(?:B(?:E(?:G(?:I(?:N(?: [A-Z0-9 ]*-{0,5})?)?)?)?)?)?)?)?)?)?$/;

// postgres://user:password@host
const address = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'<>]{0,64}:([^\s/@"'<>]{3,128})@(?=[\w[])/gi;
const openAddress = /[a-z][a-z0-9+.-]{1,20}:(?:\/(?:\/(?:[^\s:/@"'<>]{0,64}(?::[^\s/@"'<>]{0,128}@?)?)?)?)?$/i;

// aws_secret_access_key = wJalr…: the one secret of a provider that has no prefix.
const awsSecret =
  /(?:aws_?secret_?(?:access_?)?key|SecretAccessKey)["']?\s{0,4}[:=]\s{0,4}["']?([A-Za-z0-9+/]{40})(?![A-Za-z0-9+/])/gi;
const openAwsSecret =
  /(?:aws_?secret_?(?:access_?)?key|SecretAccessKey)["']?\s{0,4}(?:[:=]\s{0,4}["']?([A-Za-z0-9+/]{0,40}))?$/i;

/**
 * API keys, tokens, private keys and passwords in addresses. With `entropy` also values behind a word like `password` and
 * long random strings that no maker's form tells: more is found, and more of it is wrong.
 */
export function createSecretDetector({ entropy = false }: { entropy?: boolean } = {}): SpanDetector {
  return {
    find(text, from = 0) {
      const spans: Span[] = [];
      const add = (start: number, end: number, goesOn?: Span['goesOn']) => {
        if (end > from) spans.push({ start, end, label: 'SECRET', ...(goesOn && { goesOn }) });
      };
      if (anyBeginning.test(text)) {
        for (const { full, isSecret } of secretForms) {
          for (const { index, 0: found } of text.matchAll(full)) {
            if (!isSecret || isSecret(found)) add(index, index + found.length, { whilst: tokenMark });
          }
        }
        for (const { start, end, footer } of privateKeys(text))
          add(start, end, footer ? undefined : { until: keyFooter });
        for (const { index, 0: all, 1: password } of text.matchAll(address)) {
          if (/^(?:\$\{|<|\*|x+$|\.\.\.|%s|password$|pass$|pwd$|secret$)/i.test(password!)) continue;
          add(index + all.length - 1 - password!.length, index + all.length - 1);
        }
        for (const { index, 0: all, 1: value } of text.matchAll(awsSecret))
          add(index + all.length - value!.length, index + all.length);
      }
      if (entropy) for (const { start, end } of randomRuns(text)) add(start, end, { whilst: tokenMark });
      return withoutOverlaps(spans);
    },
    openFrom(text) {
      let open = text.length;
      // The forms have no spaces: only the word at the end can be the beginning of one.
      const word = runBackward(text, isTokenPart, mostOpen);
      if (word < text.length)
        for (const each of secretForms) open = Math.min(open, openForm(text, each, text.length - word));
      open = Math.min(open, openPart(text, openHeader, 64, '-'), openPart(text, openAddress, mostOpen, ':'));
      // A scheme may still be on its way, which is a word like any other: what matters is the password, and that comes later.
      if (/secret/i.test(text.slice(-140))) open = Math.min(open, openPart(text, openAwsSecret, 140, ''));
      if (entropy) open = Math.min(open, runBackward(text, isRunPart, mostOpen));
      return open;
    },
  };
}

/** From each header to its footer, or to the text's end. */
function* privateKeys(text: string): Generator<{ start: number; end: number; footer: boolean }> {
  for (let from = 0; from < text.length; ) {
    const rest = from === 0 ? text : text.slice(from);
    const header = keyHeader.exec(rest);
    if (!header) return;
    const body = rest.slice(header.index + header[0].length);
    const footer = keyFooter.exec(body);
    const start = from + header.index;
    const end = footer ? start + header[0].length + footer.index + footer[0].length : text.length;
    yield { start, end, footer: footer !== null };
    from = end;
  }
}

const mostOpen = 300;

const isTokenPart = (code: number): boolean =>
  isDigit(code) || isAsciiLetter(code) || code === 45 || code === 46 || code === 95;

/** Where a beginning stands that reaches to the end, looked for only when its mark is there. */
function openPart(text: string, part: RegExp, most: number, mark: string): number {
  const from = Math.max(0, text.length - most);
  const tail = from === 0 ? text : text.slice(from);
  if (!tail.includes(mark)) return text.length;
  const found = part.exec(tail);
  return found ? from + found.index : text.length;
}

const isRunPart = (code: number): boolean =>
  isDigit(code) || isAsciiLetter(code) || code === 43 || code === 47 || code === 61 || code === 45 || code === 95;

const shortestRun = 20;

function* randomRuns(text: string): Generator<{ start: number; end: number }> {
  for (const { index, 0: run } of text.matchAll(/[A-Za-z0-9+/_-]{20,}={0,2}/g)) {
    const bare = run.replace(/[=_-]+$/, '');
    if (bare.length < shortestRun || !/\d/.test(bare) || !/[a-z]/.test(bare) || !/[A-Z]/.test(bare)) continue;
    // Words in camelCase or kebab-case have long runs of letters; random strings change kind every few characters.
    if (/[a-z]{7,}/.test(bare) || entropyOf(bare) < 3.8) continue;
    yield { start: index, end: index + bare.length };
  }
}
