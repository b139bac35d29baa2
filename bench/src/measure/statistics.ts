/** The middle of the figures, or the mean of the two in the middle; NaN of none. */
export function median(figures: number[]): number {
  return quantile(figures, 0.5);
}

/** The figure below which the given share (0..1) of the others lies, between neighbours in proportion; NaN of none. */
export function quantile(figures: number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** How much higher a quantile of each round is than that of the other's round of the same index: the median of the rounds. */
export function addedQuantile(rounds: number[][], others: number[][], share: number): number {
  return median(rounds.map((round, index) => quantile(round, share) - quantile(others[index] ?? [], share)));
}
