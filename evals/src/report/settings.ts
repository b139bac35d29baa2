import { scoreComplexity } from '../../../shared/src/routing/complexity.ts';
import { fitHead } from '../../../shared/src/routing/fit-head.ts';
import { headAtAbility, type Prior, promptScore } from '../../../shared/src/routing/prior.ts';
import { type EncodedPrompt, encode, type Head, qualityAt } from '../../../shared/src/routing/quality-model.ts';
import { bySource, modelsIn, type Row } from '../rows.ts';
import { seededRandom, shuffle } from '../seeded-random.ts';
import { buildPrior } from '../training/build-prior.ts';
import { type Pair, pairsOf } from './metrics.ts';

/** Orders the prompts of one source for one pair of models; the higher, the more the strong one is wanted. */
export type Scorer = (row: Row, pair: Pair) => number;

/** The rows of one source that a setting judges, and how each strategy orders them. */
export interface Trial {
  source: string;
  /** Rows on which thresholds may be chosen; never among the judged. */
  choose: Row[];
  judged: Row[];
  pairs: Pair[];
  scorers: Record<string, Scorer>;
  /** The quality that is predicted of each model. */
  quality: (row: Row) => ReadonlyMap<string, number>;
  models: string[];
}

/** How many prompts with outcomes a gateway is given of a kind of traffic that the prior has not seen. */
export const fewLabels = 500;

/** Sources that lend the same half of their calibration rows to calibration, and keep the other to be judged. */
export function splitCalibration(rows: readonly Row[]): { fit: Row[]; judged: Row[] } {
  const fit: Row[] = [];
  const judged: Row[] = [];
  for (const row of rows) if (row.split === 'cal') (hashOf(row.id) & 1 ? fit : judged).push(row);
  return { fit, judged };
}

/** The prior knows every source; each model that is judged has a head of its own. */
export function inDomain(rows: readonly Row[], log: (line: string) => void): Trial[] {
  const train = rows.filter(({ split }) => split === 'train');
  const { fit, judged } = splitCalibration(rows);
  log(`in-domain: training on ${train.length} prompts`);
  const prior = buildPrior(train, fit);
  const groups = bySource(judged);
  return [...groups].map(([source, own]) =>
    createTrial(prior, prior.heads, source, {
      choose: fit.filter((row) => row.source === source),
      judged: own,
      train: train.filter((row) => row.source === source),
    }),
  );
}

/**
 * The prior is trained without the source that is judged. `labels` of the source's training prompts then fit heads for its models on
 * top of the prior's view of prompts; with none, no head knows the models.
 */
export function unseen(rows: readonly Row[], labels: number, log: (line: string) => void): Trial[] {
  const { fit, judged } = splitCalibration(rows);
  return [...bySource(judged)].map(([source, own]) => {
    log(`without ${source}, ${labels} labels: training`);
    const others = rows.filter((row) => row.source !== source);
    const prior = buildPrior(
      others.filter(({ split }) => split === 'train'),
      fit.filter((row) => row.source !== source),
    );
    const train = rows.filter((row) => row.source === source && row.split === 'train');
    const labelled = shuffle([...train], seededRandom(7)).slice(0, labels);
    return createTrial(prior, labels === 0 ? undefined : fitHeads(prior, labelled), source, {
      choose: labels === 0 ? fit.filter((row) => row.source === source) : labelled,
      judged: own,
      train,
    });
  });
}

/** Heads from labels alone, each held to the line of a middling model. */
export function fitHeads(prior: Prior, labelled: readonly Row[]): Map<string, Head> {
  const encoded = labelled.map(({ features }) => encode(prior.encoder, features).state);
  const start = headAtAbility(prior.byAbility, 0);
  return new Map(
    modelsIn(labelled).map((model) => [
      model,
      fitHead(
        labelled.flatMap(({ outcomes }, at) =>
          outcomes[model] === undefined ? [] : [{ state: encoded[at]!, outcome: outcomes[model] }],
        ),
        start,
      ),
    ]),
  );
}

function createTrial(
  prior: Prior,
  heads: ReadonlyMap<string, Head> | undefined,
  source: string,
  { choose, judged, train }: { choose: Row[]; judged: Row[]; train: Row[] },
): Trial {
  const encodings = new Map<Row, EncodedPrompt>();
  const encoded = (row: Row): EncodedPrompt => {
    const known = encodings.get(row) ?? encode(prior.encoder, row.features);
    encodings.set(row, known);
    return known;
  };
  const models = modelsIn(train);
  const quality = (row: Row) =>
    new Map(
      models.map((model) => [
        model,
        qualityAt(heads?.get(model) ?? headAtAbility(prior.byAbility, 0), encoded(row).state),
      ]),
    );
  return {
    source,
    choose,
    judged,
    pairs: pairsOf(train),
    scorers: {
      random: ({ id }) => hashOf(id),
      length: ({ prompt }) => prompt.length,
      complexity: ({ prompt }) => scoreComplexity(prompt).score,
      'prompt score': (row) => promptScore(prior, encoded(row), row.prompt.length),
      ...(heads && {
        learned: (row: Row, { weak, strong }: Pair) =>
          qualityAt(heads.get(strong)!, encoded(row).state) - qualityAt(heads.get(weak)!, encoded(row).state),
      }),
    },
    quality,
    models,
  };
}

/** A number from a text that has nothing to do with what the text says (FNV-1a, mixed). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
