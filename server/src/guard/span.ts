/** A piece of a text that a detector found: UTF-16 offsets, end exclusive. */
export interface Span {
  start: number;
  end: number;
  /** What it is, in capitals, as masks and redactions name it: `EMAIL`, `CARD`. */
  label: string;
  /**
   * It is what it is already, and only grows: of a stream that goes on, the characters that match belong to it. Everything
   * until `until`, or while `whilst` matches.
   */
  goesOn?: { whilst: RegExp } | { until: RegExp };
}

/** Finds one kind of thing in a text. Pure and linear in the text's length. */
export interface SpanDetector {
  /** What it finds, in order, without overlaps. Characters before `from` are context: nothing that ends before it is asked for. */
  find(text: string, from?: number): Span[];
  /**
   * Of a text that may go on: the index from which its end might still become a find, or a find might still grow or turn out
   * to be none; the text's length when nothing is open.
   */
  openFrom(text: string): number;
  /**
   * The most characters that may stay open. A stream flushes what is older, so a find that is longer is seen as far as it
   * lies within; absent: `windowLength`.
   */
  window?: number;
}

/** How much of a stream's text is held back at most, in UTF-16 code units. */
export const windowLength = 256;

/** How much of what has left is kept as context for what stands at the border of a word. */
export const contextLength = 64;

/** Spans in order of their start, the longer first, without those that overlap one before them. */
export function withoutOverlaps(spans: Span[]): Span[] {
  if (spans.length < 2) return spans;
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Span[] = [];
  for (const span of spans) if (kept.length === 0 || span.start >= kept.at(-1)!.end) kept.push(span);
  return kept;
}
