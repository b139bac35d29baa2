import type { Target } from '../load/batch.ts';
import type { LoadClient } from '../load/load-client.ts';
import { streamReply } from '../traffic.ts';
import { failureText } from './failure-text.ts';
import type { Road } from './first-token.ts';
import { readResidentBytes } from './process-usage.ts';

/** Resident memory in bytes before and at the height of the streams, or why there is none. */
export interface MemoryUnderStreams {
  name: string;
  idleBytes: number;
  peakBytes: number;
  failure?: string;
}

interface Shape {
  streams: number;
  seconds: number;
}

const slowPaceMs = 200;

/**
 * Opens `streams` slow streams at once, an event every 200 ms for `seconds`, and watches the subject's resident memory.
 * Idle is the figure after a short warm-up. Fails unless all streams were under way together and ended complete.
 */
export async function measureMemory(road: Road, shape: Shape, load: LoadClient): Promise<MemoryUnderStreams> {
  const { name, subject, model } = road;
  try {
    if ('failure' in subject) throw new Error(subject.failure);
    if (subject.pid === undefined) throw new Error('its process is not known: give --pid');
    await runStreams({ target: subject.target, model, paceMs: 0, events: 60, streams: 320, concurrency: 32 }, load);
    await Bun.sleep(1000);
    const idleBytes = readResidentBytes(subject.pid);
    const watch = watchPeak(subject.pid);
    const { streams, seconds } = shape;
    const events = Math.ceil((seconds * 1000) / slowPaceMs);
    const slow = { target: subject.target, model, paceMs: slowPaceMs, events, streams, concurrency: streams };
    const { peakUnderWay } = await runStreams(slow, load).finally(watch.stop);
    if (peakUnderWay < streams) throw new Error(`only ${peakUnderWay} of ${streams} streams were under way together`);
    return { name, idleBytes, peakBytes: Math.max(idleBytes, watch.peakBytes()) };
  } catch (error) {
    return { name, idleBytes: Number.NaN, peakBytes: Number.NaN, failure: failureText(error) };
  }
}

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

interface Streams {
  target: Target;
  model: string;
  paceMs: number;
  events: number;
  streams: number;
  concurrency: number;
}

function runStreams({ target, model, paceMs, events, streams, concurrency }: Streams, load: LoadClient) {
  const question = { dialect: 'openai' as const, model, stream: { paceMs, events } };
  return load.run({ target, question, reply: streamReply('openai', events), requests: streams, concurrency });
}
