import type { Head } from '../../../../shared/src/routing/quality-model.ts';
import type { ModelInfo } from '../../core/model-info.ts';
import { abilityWanted, expectedQuality, type KnownModel, type QualityBook, type ReadText } from './quality-book.ts';

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
  /** The last text as it was read, and each candidate's expected quality for it, in the order of `ordered`. */
  last: { state: readonly number[]; expected: number[] };
}

/**
 * The cheapest candidate that is good enough for every text of a conversation; of equal cost a local one, then the better one. When
 * none is good enough, the best. `heads` are what one's own traffic has taught, by candidate. Says when a text is of a kind that nothing is known of: then how hard it looks decides.
 */
export function decide<C extends Candidate>(
  book: QualityBook,
  candidates: readonly C[],
  texts: readonly string[],
  { tau, floor, fallback }: LearnedWish,
  heads?: ReadonlyMap<string, Head>,
): LearnedChoice<C> {
  const judged = candidates.map((candidate) => ({
    candidate,
    known: knownOf(candidate),
    last: Number.NaN,
    enough: true,
    /** The least margin over what is wanted, below 0 when it is not reached. */
    margin: Number.POSITIVE_INFINITY,
    quality: Number.NaN,
    /** The best quality that any candidate is expected to have for the same text. */
    best: Number.NaN,
  }));
  function knownOf({ id, info }: C): KnownModel {
    const head = heads?.get(id);
    return head ? book.taught(head) : book.modelOf(info);
  }

  const mostAbility = Math.max(...judged.map(({ known }) => known.ability));
  // Who wants the best there is wants it of unfamiliar kinds too.
  const ablest = (read: ReadText) => (tau >= 1 ? mostAbility : abilityWanted(read));
  const taught = judged.some(({ known }) => known.basis === 'traffic');
  let unfamiliar: number | undefined;
  let state: Float32Array | undefined;
  for (const text of texts.length > 0 ? texts : ['']) {
    const read = book.read(text);
    const qualities = judged.map(({ known }) => expectedQuality(known, read));
    const most = Math.max(...qualities);
    const wanted = Math.max(floor, tau * most);
    // What is unfamiliar to the prior need not be to those who were asked such things before.
    const strange = read.trust === 0 && !taught;
    state = read.state;
    if (strange) unfamiliar = Math.max(unfamiliar ?? 0, read.complexity);
    judged.forEach((each, at) => {
      each.last = qualities[at]!;
      const margin = strange ? each.known.ability - ablest(read) : qualities[at]! - wanted;
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
    last: { state: [...(state ?? [])], expected: judged.map(({ last }) => last) },
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
