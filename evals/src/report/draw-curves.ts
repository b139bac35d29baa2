import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawChart, type Series } from './draw-chart.ts';
import { meanOf, wishesOf } from './metrics.ts';
import type { RoutingReport } from './routing-report.ts';
import type { Trial } from './settings.ts';

/** Writes the charts of a report as SVG files; gives their names. */
export function drawCurves(folder: string, { settings }: RoutingReport): string[] {
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  const write = (name: string, svg: string) => {
    writeFileSync(join(folder, name), svg);
    files.push(name);
  };
  for (const { setting, sources, gap } of settings) {
    const suffix = setting.replace(/[^a-z0-9]+/g, '-');
    write(
      `gap-${suffix}.svg`,
      drawChart({
        title: `Gap recovered, ${setting}, mean over sources and pairs`,
        x: 'share of calls that the strong model answers',
        y: 'share of the gap recovered',
        series: Object.entries(gap).map(([name, points]) => ({ name, points })),
      }),
    );
    if (setting !== 'in-domain') continue;
    for (const { source, costs } of sources) {
      if (!costs) continue;
      const { always, random, oracle, curve } = costs;
      const mark = (name: string, { cost, quality }: { cost: number; quality: number }): Series => ({
        name,
        points: [{ x: cost * 1000, y: quality }],
        marks: true,
      });
      write(
        `cost-${source}.svg`,
        drawChart({
          title: `Cost and quality, ${source}`,
          x: 'US dollars per 1,000 prompts',
          y: 'quality',
          logX: true,
          series: [
            { name: 'routed', points: curve.map(({ cost, quality }) => ({ x: cost * 1000, y: quality })) },
            mark('always the best', always.best),
            mark('always the cheapest', always.cheapest),
            mark('random', random),
            mark('oracle', oracle),
          ],
        }),
      );
    }
  }
  return files;
}

export const shares: readonly number[] = Array.from({ length: 41 }, (_, at) => at / 40);

/** The gap that is recovered at each of `shares`, mean over sources and their pairs. */
export function gapCurve(trials: readonly Trial[], strategy: string): { x: number; y: number }[] {
  const curves = trials.map(({ judged, pairs, scorers }) => {
    const each = pairs.map((pair) => recovered(wishesOf(judged, pair, (row) => scorers[strategy]!(row, pair))));
    return shares.map((_, at) => meanOf(each.map((curve) => curve[at]!)));
  });
  return shares.map((x, at) => ({ x, y: meanOf(curves.map((curve) => curve[at]!)) }));
}

function recovered(wishes: readonly { gain: number; score: number }[]): number[] {
  const ordered = [...wishes].sort((a, b) => b.score - a.score);
  const gap = ordered.reduce((sum, { gain }) => sum + gain, 0);
  const sums = [0];
  for (const { gain } of ordered) sums.push(sums.at(-1)! + gain);
  return shares.map((share) => sums[Math.round(share * ordered.length)]! / gap);
}
