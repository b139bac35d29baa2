import { expect, test } from 'bun:test';
import { callContext, chatCall, frameOf } from '../../test/support/calls.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Settlement } from '../ledger/ledger.ts';
import { composePipeline, type Next } from './pipeline.ts';
import { recordCall } from './record-call.ts';

function setUp(innermost: Next) {
  const settled: Settlement[] = [];
  const ledger = { settle: (settlement: Settlement) => settled.push(settlement) as never };
  const context = callContext();
  return { settled, context, run: () => composePipeline([recordCall({ ledger })], innermost)(chatCall(), context) };
}

const two: Next = async function* () {
  yield frameOf('one');
  yield frameOf('two');
};

const codes = (settled: Settlement[]) => settled.map(({ error }) => error?.code);

test('an answer that came to its end leaves one row without an error, after its last frame', async () => {
  const { settled, run, context } = setUp(two);
  const frames = run();
  await frames.next();
  await frames.next();
  expect(settled).toEqual([]);
  expect((await frames.next()).done).toBe(true);
  expect(settled).toHaveLength(1);
  expect(settled[0]).toMatchObject({ context, error: undefined });
});

test('a fault leaves one row with its code, before and after a first frame', async () => {
  for (const framesFirst of [0, 1]) {
    const { settled, run } = setUp(async function* () {
      if (framesFirst > 0) yield frameOf('half');
      throw new SluiceError('upstream_timeout', 'slow');
    });
    const frames = run();
    await expect(
      (async () => {
        for await (const _ of frames);
      })(),
    ).rejects.toThrow('slow');
    expect(codes(settled)).toEqual(['upstream_timeout']);
  }
});

test('what is thrown by mistake is recorded as internal, and its details do not leave', async () => {
  const { settled, run } = setUp(() => {
    throw new TypeError('secret detail');
  });
  await expect(run().next()).rejects.toThrow('The gateway failed');
  expect(codes(settled)).toEqual(['internal']);
});

test('a caller who leaves in the middle leaves one row, aborted', async () => {
  const { settled, run } = setUp(two);
  const frames = run();
  await frames.next();
  await frames.return();
  await frames.return();
  expect(codes(settled)).toEqual(['client_closed']);
});

test('a caller who closes right after the last event, before the end was asked for, did not hang up', async () => {
  const { settled, run, context } = setUp(two);
  const frames = run();
  await frames.next();
  await frames.next();
  context.facts.complete = true;
  await frames.return();
  expect(codes(settled)).toEqual([undefined]);
});

test('an error that passed inside the stream is on the row of an answer that ended', async () => {
  const { settled, run, context } = setUp(two);
  context.facts.error = new SluiceError('upstream_overloaded', 'busy');
  for await (const _ of run());
  expect(codes(settled)).toEqual(['upstream_overloaded']);
});

test('an abort that the provider noticed first is recorded with the reason of the abort', async () => {
  const { settled, run } = setUp(async function* (_call, context) {
    yield frameOf('half');
    context.abort.abort(new SluiceError('client_closed', 'The caller hung up.'));
    throw new SluiceError('client_closed', 'The caller hung up.');
  });
  await expect(
    (async () => {
      for await (const _ of run());
    })(),
  ).rejects.toThrow('hung up');
  expect(codes(settled)).toEqual(['client_closed']);
});

test('policies wrap each other in order, the first outermost', async () => {
  const order: string[] = [];
  const policy = (name: string) =>
    async function* (...[call, context, next]: Parameters<Parameters<typeof composePipeline>[0][number]>) {
      order.push(`${name} in`);
      yield* next(call, context);
      order.push(`${name} out`);
    };
  for await (const _ of composePipeline([policy('a'), policy('b')], two)(chatCall(), callContext()));
  expect(order).toEqual(['a in', 'b in', 'b out', 'a out']);
});
