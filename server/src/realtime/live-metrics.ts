import { latencyBuckets, type Percentiles, percentilesOf } from './latency-histogram.ts';
import { addCall, addSums, emptySums, type LiveCall, type LiveSums } from './live-sums.ts';

/** What one replica counted within one second. */
export interface ReplicaSecond {
  /** Seconds since 1970. */
  second: number;
  /** By the id of the organisation. */
  organisations: Map<string, LiveSums>;
  /** Calls that it was handling when the second ended. */
  inFlight: number;
}

/** One second as it is shown, of one organisation or of the whole gateway. */
export interface LiveSecond {
  /** Seconds since 1970. */
  second: number;
  sums: LiveSums;
  /** Of the calls of the last 60 seconds, in milliseconds. */
  latencyMs: Percentiles;
  /** Of the whole gateway only: nobody counts it by organisation. */
  inFlight?: number;
}

interface KeptSecond {
  organisations: Map<string, LiveSums>;
  whole: LiveSums;
  inFlight: number;
}

export interface LiveMetricsDeps {
  /** Milliseconds since 1970. */
  now?: () => number;
  /** So many sums (an organisation's within one second) are kept; beyond them the history gets shorter. */
  mostSums?: number;
}

const latencySeconds = 60;
/** How far back what is shown reaches. */
export const historySeconds = 120;
/** A clock that is set back by more than this begins anew. */
const mostSetBack = 5;

/**
 * Counts calls by the second in which they ended and by organisation, and adds up what several replicas counted. A call
 * touches the bucket of its second and nothing else; the rest happens once a second. Each sum is shown exactly once: what
 * comes too late for its own second (another replica's clock is behind) is counted in the next one to be shown.
 */
export function createLiveMetrics({ now = Date.now, mostSums = 100_000 }: LiveMetricsDeps = {}) {
  const nowSecond = () => Math.floor(now() / 1000);
  const kept = new Map<number, KeptSecond>();
  /** What this process has counted and nobody has added up yet. */
  let own: { second: number; organisations: Map<string, LiveSums> }[] = [];
  let current: (typeof own)[number] | undefined;
  let began = nowSecond();
  let finished = began - 1;
  let shown = began - 1;

  function keptAt(second: number): KeptSecond {
    const found = kept.get(second);
    if (found) return found;
    const made = { organisations: new Map<string, LiveSums>(), whole: emptySums(), inFlight: 0 };
    kept.set(second, made);
    return made;
  }

  /** Adds what a replica counted to the second that it belongs to, or to the next one that is still to be shown. */
  function receive({ second, organisations, inFlight }: ReplicaSecond): void {
    const place = Math.max(shown + 1, Math.min(second, nowSecond()));
    const into = keptAt(place);
    // How many calls ran is true of its own second only.
    if (place === second) into.inFlight += inFlight;
    for (const [id, sums] of organisations) {
      let among = into.organisations.get(id);
      if (!among) {
        among = emptySums();
        into.organisations.set(id, among);
      }
      addSums(among, sums);
      addSums(into.whole, sums);
    }
  }

  function forgetOld(): void {
    const oldest = shown - historySeconds - latencySeconds;
    let sums = 0;
    for (const second of [...kept.keys()].sort((one, other) => other - one)) {
      sums += kept.get(second)!.organisations.size;
      if (second <= oldest || (sums > mostSums && second <= shown)) kept.delete(second);
    }
  }

  return {
    /** Counts a call that has ended now. */
    add(call: LiveCall): void {
      const second = nowSecond();
      if (current?.second !== second) {
        current = { second, organisations: new Map() };
        own.push(current);
      }
      let sums = current.organisations.get(call.organisationId);
      if (!sums) {
        sums = emptySums();
        current.organisations.set(call.organisationId, sums);
      }
      addCall(sums, call);
    },
    /**
     * Takes what this process counted in the seconds that are over, for the other replicas; it is added up here. `inFlight`:
     * calls that it handles now.
     */
    finish(inFlight: number): ReplicaSecond[] {
      const now = nowSecond();
      const last = now - 1;
      // What is of a later second was counted before the clock was set back.
      const over: ReplicaSecond[] = own
        .filter(({ second }) => second !== now)
        .map((each) => ({ ...each, inFlight: 0 }));
      own = own.filter(({ second }) => second === now);
      if (current?.second !== now) current = undefined;
      if (last > finished && inFlight > 0) {
        const end = over.find(({ second }) => second === last);
        if (end) end.inFlight = inFlight;
        else over.push({ second: last, organisations: new Map(), inFlight });
      }
      finished = last;
      for (const each of over) receive(each);
      return over;
    },
    receive,
    /** Shows what is over by now. Gives the seconds that were not shown before, oldest first, as `seconds` takes them. */
    show(): { from: number; to: number } {
      const last = nowSecond() - 1;
      if (last < shown - mostSetBack) {
        kept.clear();
        began = last + 1;
        shown = last;
      }
      const from = Math.max(shown + 1, last - historySeconds + 1);
      shown = Math.max(shown, last);
      forgetOld();
      return { from, to: shown };
    },
    /** What has been shown, at most two minutes of it: `from` is behind `to` when nothing has. */
    shownSeconds: (): { from: number; to: number } => ({
      from: Math.max(began, shown - historySeconds + 1),
      to: shown,
    }),
    /** The seconds from one to another, both included, of one organisation, or of the whole gateway when none is named. */
    *seconds({ from, to }: { from: number; to: number }, organisationId?: string): Generator<LiveSecond> {
      const sumsAt = (second: number) =>
        organisationId === undefined ? kept.get(second)?.whole : kept.get(second)?.organisations.get(organisationId);
      const counts = new Array<number>(latencyBuckets).fill(0);
      const count = (second: number, sign: 1 | -1) => {
        for (const [bucket, calls] of sumsAt(second)?.latencies ?? []) counts[bucket]! += sign * calls;
      };
      for (let second = from - latencySeconds + 1; second < from; second++) count(second, 1);
      for (let second = from; second <= to; second++) {
        count(second, 1);
        yield {
          second,
          sums: sumsAt(second) ?? emptySums(),
          latencyMs: percentilesOf(counts),
          ...(organisationId === undefined && { inFlight: kept.get(second)?.inFlight ?? 0 }),
        };
        count(second - latencySeconds + 1, -1);
      }
    },
  };
}

export type LiveMetrics = ReturnType<typeof createLiveMetrics>;
