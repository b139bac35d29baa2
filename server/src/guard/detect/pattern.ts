import { RE2JS } from 're2js';
import type { Span, SpanDetector } from '../span.ts';
import { openThread, type Program } from './open-pattern.ts';

export interface PatternOptions {
  /** What redactions call it; capitals. */
  label?: string;
  ignoreCase?: boolean;
}

export const longestPattern = 1000;
const mostInstructions = 5000;

/**
 * A regular expression in RE2's syntax, run in time linear in the text. Throws an Error that says in words what is wrong with
 * the pattern: what RE2 does not know (look-around, references back), or what would match everywhere.
 */
export function createPatternDetector(
  pattern: string,
  { label = 'MATCH', ignoreCase = false }: PatternOptions = {},
): SpanDetector {
  const compiled = compile(pattern, ignoreCase);
  const program = (compiled.re2() as unknown as { prog: Program }).prog;
  return {
    find(text, from = 0) {
      const spans: Span[] = [];
      const matcher = compiled.matcher(text);
      while (matcher.find()) {
        const start = matcher.start();
        const end = matcher.end();
        if (end > from && end > start) spans.push({ start, end, label });
      }
      return spans;
    },
    openFrom: (text) => openThread(program, text),
  };
}

function compile(pattern: string, ignoreCase: boolean): RE2JS {
  const shown = JSON.stringify(pattern.length > 80 ? `${pattern.slice(0, 80)}…` : pattern);
  if (pattern.length > longestPattern)
    throw new Error(`The pattern ${shown} is ${pattern.length} characters long; at most ${longestPattern} are taken.`);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (cause) {
    const hint = /\(\?<?[=!]/.test(pattern)
      ? ' RE2 has no look-ahead and no look-behind, which would make time unbounded.'
      : /\\[1-9]/.test(pattern)
        ? ' RE2 has no references back to a group.'
        : '';
    const said = cause instanceof Error ? cause.message.replace(/^error parsing regexp: /, '') : 'syntax error';
    throw new Error(`RE2 refuses the pattern ${shown}: ${said}.${hint}`);
  }
  if (/\(\?<?[=!]/.test(pattern))
    throw new Error(`RE2 refuses the pattern ${shown}: it looks ahead or behind, which is not linear.`);
  if (compiled.programSize() > mostInstructions)
    throw new Error(
      `The pattern ${shown} becomes ${compiled.programSize()} steps; at most ${mostInstructions} are taken. Use smaller repetitions.`,
    );
  if (compiled.matcher('').find()) throw new Error(`The pattern ${shown} matches the empty text, and so everything.`);
  return compiled;
}
