import { expect, test } from 'bun:test';
import type { Batch } from '../load/batch.ts';
import type { LoadClient } from '../load/load-client.ts';
import { measureProcessorUse, type Trial } from './processor-use.ts';

/** A load generator that asks nobody; the mock behind it counts what `asks` says for a batch. */
function fakeWorld(asks: (batch: Batch) => number) {
  let calls = 0;
  const asked: string[] = [];
  const load = {
    async run(batch: Batch) {
      asked.push(batch.question.model);
      calls += asks(batch);
      const { requests } = batch;
      return { requests, elapsedMs: 1, bytes: 1, reads: 2, firstByteMs: [], peakUnderWay: 1 };
    },
  } as unknown as LoadClient;
  return { load, asked, upstreamCalls: async () => calls };
}

function trial(name: string, pid: number | undefined): Trial {
  return {
    name,
    subject: { target: { base: 'http://127.0.0.1:1', headers: {} }, pid },
    question: { dialect: 'openai', model: name },
    reply: '',
    requests: 10,
    concurrency: 1,
    warmUpRequests: 5,
  };
}

async function withIdleProcess<Result>(use: (pid: number) => Promise<Result>): Promise<Result> {
  const idle = Bun.spawn(['sleep', '60']);
  try {
    return await use(idle.pid);
  } finally {
    idle.kill();
  }
}

const onLinux = test.skipIf(process.platform !== 'linux');

onLinux('trials warm up and then take turns, every other round backwards', async () => {
  const world = fakeWorld((batch) => batch.requests);
  const uses = await withIdleProcess((pid) => measureProcessorUse([trial('a', pid), trial('b', pid)], 2, world));
  expect(world.asked).toEqual(['b', 'a', 'a', 'b', 'b', 'a']);
  expect(uses.map((use) => [use.name, use.roundsUs.length, use.failure])).toEqual([
    ['a', 2, undefined],
    ['b', 2, undefined],
  ]);
});

onLinux('a subject that answers without asking the upstream, or asks it twice, is not measured', async () => {
  const world = fakeWorld((batch) => (batch.question.model === 'cached' ? 3 : batch.requests));
  const uses = await withIdleProcess((pid) => measureProcessorUse([trial('cached', pid), trial('b', pid)], 1, world));
  expect(uses.map((use) => use.failure)).toEqual(['the mock was asked 3 times for 10 answers', undefined]);
});

test('a subject that did not start or whose process is unknown says so and holds nobody up', async () => {
  const world = fakeWorld((batch) => batch.requests);
  const absent = { ...trial('absent', 1), subject: { failure: 'not installed' } };
  const uses = await measureProcessorUse([absent, trial('unknown', undefined)], 1, world);
  expect(uses.map((use) => use.failure)).toEqual(['not installed', 'its process is not known: give --pid']);
  expect(world.asked).toEqual([]);
});
