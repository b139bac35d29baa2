import type { StoredAnswer } from './stored-answer.ts';

export interface SemanticIndexDeps {
  maxBytes(): number;
  now?: () => number;
  /** Newer questions take the place of older ones beyond so many in one bucket: a search reads all of them. */
  maxPerBucket?: number;
}

interface Bucket {
  dimensions: number;
  /** One unit vector after another. */
  vectors: Float32Array;
  answers: StoredAnswer[];
  /** Where the next one goes when the bucket is full. */
  next: number;
  bytes: number;
}

export interface Near {
  answer: StoredAnswer;
  cosine: number;
}

/**
 * Questions by their meaning. Every scope, with everything that must be equal, has a bucket of its own: a search sees nothing
 * but its bucket, so no threshold and no fault of an embedding can lead from one tenant to another.
 */
export function createSemanticIndex({ maxBytes, now = Date.now, maxPerBucket = 1000 }: SemanticIndexDeps) {
  const buckets = new Map<string, Bucket>();
  let bytes = 0;

  const keyOf = (scope: string, context: string) => `${scope}\n${context}`;

  function removeBucket(key: string): void {
    const bucket = buckets.get(key);
    if (!bucket) return;
    buckets.delete(key);
    bytes -= bucket.bytes;
  }

  function grow(bucket: Bucket, capacity: number): void {
    const vectors = new Float32Array(capacity * bucket.dimensions);
    vectors.set(bucket.vectors);
    bucket.bytes += vectors.byteLength - bucket.vectors.byteLength;
    bytes += vectors.byteLength - bucket.vectors.byteLength;
    bucket.vectors = vectors;
  }

  return {
    /** The nearest answer of this scope and context from `threshold` on that `accepts` takes. */
    search(
      scope: string,
      context: string,
      vector: Float32Array,
      threshold: number,
      accepts: (answer: StoredAnswer) => boolean,
    ): Near | undefined {
      const key = keyOf(scope, context);
      const bucket = buckets.get(key);
      if (!bucket || bucket.dimensions !== vector.length) return undefined;
      buckets.delete(key);
      buckets.set(key, bucket);
      let best: Near | undefined;
      for (const [at, answer] of bucket.answers.entries()) {
        const cosine = dot(bucket.vectors, at * bucket.dimensions, vector);
        if (cosine < threshold || cosine <= (best?.cosine ?? -2)) continue;
        // Said twice on purpose: the bucket is the scope's own already.
        if (answer.scope !== scope || answer.expiresAt <= now() || !accepts(answer)) continue;
        best = { answer, cosine };
      }
      return best;
    },
    put(scope: string, context: string, vector: Float32Array, answer: StoredAnswer): void {
      const key = keyOf(scope, context);
      let bucket = buckets.get(key);
      if (bucket && bucket.dimensions !== vector.length) {
        removeBucket(key);
        bucket = undefined;
      }
      if (!bucket) {
        bucket = { dimensions: vector.length, vectors: new Float32Array(0), answers: [], next: 0, bytes: 0 };
        buckets.set(key, bucket);
      }
      const at = bucket.answers.length < maxPerBucket ? bucket.answers.length : bucket.next++ % maxPerBucket;
      if ((at + 1) * bucket.dimensions > bucket.vectors.length)
        grow(bucket, Math.min(maxPerBucket, Math.max(4, bucket.answers.length * 2)));
      const change = answer.size - (bucket.answers[at]?.size ?? 0);
      bucket.answers[at] = answer;
      bucket.vectors.set(vector, at * bucket.dimensions);
      bucket.bytes += change;
      bytes += change;
      for (const oldest of buckets.keys()) {
        if (bytes <= maxBytes()) break;
        removeBucket(oldest);
      }
    },
    /** Forgets the answers that the test names; returns how many. */
    removeWhere(test: (answer: StoredAnswer) => boolean): number {
      let removed = 0;
      for (const [key, bucket] of buckets) {
        const kept = bucket.answers.flatMap((answer, at) => (test(answer) ? [] : [at]));
        if (kept.length === bucket.answers.length) continue;
        removed += bucket.answers.length - kept.length;
        removeBucket(key);
        for (const at of kept) {
          const start = at * bucket.dimensions;
          const [scope = '', context = ''] = key.split('\n');
          this.put(scope, context, bucket.vectors.slice(start, start + bucket.dimensions), bucket.answers[at]!);
        }
      }
      return removed;
    },
    count(test?: (answer: StoredAnswer) => boolean): { entries: number; bytes: number } {
      let entries = 0;
      let weight = 0;
      for (const bucket of buckets.values()) {
        for (const answer of bucket.answers) {
          if (test && !test(answer)) continue;
          entries += 1;
          weight += answer.size + bucket.dimensions * 4;
        }
      }
      return { entries, bytes: weight };
    },
  };
}

export type SemanticIndex = ReturnType<typeof createSemanticIndex>;

function dot(vectors: Float32Array, start: number, vector: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < vector.length; at++) sum += vectors[start + at]! * vector[at]!;
  return sum;
}

/** A vector of length 1 in the same direction, or undefined when it has none. */
export function unitVector(values: ArrayLike<number>): Float32Array | undefined {
  let squares = 0;
  for (let at = 0; at < values.length; at++) squares += values[at]! ** 2;
  if (!Number.isFinite(squares) || squares === 0) return undefined;
  const length = Math.sqrt(squares);
  return Float32Array.from(values, (value) => value / length);
}
