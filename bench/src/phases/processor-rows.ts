import { type Latency, measureLatency } from '../measure/latency.ts';
import type { ProcessorUse, Trial } from '../measure/processor-use.ts';
import { median } from '../measure/statistics.ts';
import type { Comparison, Row } from '../report/row.ts';
import type { Scale } from '../scale.ts';
import type { Question } from '../traffic.ts';
import type { World } from '../world.ts';

export const megabyte = 1024 * 1024;

/** A row of microseconds a request, throughput and memory, without a target. */
export function useRow(name: string, use: ProcessorUse, stream: boolean): Row {
  const details = [
    ...(stream ? [`${use.reads.toFixed(0)} reads a stream`] : []),
    ...(use.afterwards >= 0.1 ? [`${(use.afterwards * 100).toFixed(0)}% after the last answer`] : []),
  ];
  return {
    name,
    cpuUs: use.usPerRequest,
    perSecond: use.perSecond,
    memoryMb: use.residentBytes / megabyte,
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

/**
 * What each trial's subject adds to the time that a JSON answer takes straight from the mock, one caller at a time; asked by
 * the trial's name.
 */
export async function measureAdded(
  trials: Trial[],
  straight: { question: Question; reply: string },
  { world, scale }: { world: World; scale: Scale },
): Promise<(name: string) => Pick<Row, 'addedP50Ms' | 'addedP99Ms'>> {
  const roads = [{ name: '', subject: world.mock, ...straight }, ...trials];
  const timings = await measureLatency(roads, scale.latency, world.load);
  const byName = new Map<string, Latency>(timings.map((timing) => [timing.name, timing]));
  return (name) => {
    const timing = byName.get(name);
    if (!timing || timing.failure !== undefined) return {};
    return { addedP50Ms: timing.addedP50Ms, addedP99Ms: timing.addedP99Ms };
  };
}
