import type { Prior } from '../../shared/src/routing/prior.ts';
import { meanOf } from './report/metrics.ts';
import { routingReport } from './report/routing-report.ts';
import type { Row } from './rows.ts';
import { buildPrior } from './training/build-prior.ts';

/**
 * The prior that ships: trained on every training row, calibrated on every calibration row. The figures in its record are those of
 * priors that were trained the same way with the judged rows left out, since none are left to judge it by.
 */
export function train(rows: readonly Row[], log: (line: string) => void): Prior {
  const prior = buildPrior(
    rows.filter(({ split }) => split === 'train'),
    rows.filter(({ split }) => split === 'cal'),
  );
  const { settings } = routingReport(rows, log);
  const figures: Record<string, number> = {};
  for (const { setting, macro, mixed, sources } of settings) {
    for (const strategy of ['prompt score', 'learned']) {
      if (macro[strategy] === undefined) continue;
      figures[`${setting}: ${strategy}, macro APGR`] = round(macro[strategy]);
      figures[`${setting}: ${strategy}, mixed APGR`] = round(mixed[strategy]!);
    }
    const costs = sources.flatMap(({ costs: each }) => (each ? [each] : []));
    if (costs.length === 0) continue;
    figures[`${setting}: routed cost of best`] = round(
      meanOf(costs.map(({ routed, always }) => routed.cost / always.best.cost)),
    );
    figures[`${setting}: routed quality of best`] = round(
      meanOf(costs.map(({ routed, always }) => routed.quality / always.best.quality)),
    );
  }
  return { ...prior, record: { ...prior.record, figures } };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
