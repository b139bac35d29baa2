import type { AnswerFacts, CallContext, ModelCall } from '../../core/call.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import type { Next } from '../pipeline.ts';
import { Flight } from './flight.ts';

export interface LeadOptions {
  /** Others may join under this key; undefined: nobody. */
  key: string | undefined;
  /** Told when the answer is whole and without a fault. */
  onWhole?(frames: readonly Frame[], facts: AnswerFacts): void;
}

export interface ShareCallsDeps {
  /** What the flight's answer cost, for those who did not pay it. */
  costOf(facts: AnswerFacts, atMs: number): number | null;
}

const maxHeldBytes = 4 * 1024 * 1024;

/** Identical calls at the same moment share one call to the provider. */
export function createSharedCalls({ costOf }: ShareCallsDeps) {
  const flights = new Map<string, Flight>();

  return {
    has: (key: string): boolean => flights.has(key),

    /** Makes the call, and lets others read along. Whoever leads pays for all of it, also when it leaves before the others. */
    async *lead(call: ModelCall, context: CallContext, next: Next, { key, onWhole }: LeadOptions): Frames {
      const { facts } = context;
      const flight = new Flight({
        context,
        maxHeldBytes,
        begin: (own) => next(call, own),
        onWhole: (frames) => {
          if (!facts.error && facts.complete !== false && !facts.noStore) onWhole?.(frames, facts);
        },
        onClosed: () => {
          if (key !== undefined && flights.get(key) === flight) flights.delete(key);
        },
      });
      if (key !== undefined) flights.set(key, flight);
      let whole = false;
      try {
        yield* flight.read(context.abort);
        whole = true;
      } finally {
        const goesOn = flight.hasReaders;
        await flight.over;
        // The answer was seen to its end, but not by this caller.
        if (!whole && goesOn) facts.complete = false;
      }
    },

    /**
     * Reads along with whoever called first, at no cost. When that call fails before anything came of it, this caller makes
     * its own (`alone`): what stopped the other (its budget, its deadline) need not stop this one.
     */
    async *follow(key: string, context: CallContext, hash: string, alone: () => Frames): Frames {
      const flight = flights.get(key)!;
      const from = flight.context.facts;
      const { facts } = context;
      let begun = false;
      try {
        for await (const frame of flight.read(context.abort)) {
          if (!begun) {
            begun = true;
            facts.cache = { state: 'shared', ageSeconds: 0, savedNanos: 0, key: hash };
            facts.model = from.model;
            facts.provider = from.provider;
            facts.wire = from.wire;
            facts.losses = from.losses;
            facts.route = 'shared with an identical call';
            facts.firstFrameMs = performance.now() - context.startedMs;
          }
          yield frame;
        }
      } catch (thrown) {
        if (begun || context.abort.aborted) throw thrown;
        yield* alone();
        return;
      } finally {
        if (begun) {
          facts.finish = from.finish;
          facts.complete = from.complete;
          facts.error = from.error;
          if (facts.cache?.state === 'shared') facts.cache.savedNanos = costOf(from, context.receivedAt);
        }
      }
    },
  };
}

export type SharedCalls = ReturnType<typeof createSharedCalls>;
