import type { Batch } from '../load/batch.ts';
import type { LoadClient } from '../load/load-client.ts';
import { failureText } from './failure-text.ts';

/** The calls that are timed, and what else the subject is asked at the same time. */
export interface Pair {
  name: string;
  timed: Batch;
  crowd: Omit<Batch, 'requests'>;
}

/** One list of figures a round, with nobody else there and beside the crowd, or why there is none. */
export interface Beside {
  name: string;
  aloneMs: number[][];
  besideMs: number[][];
  /** Mean answers a second that the crowd had in the meantime. */
  crowdPerSecond: number;
  failure?: string;
}

interface Deps {
  load: LoadClient;
  /** A second load generator, so that the crowd's work does not delay the clock of the timed calls within one process. */
  crowd: LoadClient;
}

/**
 * Times each pair's calls alone and then beside its crowd, the pairs taking turns by rounds; the first round only warms up.
 * What is timed is the gap between the events of streams, and the whole of a JSON call.
 */
export async function measureBeside(pairs: (Pair | Absent)[], rounds: number, deps: Deps): Promise<Beside[]> {
  const results: Beside[] = pairs.map(({ name }) => ({ name, aloneMs: [], besideMs: [], crowdPerSecond: 0 }));
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, pair] of pairs.entries()) {
      const result = results[index]!;
      if (result.failure !== undefined) continue;
      try {
        if ('failure' in pair) throw new Error(pair.failure);
        const alone = await time(pair.timed, deps.load);
        const { timed, crowdPerSecond } = await timeInCrowd(pair, deps);
        if (round < 0) continue;
        result.aloneMs.push(alone);
        result.besideMs.push(timed);
        result.crowdPerSecond += crowdPerSecond / rounds;
      } catch (error) {
        result.failure = failureText(error);
      }
    }
  }
  return results;
}

/** A pair whose subject is not there. */
export interface Absent {
  name: string;
  failure: string;
}

async function timeInCrowd({ timed, crowd }: Pair, deps: Deps) {
  const crowding = deps.crowd.run({ ...crowd, requests: endless });
  crowding.catch(() => {}); // It is awaited below, also when the timed calls have failed.
  try {
    await Bun.sleep(gatherMs);
    return { timed: await time(timed, deps.load), crowdPerSecond: await stopped() };
  } finally {
    deps.crowd.stop();
    await crowding.catch(() => {});
  }
  async function stopped() {
    deps.crowd.stop();
    const { requests, elapsedMs } = await crowding;
    return (requests * 1000) / elapsedMs;
  }
}

const endless = 1e9;
/** How long the crowd has to be under way before the clock starts. */
const gatherMs = 200;

async function time(batch: Batch, load: LoadClient): Promise<number[]> {
  const { gapMs, firstByteMs } = await load.run(batch);
  return batch.question.stream ? gapMs : firstByteMs;
}
