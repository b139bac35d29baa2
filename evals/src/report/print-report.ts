import type { CostQuality, Operating } from './cost-quality.ts';
import type { Interval } from './metrics.ts';
import type { RoutingReport, SettingFigures } from './routing-report.ts';

/** The report as plain text. */
export function printReport({ rows, settings }: RoutingReport): string {
  return [
    `${rows} prompts. APGR: 0.5 is random, 1 as good as always the strong model at no strong call. 95 % intervals by bootstrap.`,
    ...settings.flatMap(printSetting),
  ].join('\n');
}

function printSetting({ setting, about, sources, macro, mixed }: SettingFigures): string[] {
  const table = [['source', 'strategy', 'APGR', 'CPT(50)', 'CPT(80)', 'strong calls at 95 % quality']];
  for (const { source, strategies } of sources) {
    for (const { strategy, intervals, ...figures } of strategies)
      table.push([
        source,
        strategy,
        ...(['apgr', 'cpt50', 'cpt80', 'calls95'] as const).map(
          (name) => `${figure(figures[name])} (${intervals[name].map(figure).join('-')})`,
        ),
      ]);
  }
  for (const strategy of Object.keys(macro)) table.push(['macro', strategy, figure(macro[strategy]!), '', '', '']);
  for (const strategy of Object.keys(mixed)) table.push(['mixed', strategy, figure(mixed[strategy]!), '', '', '']);
  const costs = sources.flatMap(({ source, costs }) => (costs ? [printCosts(source, costs)] : []));
  return [
    '',
    `## ${setting}: ${about}`,
    '',
    ...align(table),
    ...(costs.length > 0
      ? ['', 'Choosing among all priced models, cheapest sufficient at 95 % (threshold chosen on other rows):', '']
      : []),
    ...(costs.length > 0 ? align([costHeader, ...costs.flat()]) : []),
  ];
}

const costHeader = ['source', 'choice', 'quality', 'of best', 'cost/1000', 'of best'];

function printCosts(
  source: string,
  { best, cheapest, always, random, oracle, routed, routedOfBest, tau }: CostQuality,
): string[][] {
  const line = (name: string, { quality, cost }: Operating, within?: CostQuality['routedOfBest']) => [
    source,
    name,
    figure(quality),
    figure(quality / always.best.quality) + between(within?.quality),
    `$${(cost * 1000).toFixed(4)}`,
    figure(cost / always.best.cost) + between(within?.cost),
  ];
  return [
    line(`always best (${best})`, always.best),
    line(`always cheapest (${cheapest})`, always.cheapest),
    line('random', random),
    line(`routed, tau ${tau.toFixed(2)}`, routed, routedOfBest),
    line('oracle', oracle),
  ];
}

const between = (interval: Interval | undefined): string => (interval ? ` (${interval.map(figure).join('-')})` : '');

const figure = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(3));

function align(table: readonly (readonly string[])[]): string[] {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
