import type { ModelInfo } from '../../core/model-info.ts';
import { blendedNanos } from '../quote.ts';

/** Abilities are logits of the mean quality over the public prompts of the prior; 0 is a model that does half of them well. */
export interface AbilityGuess {
  ability: number;
  /** What it was read off. */
  basis: 'size' | 'price' | 'nothing';
}

/** Of models whose name says billions of parameters, up to so many: what models of that size reached in the prior's data. */
const bySize: readonly [upTo: number, ability: number][] = [
  [4, -1],
  [9, -0.6],
  [15, -0.2],
  [35, 0.1],
  [80, 0.35],
  [Number.POSITIVE_INFINITY, 0.5],
];

/** Of the others, by US dollars per million tokens, three of input to one of output: what models of that price reached. */
const byPrice: readonly [under: number, ability: number][] = [
  [0.15, 0],
  [0.6, 0.3],
  [1.5, 0.5],
  [4, 0.8],
  [Number.POSITIVE_INFINITY, 1],
];

// The reasoning models in the data are far above what their size or price says; not all that came later are.
const ofReasoning = 0.6;

/** How able a model probably is of which the prior has no data. */
export function guessAbility({ id, price, capabilities }: ModelInfo): AbilityGuess {
  const more = capabilities?.includes('reasoning') ? ofReasoning : 0;
  const billions = sizeOf(id);
  if (billions !== undefined) return { ability: bySize.find(([upTo]) => billions <= upTo)![1] + more, basis: 'size' };
  const blended = blendedNanos(price);
  if (blended !== null && blended > 0) {
    const dollars = blended / 1e9;
    return { ability: byPrice.find(([under]) => dollars < under)![1] + more, basis: 'price' };
  }
  return { ability: more, basis: 'nothing' };
}

/** Billions of parameters that a name tells, all experts of a mixture together: `8x7b` is 56. */
function sizeOf(name: string): number | undefined {
  const [, experts = '1', size] = /(?<![a-z\d.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?![a-z])/i.exec(name) ?? [];
  return size === undefined ? undefined : Number(experts) * Number(size);
}
