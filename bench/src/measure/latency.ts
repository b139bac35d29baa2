import type { LoadClient } from '../load/load-client.ts';
import type { Subject } from '../subjects/subject.ts';
import type { Question } from '../traffic.ts';
import { failureText } from './failure-text.ts';
import { addedQuantile, median, quantile } from './statistics.ts';

/** A way to the mock: a subject, what it is asked and the text of the answer. */
export interface Road {
  name: string;
  subject: Subject;
  question: Question;
  reply: string;
}

/** Time to the first body byte in ms, or why there is none. */
export interface Latency {
  name: string;
  p50Ms: number;
  p99Ms: number;
  /** What the road adds to the first one of the list. */
  addedP50Ms: number;
  addedP99Ms: number;
  failure?: string;
}

export interface LatencyShape {
  rounds: number;
  /** In one round, on one road. */
  requests: number;
}

/**
 * Time to the first body byte on each road, one request at a time, the roads taking turns by rounds.
 * The first road is the one that the others are held against; what they add is the median of the rounds' differences.
 */
export async function measureLatency(roads: Road[], shape: LatencyShape, load: LoadClient): Promise<Latency[]> {
  const timings = roads.map((road) => ({ road, rounds: [] as number[][], failure: undefined as string | undefined }));
  for (let round = -1; round < shape.rounds; round += 1) {
    for (const timing of timings) {
      if (timing.failure !== undefined) continue;
      try {
        const firstByteMs = await timeRequests(timing.road, shape.requests, load);
        if (round >= 0) timing.rounds.push(firstByteMs);
      } catch (error) {
        timing.failure = failureText(error);
      }
    }
  }
  const direct = timings[0]?.rounds ?? [];
  return timings.map(({ road, rounds, failure }) => ({
    name: road.name,
    p50Ms: median(rounds.flat()),
    p99Ms: quantile(rounds.flat(), 0.99),
    addedP50Ms: addedQuantile(rounds, direct, 0.5),
    addedP99Ms: addedQuantile(rounds, direct, 0.99),
    failure,
  }));
}

async function timeRequests({ subject, question, reply }: Road, requests: number, load: LoadClient): Promise<number[]> {
  if ('failure' in subject) throw new Error(subject.failure);
  const { firstByteMs } = await load.run({ target: subject.target, question, reply, requests, concurrency: 1 });
  return firstByteMs;
}
