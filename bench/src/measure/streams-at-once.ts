import type { Target } from '../load/batch.ts';
import type { LoadClient } from '../load/load-client.ts';
import type { Subject } from '../subjects/subject.ts';
import { type Pace, streamReply } from '../traffic.ts';
import { failureText } from './failure-text.ts';
import { readResidentBytes } from './process-usage.ts';

/** What so many streams at once came to, or why they did not. */
export interface StreamsAtOnce {
  streams: number;
  /** Resident memory of the subject before the first of all streams, and at the height of these. */
  idleBytes: number;
  peakBytes: number;
  /** Time to the first body byte of each stream, all of them asked for at the same moment. */
  firstByteMs: number[];
  /** Between two reads of one stream. */
  gapMs: number[];
  failure?: string;
}

export interface StreamRoad {
  subject: Subject;
  model: string;
}

const slowPaceMs = 200;

/**
 * Opens each count of slow streams at once, an event every 200 ms for `seconds`, and watches the subject's memory.
 * Idle is the figure after a short warm-up. Fails unless all streams were under way together and ended complete.
 */
export async function measureStreamsAtOnce(
  { subject, model }: StreamRoad,
  shape: { counts: number[]; seconds: number },
  load: LoadClient,
): Promise<StreamsAtOnce[]> {
  const results: StreamsAtOnce[] = [];
  let idleBytes = Number.NaN;
  for (const streams of shape.counts) {
    try {
      const { pid, target } = runningSubject(subject);
      const open = streamOpener(target, model, load);
      if (Number.isNaN(idleBytes)) {
        await open({ paceMs: 0, events: 60 }, 320, 32);
        await Bun.sleep(1000);
        idleBytes = readResidentBytes(pid);
      }
      const watch = watchPeak(pid);
      const slow = { paceMs: slowPaceMs, events: Math.ceil((shape.seconds * 1000) / slowPaceMs) };
      const { peakUnderWay, firstByteMs, gapMs } = await open(slow, streams, streams).finally(watch.stop);
      if (peakUnderWay < streams) throw new Error(`only ${peakUnderWay} of ${streams} streams were under way together`);
      results.push({ streams, idleBytes, peakBytes: Math.max(idleBytes, watch.peakBytes()), firstByteMs, gapMs });
    } catch (error) {
      results.push({ ...nothing, streams, failure: failureText(error) });
    }
  }
  return results;
}

function runningSubject(subject: Subject) {
  if ('failure' in subject) throw new Error(subject.failure);
  if (subject.pid === undefined) throw new Error('its process is not known: give --pid');
  return { target: subject.target, pid: subject.pid };
}

const streamOpener = (target: Target, model: string, load: LoadClient) => {
  return (stream: Pace, requests: number, concurrency: number) => {
    const question = { dialect: 'openai' as const, model, stream };
    return load.run({ target, question, reply: streamReply('openai', stream.events), requests, concurrency });
  };
};

const nothing = { idleBytes: Number.NaN, peakBytes: Number.NaN, firstByteMs: [], gapMs: [] };

function watchPeak(pid: number) {
  let peakBytes = 0;
  const timer = setInterval(() => {
    try {
      peakBytes = Math.max(peakBytes, readResidentBytes(pid));
    } catch {
      clearInterval(timer); // The subject has died, and its callers tell so.
    }
  }, slowPaceMs / 2);
  return { stop: () => clearInterval(timer), peakBytes: () => peakBytes };
}
