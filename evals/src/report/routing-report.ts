import type { Row } from '../rows.ts';
import { seededRandom } from '../seeded-random.ts';
import { type CostQuality, costQuality } from './cost-quality.ts';
import { gapCurve } from './draw-curves.ts';
import { bootstrap, type GapRecovered, gapRecovered, type Interval, meanOf, wishesOf } from './metrics.ts';
import { fewLabels, inDomain, type Trial, unseen } from './settings.ts';

export interface StrategyFigures extends GapRecovered {
  strategy: string;
  intervals: Record<keyof GapRecovered, Interval>;
}

export interface SourceFigures {
  source: string;
  prompts: number;
  pairs: number;
  strategies: StrategyFigures[];
  costs?: CostQuality;
}

export interface SettingFigures {
  setting: string;
  about: string;
  sources: SourceFigures[];
  /** The mean over sources of each strategy's APGR. */
  macro: Record<string, number>;
  /** All sources in one pile: prompts of different kinds compete for the strong calls. */
  mixed: Record<string, number>;
  /** By strategy: the share of the gap recovered (y) at shares of strong calls (x). */
  gap: Record<string, { x: number; y: number }[]>;
}

export interface RoutingReport {
  rows: number;
  settings: SettingFigures[];
}

/** Every strategy in every setting. Trains once for the first setting and once a source for each of the others. */
export function routingReport(rows: readonly Row[], log: (line: string) => void = () => {}): RoutingReport {
  return {
    rows: rows.length,
    settings: [
      settingOf(
        'in-domain',
        'the prior knows the source; half of its calibration rows are judged',
        inDomain(rows, log),
      ),
      settingOf(
        'unseen',
        'the prior was trained without the source and knows none of its models',
        unseen(rows, 0, log),
      ),
      settingOf(
        `unseen + ${fewLabels}`,
        `the same, and ${fewLabels} prompts of the source with their outcomes`,
        unseen(rows, fewLabels, log),
      ),
    ],
  };
}

function settingOf(setting: string, about: string, trials: readonly Trial[]): SettingFigures {
  const sources = trials.map(figuresOf);
  const strategies = sources[0]?.strategies.map(({ strategy }) => strategy) ?? [];
  return {
    setting,
    about,
    sources,
    macro: Object.fromEntries(
      strategies.map((strategy) => [
        strategy,
        meanOf(sources.map((source) => source.strategies.find((each) => each.strategy === strategy)!.apgr)),
      ]),
    ),
    mixed: Object.fromEntries(strategies.map((strategy) => [strategy, mixedApgr(trials, strategy)])),
    gap: Object.fromEntries(strategies.map((strategy) => [strategy, gapCurve(trials, strategy)])),
  };
}

function figuresOf({ source, judged, choose, pairs, scorers, quality, models }: Trial): SourceFigures {
  return {
    source,
    prompts: judged.length,
    pairs: pairs.length,
    strategies: Object.entries(scorers).map(([strategy, score]) => {
      const scored = pairs.map((pair) => new Map(judged.map((row) => [row, score(row, pair)])));
      const over = (rows: readonly Row[]): GapRecovered => {
        const all = pairs.map((pair, at) => gapRecovered(wishesOf(rows, pair, (row) => scored[at]!.get(row)!)));
        return {
          apgr: meanOf(all.map(({ apgr }) => apgr)),
          cpt50: meanOf(all.map(({ cpt50 }) => cpt50)),
          cpt80: meanOf(all.map(({ cpt80 }) => cpt80)),
          calls95: meanOf(all.map(({ calls95 }) => calls95)),
        };
      };
      return { strategy, ...over(judged), intervals: bootstrap(judged, over, seededRandom(11)) };
    }),
    costs: 'learned' in scorers ? costQuality(choose, judged, models, quality) : undefined,
  };
}

/** Sources differ in how many pairs they have: the n-th pile takes each source's n-th pair, or its last. */
function mixedApgr(trials: readonly Trial[], strategy: string): number {
  const most = Math.max(...trials.map(({ pairs }) => pairs.length));
  return meanOf(
    Array.from({ length: most }, (_, at) => {
      const wishes = trials.flatMap(({ judged, pairs, scorers }) => {
        const pair = pairs[Math.min(at, pairs.length - 1)]!;
        return wishesOf(judged, pair, (row) => scorers[strategy]!(row, pair));
      });
      return gapRecovered(wishes).apgr;
    }),
  );
}
