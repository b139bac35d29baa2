export interface LatencyOptions {
  /** Monotonic milliseconds. */
  nowMs?: () => number;
  /** What was not asked for so long is as good as unknown: it is tried again. */
  forgottenAfterMs?: number;
}

/** The newest figure's share of the mean: the last ten or so count. */
const share = 0.2;

/**
 * How long deployments take to their first token (of a stream), or to their answer, as a mean in which what is recent counts more. In
 * this process.
 */
export function createLatencies({ nowMs = () => performance.now(), forgottenAfterMs = 300_000 }: LatencyOptions = {}) {
  const known = { stream: new Map<string, Seen>(), whole: new Map<string, Seen>() };
  const of = (stream: boolean) => (stream ? known.stream : known.whole);
  return {
    /** Notes that a deployment (`provider/model`) took so many milliseconds. */
    note(deployment: string, stream: boolean, ms: number): void {
      const before = of(stream).get(deployment);
      const fresh = !before || nowMs() - before.atMs > forgottenAfterMs;
      of(stream).set(deployment, { ms: fresh ? ms : before.ms + share * (ms - before.ms), atMs: nowMs() });
    },
    /** Milliseconds that it is likely to take; undefined when nobody asked it lately. */
    expected(deployment: string, stream: boolean): number | undefined {
      const seen = of(stream).get(deployment);
      return seen && nowMs() - seen.atMs <= forgottenAfterMs ? seen.ms : undefined;
    },
  };
}

interface Seen {
  ms: number;
  atMs: number;
}

export type Latencies = ReturnType<typeof createLatencies>;
