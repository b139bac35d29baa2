import type { GuardRule } from './compile.ts';
import { type Span, type SpanDetector, withoutOverlaps } from './span.ts';

/** A place in a text that a rule found. */
export interface Place extends Span {
  rule: GuardRule;
}

/**
 * What the rules find in one text, in order of place. Rules come one after the other: what one of them redacts or masks is not
 * there any more for the next. Each detector runs once, however many rules use it.
 */
export function scanText(text: string, rules: readonly GuardRule[], from = 0): Place[] {
  const places: Place[] = [];
  const gone: Span[] = [];
  const known = new Map<SpanDetector, Span[]>();
  for (const rule of rules) {
    if (rule.detectors.length === 0) continue;
    const found: Span[] = [];
    for (const detector of rule.detectors) {
      let spans = known.get(detector);
      if (!spans) {
        spans = detector.find(text, from);
        known.set(detector, spans);
      }
      // Detectors of one rule: the first in precedence has the place.
      for (const span of spans) if (!overlaps(span, found) && !overlaps(span, gone)) found.push(span);
    }
    for (const span of withoutOverlaps(found)) places.push({ ...span, rule });
    if (rule.action === 'redact' || rule.action === 'mask') gone.push(...found);
  }
  return places.length < 2 ? places : places.sort((a, b) => a.start - b.start);
}

const overlaps = ({ start, end }: Span, others: readonly Span[]): boolean =>
  others.some((other) => start < other.end && other.start < end);
