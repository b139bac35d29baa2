import type { ModelInfo } from '../../core/model-info.ts';
import { abilityWanted, expectedQuality, type QualityBook } from './quality-book.ts';

export interface LearnedWish {
  /** A model is good enough from this share of the best one's expected quality on, 0 to 1. */
  tau: number;
  /** And from this expected quality on, 0 to 1, whatever the best one's is. */
  floor: number;
  /** Asked first where nothing is known of a text's kind. */
  fallback?: string;
}

export interface Candidate {
  id: string;
  info: ModelInfo;
  /** What the call would cost there, in any unit; infinite when unpriced. */
  cost: number;
  /** On the operator's own machines. */
  local: boolean;
}

export interface LearnedChoice<C extends Candidate> {
  /** The chosen one first, then others that are good enough, the cheapest first, then the rest, the best first. */
  ordered: C[];
  /** In words, for `x-sluice-route`. */
  because: string;
  /** Each candidate's expected quality for the text that it is least fit for, in the order of `ordered`. */
  expected: number[];
}

/**
 * The cheapest candidate that is good enough for every text of a conversation; of equal cost a local one, then the better one. When
 * none is good enough, the best. Says when a text is of a kind that nothing is known of: then how hard it looks decides.
 */
export function decide<C extends Candidate>(
  book: QualityBook,
  candidates: readonly C[],
  texts: readonly string[],
  { tau, floor, fallback }: LearnedWish,
): LearnedChoice<C> {
  const judged = candidates.map((candidate) => ({
    candidate,
    known: book.modelOf(candidate.info),
    enough: true,
    /** The least margin over what is wanted, below 0 when it is not reached. */
    margin: Number.POSITIVE_INFINITY,
    quality: Number.NaN,
    /** The best quality that any candidate is expected to have for the same text. */
    best: Number.NaN,
  }));
  let unfamiliar: number | undefined;
  for (const text of texts.length > 0 ? texts : ['']) {
    const read = book.read(text);
    const qualities = judged.map(({ known }) => expectedQuality(known, read));
    const most = Math.max(...qualities);
    const wanted = Math.max(floor, tau * most);
    if (read.trust === 0) unfamiliar = Math.max(unfamiliar ?? 0, read.complexity);
    judged.forEach((each, at) => {
      const margin = read.trust === 0 ? each.known.ability - abilityWanted(read) : qualities[at]! - wanted;
      if (margin < 0) each.enough = false;
      if (margin < each.margin || Number.isNaN(each.quality)) {
        each.margin = margin;
        each.quality = qualities[at]!;
        each.best = most;
      }
    });
  }
  judged.sort(
    (a, b) =>
      Number(b.enough) - Number(a.enough) ||
      (a.enough
        ? byCost(a.candidate, b.candidate) || b.quality - a.quality
        : b.margin - a.margin || byCost(a.candidate, b.candidate)),
  );
  if (unfamiliar !== undefined && fallback !== undefined) {
    const at = judged.findIndex(({ candidate }) => candidate.id === fallback);
    if (at > 0) judged.unshift(...judged.splice(at, 1));
  }
  const first = judged[0];
  return {
    ordered: judged.map(({ candidate }) => candidate),
    expected: judged.map(({ quality }) => quality),
    because: first ? explain(first, unfamiliar, fallback) : 'learned',
  };
}

function byCost(a: Candidate, b: Candidate): number {
  // Infinity minus itself is no order.
  if (a.cost !== b.cost) return a.cost - b.cost;
  return Number(b.local) - Number(a.local);
}

function explain(
  { candidate, enough, quality, best }: { candidate: Candidate; enough: boolean; quality: number; best: number },
  unfamiliar: number | undefined,
  fallback: string | undefined,
): string {
  if (unfamiliar !== undefined) {
    if (candidate.id === fallback) return 'learned, unfamiliar kind, the default';
    return `learned, unfamiliar kind, complexity ${unfamiliar.toFixed(2)}`;
  }
  const expectation = `${quality.toFixed(2)} expected, ${best.toFixed(2)} at best`;
  return enough ? `learned, ${expectation}` : `learned, none is good enough, ${expectation}`;
}
