import type { Batch } from '../load/batch.ts';
import type { LoadClient } from '../load/load-client.ts';
import type { Subject } from '../subjects/subject.ts';
import { failureText } from './failure-text.ts';
import { processorTimeBetween, readProcessorTime, readResidentBytes } from './process-usage.ts';
import { median } from './statistics.ts';

/** One subject under one kind of load; `requests` is for one round. */
export interface Trial extends Omit<Batch, 'target'> {
  name: string;
  subject: Subject;
  warmUpRequests: number;
  /** Whether answers come from the subject itself: then the mock must not be asked at all once it is warm. */
  cached?: boolean;
}

/** Processor time of one trial, or why there is none. */
export interface ProcessorUse {
  name: string;
  /** One figure a round; rounds of several trials with one index stand side by side in time. */
  roundsUs: number[];
  /** The median of the rounds, in microseconds a request. */
  usPerRequest: number;
  /** The share of it that was spent after the last answer had left. */
  afterwards: number;
  /** Mean socket reads that the caller needed for an answer. */
  reads: number;
  /** Answers a second, from the first question to the last answer; the median of the rounds. */
  perSecond: number;
  /** Resident memory after the last round. */
  residentBytes: number;
  failure?: string;
}

interface Deps {
  load: LoadClient;
  /** How many chat calls the mock has had so far. */
  upstreamCalls: () => Promise<number>;
}

/**
 * Microseconds of processor time a request for each trial: warm-up, then rounds in which the trials take turns, forwards
 * and backwards, so that a drift of the machine meets them all. A trial that fails leaves the later rounds and says why.
 */
export async function measureProcessorUse(trials: Trial[], rounds: number, deps: Deps): Promise<ProcessorUse[]> {
  const uses = trials.map((trial) => ({ trial, rounds: [] as Round[], failure: undefined as string | undefined }));
  for (let round = -1; round < rounds; round += 1) {
    for (const use of round % 2 === 0 ? uses : uses.toReversed()) {
      if (use.failure !== undefined) continue;
      try {
        const { pid, batch, calls } = prepare(use.trial);
        if (round < 0) await deps.load.run({ ...batch, requests: use.trial.warmUpRequests });
        else use.rounds.push(await measureRound(pid, { batch, calls }, deps));
      } catch (error) {
        use.failure = failureText(error);
      }
    }
  }
  return uses.map(({ trial, rounds, failure }) => ({
    name: trial.name,
    roundsUs: rounds.map((round) => round.us),
    usPerRequest: median(rounds.map((round) => round.us)),
    afterwards: median(rounds.map((round) => round.afterwards)),
    reads: median(rounds.map((round) => round.reads)),
    perSecond: median(rounds.map((round) => round.perSecond)),
    residentBytes: rounds.at(-1)?.residentBytes ?? Number.NaN,
    failure,
  }));
}

function prepare({ subject, question, reply, requests, concurrency, cached, wrongKey }: Trial) {
  if ('failure' in subject) throw new Error(subject.failure);
  if (subject.pid === undefined) throw new Error('its process is not known: give --pid');
  const batch: Batch = { target: subject.target, question, reply, requests, concurrency, wrongKey };
  return { pid: subject.pid, batch, calls: cached || wrongKey ? 0 : requests };
}

interface Round {
  us: number;
  afterwards: number;
  reads: number;
  perSecond: number;
  residentBytes: number;
}

async function measureRound(
  pid: number,
  { batch, calls: expected }: { batch: Batch; calls: number },
  { load, upstreamCalls }: Deps,
): Promise<Round> {
  await untilQuiet(pid);
  const callsBefore = await upstreamCalls();
  const before = readProcessorTime(pid);
  const { reads, elapsedMs } = await load.run(batch);
  const answered = readProcessorTime(pid);
  // What a subject puts off (journal, database, garbage) is part of the price of its answers.
  await untilQuiet(pid);
  const after = readProcessorTime(pid);
  const calls = (await upstreamCalls()) - callsBefore;
  if (calls !== expected) throw new Error(`the mock was asked ${calls} times for ${batch.requests} answers`);
  const totalUs = processorTimeBetween(before, after);
  return {
    us: totalUs / batch.requests,
    afterwards: processorTimeBetween(answered, after) / totalUs,
    reads,
    perSecond: (batch.requests * 1000) / elapsedMs,
    residentBytes: readResidentBytes(pid),
  };
}

const quietWindowMs = 100;
const quietUs = 1000;
const patienceMs = 5000;

/** Waits until the process uses less than 1% of a processor, for 5 s at most. */
async function untilQuiet(pid: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += quietWindowMs) {
    const before = readProcessorTime(pid);
    await Bun.sleep(quietWindowMs);
    if (processorTimeBetween(before, readProcessorTime(pid)) < quietUs) return;
  }
}
