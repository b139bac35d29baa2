import type { LoadClient } from '../load/load-client.ts';
import type { Subject } from '../subjects/subject.ts';
import { streamReply } from '../traffic.ts';
import { failureText } from './failure-text.ts';
import { median, quantile } from './statistics.ts';

/** A way to the mock: a subject, and the name that the model has there. */
export interface Road {
  name: string;
  subject: Subject;
  model: string;
}

/** Time to the first byte of a stream in ms, or why there is none. */
export interface FirstToken {
  name: string;
  p50Ms: number;
  p99Ms: number;
  /** What the road adds to the first one of the list, at the median. */
  addedP50Ms: number;
  failure?: string;
}

interface Shape {
  rounds: number;
  /** In one round, on one road. */
  streams: number;
}

/**
 * Time to the first body byte on each road, one stream at a time, the roads taking turns by rounds.
 * The first road is the one that the others are held against; what they add is the median of the rounds' differences.
 */
export async function measureFirstToken(roads: Road[], shape: Shape, load: LoadClient): Promise<FirstToken[]> {
  const timings = roads.map((road) => ({ road, rounds: [] as number[][], failure: undefined as string | undefined }));
  for (let round = -1; round < shape.rounds; round += 1) {
    for (const timing of timings) {
      if (timing.failure !== undefined) continue;
      try {
        const firstByteMs = await timeStreams(timing.road, shape.streams, load);
        if (round >= 0) timing.rounds.push(firstByteMs);
      } catch (error) {
        timing.failure = failureText(error);
      }
    }
  }
  const direct = timings[0]?.rounds.map(median) ?? [];
  return timings.map(({ road, rounds, failure }) => ({
    name: road.name,
    p50Ms: quantile(rounds.flat(), 0.5),
    p99Ms: quantile(rounds.flat(), 0.99),
    addedP50Ms: median(rounds.map((round, index) => median(round) - (direct[index] ?? Number.NaN))),
    failure,
  }));
}

async function timeStreams({ subject, model }: Road, requests: number, load: LoadClient): Promise<number[]> {
  if ('failure' in subject) throw new Error(subject.failure);
  const stream = { paceMs: 0, events: 60 };
  const { firstByteMs } = await load.run({
    target: subject.target,
    question: { dialect: 'openai', model, stream },
    reply: streamReply('openai', stream.events),
    requests,
    concurrency: 1,
  });
  return firstByteMs;
}
