import type { Batch } from '../load/batch.ts';
import { type Beside, measureBeside, type Pair } from '../measure/beside.ts';
import { measureProcessorUse } from '../measure/processor-use.ts';
import { addedQuantile, median, quantile } from '../measure/statistics.ts';
import type { Row } from '../report/row.ts';
import { concurrency, type Scale } from '../scale.ts';
import type { Subject } from '../subjects/subject.ts';
import { jsonReply, streamReply } from '../traffic.ts';
import type { World } from '../world.ts';
import { useRow } from './processor-rows.ts';

/** Long prompts: so many tokens, two callers, each resting so long between two of them. */
const long = { documentTokens: 100_000, concurrency: 2, restMs: 100 };
/** The small streams beside them: 40 at a time, 60 events, 20 ms apart. */
const small = { concurrency: 40, stream: { paceMs: 20, events: 60 } };

/** Streams of small answers beside prompts of 100,000 tokens: what those add to the gap between two events. */
export async function longPromptRows(world: World, scale: Scale): Promise<Row[]> {
  const pair = (name: string, subject: Subject, model = 'tiny') =>
    pairOf(`events beside long prompts, ${name}`, subject, (target) => ({
      timed: {
        target,
        question: { dialect: 'openai', model, stream: small.stream },
        reply: streamReply('openai', small.stream.events),
        requests: scale.beside.streams,
        concurrency: small.concurrency,
      },
      crowd: {
        target,
        question: { dialect: 'openai', model, documentTokens: long.documentTokens },
        reply: jsonReply,
        concurrency: long.concurrency,
        restMs: long.restMs,
      },
    }));
  const pairs = [
    pair('straight to the mock', world.mock),
    pair('bare pipe', world.barePipe),
    pair('Sluice', world.gateway('openai'), world.gatewayModels.openai),
  ];
  const results = await measureBeside(pairs, scale.beside.rounds, world);
  return results.map((result) => besideRow(result, 'long prompts/s'));
}

/** Wrong keys: what refusing one costs, and what a flood of them adds to the time of real JSON calls. */
export async function floodRows(world: World, scale: Scale): Promise<Row[]> {
  const subject = world.gateway('openai');
  const model = world.gatewayModels.openai;
  const question = { dialect: 'openai' as const, model };
  const kinds = ['mistyped', 'unknown'] as const;
  const uses = await measureProcessorUse(
    kinds.map((wrongKey) => ({
      name: wrongKey,
      subject,
      question,
      reply: '',
      concurrency,
      wrongKey,
      ...scale.refused[wrongKey],
    })),
    scale.rounds,
    world,
  );
  const real = { question, reply: jsonReply, requests: scale.beside.calls, concurrency: 8, restMs: 5 };
  const pairs = kinds.map((wrongKey) =>
    pairOf(`JSON beside a flood of ${wrongKey} keys, Sluice`, subject, (target) => ({
      timed: { ...real, target },
      crowd: { target, question, reply: '', concurrency, restMs: 10, wrongKey },
    })),
  );
  const results = await measureBeside(pairs, scale.beside.rounds, world);
  return [
    ...uses.map((use) => useRow(`a request with a key that is ${use.name}, refused by Sluice`, use, false)),
    ...results.map((result) => besideRow(result, 'refused/s')),
  ];
}

function pairOf(
  name: string,
  subject: Subject,
  ask: (target: Batch['target']) => Omit<Pair, 'name'>,
): Pair | { name: string; failure: string } {
  return 'failure' in subject ? { name, failure: subject.failure } : { name, ...ask(subject.target) };
}

function besideRow({ name, aloneMs, besideMs, crowdPerSecond, failure }: Beside, crowdUnit: string): Row {
  if (failure !== undefined) return { name, failure };
  const p99 = (rounds: number[][]) => median(rounds.map((round) => quantile(round, 0.99))).toFixed(2);
  return {
    name,
    addedP50Ms: addedQuantile(besideMs, aloneMs, 0.5),
    addedP99Ms: addedQuantile(besideMs, aloneMs, 0.99),
    detail: `p99 ${p99(besideMs)} ms, alone ${p99(aloneMs)} ms; ${crowdPerSecond.toFixed(0)} ${crowdUnit}`,
  };
}
