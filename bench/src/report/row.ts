/** One line of the result. What a row holds against its target is `compared`, in the target's own unit. */
export interface Row {
  name: string;
  /** Processor time of one request in microseconds. */
  cpuUs?: number;
  /** Answers a second. */
  perSecond?: number;
  /** What the subject adds to the time that the same takes without it. */
  addedP50Ms?: number;
  addedP99Ms?: number;
  /** Resident memory. */
  memoryMb?: number;
  /** The row's chief figure against another row: 1.35 (times), 2.1 (us/event) and so on. */
  compared?: Comparison;
  target?: ({ most: number } | { least: number }) & { unit: Comparison['unit'] };
  /** The processor time of each round, of which `cpuUs` is the median. */
  rounds?: number[];
  /** What helps to read the figures. */
  detail?: string;
  /** Why there are no figures. */
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
  if (!isFigure(value)) return 'NOT MEASURED';
  return ('most' in row.target ? value <= row.target.most : value >= row.target.least) ? 'pass' : 'FAIL';
}

/** Whether there is a figure. JSON writes NaN as null, so a document that was read back may hold that. */
export function isFigure(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
