/**
 * Latencies as counts of a logarithmic scale: eight buckets to each doubling, from an eighth of a millisecond to 70 minutes.
 * A percentile read from it is at most 5 % off, however many calls there were, and the histograms of several seconds and
 * replicas are merged by adding their counts, which cannot be done with percentiles themselves.
 */
const perDoubling = 8;
const lowestExponent = -3;
/** How many buckets there are; the last one takes all that is longer. */
export const latencyBuckets = 25 * perDoubling;

/** The bucket that a latency in milliseconds falls into. */
export function bucketOf(ms: number): number {
  const bucket = Math.floor((Math.log2(ms) - lowestExponent) * perDoubling);
  // A clock that gives 0 or less has a logarithm that is no number.
  return bucket > 0 ? Math.min(bucket, latencyBuckets - 1) : 0;
}

/** The latency in milliseconds that stands for a bucket: its middle on the logarithmic scale, to three digits. */
function middleOf(bucket: number): number {
  return Number((2 ** ((bucket + 0.5) / perDoubling + lowestExponent)).toPrecision(3));
}

export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** The percentiles in milliseconds of what was counted in each bucket; null when nothing was. */
export function percentilesOf(counts: ArrayLike<number>): Percentiles {
  let total = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) total += counts[bucket]!;
  const at = (share: number): number | null => {
    if (total === 0) return null;
    // The nearest rank: the first value that so large a share of all does not exceed.
    const rank = Math.ceil(share * total);
    let seen = 0;
    let bucket = 0;
    while (seen + counts[bucket]! < rank) seen += counts[bucket++]!;
    return middleOf(bucket);
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
