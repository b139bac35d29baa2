/** One line of the result. What a row holds against its target is `compared`, in the target's own unit. */
export interface Row {
  name: string;
  /** The figure itself: microseconds a request, milliseconds, megabytes. */
  measured?: number;
  unit: 'us' | 'ms' | 'MB';
  /** The same figure against another row: 1.35 (times), 2.1 (us/event) and so on. */
  compared?: Comparison;
  target?: ({ most: number } | { least: number }) & { unit: Comparison['unit'] };
  /** The measured figure of each round, of which `measured` is the median. */
  rounds?: number[];
  /** What helps to read the figure. */
  detail?: string;
  /** Why there is no figure. */
  failure?: string;
}

export interface Comparison {
  value: number;
  unit: 'x' | 'us/event' | 'ms' | 'MB';
}

export type Verdict = 'pass' | 'FAIL' | 'NOT MEASURED' | '';

/** Holds a row against its target; a row that has none passes no judgement. */
export function judge(row: Row): Verdict {
  if (row.failure !== undefined) return 'NOT MEASURED';
  if (!row.target) return '';
  const value = row.compared?.value;
  if (value === undefined || Number.isNaN(value)) return 'NOT MEASURED';
  return ('most' in row.target ? value <= row.target.most : value >= row.target.least) ? 'pass' : 'FAIL';
}
