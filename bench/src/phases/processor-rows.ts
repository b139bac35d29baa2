import type { ProcessorUse } from '../measure/processor-use.ts';
import { median } from '../measure/statistics.ts';
import type { Comparison, Row } from '../report/row.ts';

/** A row of microseconds a request, without a target. */
export function useRow(name: string, use: ProcessorUse, stream: boolean): Row {
  const details = [
    ...(stream ? [`${use.reads.toFixed(0)} reads a stream`] : []),
    ...(use.afterwards >= 0.1 ? [`${(use.afterwards * 100).toFixed(0)}% after the last answer`] : []),
  ];
  return {
    name,
    measured: use.usPerRequest,
    unit: 'us',
    detail: details.join(', '),
    rounds: use.roundsUs,
    failure: use.failure,
  };
}

/**
 * The row with its figure held against another trial's, round by round, so that what slowed both of them cancels;
 * the median counts. When the other one has no figure, the row says so and keeps its own.
 */
export function against(
  row: Row,
  [use, other]: [ProcessorUse, ProcessorUse],
  unit: Comparison['unit'],
  by: (us: number, otherUs: number) => number,
): Row {
  if (use.failure === undefined && other.failure !== undefined) {
    return { ...row, detail: `nothing to compare with: ${other.failure}` };
  }
  const value = median(use.roundsUs.map((us, round) => by(us, other.roundsUs[round] ?? Number.NaN)));
  return { ...row, compared: { value, unit } };
}

/** How many times the other's processor time this one takes. */
export const times = (us: number, otherUs: number) => us / otherUs;
