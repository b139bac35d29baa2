import { complexityTier, scoreComplexity } from '../../../../shared/src/routing/complexity.ts';
import { headAtAbility, type Prior, trustAt } from '../../../../shared/src/routing/prior.ts';
import { encode, type Head, qualityAt } from '../../../../shared/src/routing/quality-model.ts';
import type { ModelInfo } from '../../core/model-info.ts';
import { guessAbility } from './ability.ts';
import { modelKey } from './model-key.ts';

/** What a text asks for, as far as the prior can tell. */
export interface ReadText {
  state: Float32Array;
  /** How far predictions are to be believed, 0 to 1; at 0 the text is of a kind that nothing is known of. */
  trust: number;
  /** The hand-made score, which stands in where nothing is known. */
  complexity: number;
}

/** What is known of a model. */
export interface KnownModel {
  head: Head;
  ability: number;
  /** `traffic`: learned from an organisation's own calls. `data`: the prior has answers of this model. Else what its ability was guessed from. */
  basis: 'traffic' | 'data' | 'size' | 'price' | 'nothing';
}

// Each turn of a conversation asks about all of its texts again; only the new one is to be read.
const mostTextsKept = 500;
// No feature reads further than this.
const charactersRead = 4000;

/** Predicts how well a model would answer a text. Weights are those of the prior; nothing is learned here. */
export function createQualityBook(prior: Prior) {
  const headsByKey = new Map<string, Head[]>();
  for (const [name, head] of prior.heads) {
    const key = modelKey(name);
    headsByKey.set(key, [...(headsByKey.get(key) ?? []), head]);
  }
  const models = new WeakMap<ModelInfo, KnownModel>();
  const texts = new Map<string, ReadText>();

  function look(info: ModelInfo): KnownModel {
    const heads = headsByKey.get(modelKey(info.id));
    if (heads) {
      const head = meanHead(heads);
      return { head, ability: abilityOf(head, prior), basis: 'data' };
    }
    const { ability, basis } = guessAbility(info);
    return { head: headAtAbility(prior.byAbility, ability), ability, basis };
  }

  return {
    modelOf(info: ModelInfo): KnownModel {
      let known = models.get(info);
      if (!known) {
        known = look(info);
        models.set(info, known);
      }
      return known;
    },
    /** What is known of a model of which traffic has taught this head. */
    taught: (head: Head): KnownModel => ({ head, ability: abilityOf(head, prior), basis: 'traffic' }),
    read(text: string): ReadText {
      const key = text.length > charactersRead ? `${text.length}:${text.slice(0, charactersRead)}` : text;
      let read = texts.get(key);
      if (!read) {
        const { state, familiarity } = encode(prior.encoder, text);
        read = { state, trust: trustAt(familiarity), complexity: scoreComplexity(text).score };
        // The oldest goes: a map keeps the order in which keys came.
        if (texts.size >= mostTextsKept) texts.delete(texts.keys().next().value!);
        texts.set(key, read);
      }
      return read;
    },
  };
}

export type QualityBook = ReturnType<typeof createQualityBook>;

/** The chance that a model answers a text well: what is predicted, as far as it is trusted, and the model's usual else. */
export function expectedQuality({ head, ability, basis }: KnownModel, { state, trust: ofPrior }: ReadText): number {
  // One's own traffic is what it was learned from: there is nothing unfamiliar in it.
  const trust = basis === 'traffic' ? 1 : ofPrior;
  return trust * qualityAt(head, state) + (1 - trust) / (1 + Math.exp(-ability));
}

/** The ability that a text of a kind that nothing is known of asks for, by how hard it looks. */
export const abilityWanted = ({ complexity }: ReadText): number =>
  [Number.NEGATIVE_INFINITY, 0, 0.5][complexityTier(complexity)]!;

function meanHead(heads: readonly Head[]): Head {
  const mean = (of: (head: Head) => number) => heads.reduce((sum, head) => sum + of(head), 0) / heads.length;
  return {
    bias: mean(({ bias }) => bias),
    weights: heads[0]!.weights.map((_, at) => mean(({ weights }) => weights[at]!)),
  };
}

/** The ability whose line comes nearest to the head where it matters most, at its bias. */
function abilityOf(
  { bias }: Head,
  {
    byAbility: {
      bias: [at0, perUnit],
    },
  }: Prior,
): number {
  return perUnit === 0 ? 0 : (bias - at0) / perUnit;
}
