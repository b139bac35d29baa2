import { expect, test } from 'bun:test';
import { principal } from '../../../test/support/principals.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { createLiveMetrics } from '../../realtime/live-metrics.ts';
import { createLiveSockets } from './live-sockets.ts';

/** Seconds go by when they are told to; whoever is asked for is an operator unless `fault` says otherwise. */
function stage() {
  const state: { second: number; fault?: SluiceError; asked: number } = { second: 1_000_000, asked: 0 };
  const metrics = createLiveMetrics({ now: () => state.second * 1000 });
  const sockets = createLiveSockets({
    metrics,
    async identify() {
      state.asked += 1;
      if (state.fault) throw state.fault;
      return principal({ operator: true });
    },
  });
  return {
    state,
    sockets,
    open() {
      const seen = { texts: [] as string[], buffered: 0, code: 0 };
      const handler = sockets.handlerFor({ standIn: new Request('http://gateway/'), shown: null });
      handler.open({
        send: (text) => void seen.texts.push(text),
        bufferedBytes: () => seen.buffered,
        close: (code) => {
          seen.code = code;
        },
      });
      return seen;
    },
    /** The next second ends, and what it takes to send it is done. */
    async tick() {
      state.second += 1;
      metrics.finish(0);
      sockets.send(metrics.show());
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('somebody who reads too slowly misses seconds, and gets those that come when they have caught up', async () => {
  const { open, tick, state } = stage();
  const [slow, quick] = [open(), open()];
  slow.buffered = 100_000;
  for (let each = 0; each < 50; each++) await tick();
  expect([slow.texts.length, quick.texts.length]).toEqual([1, 51]);
  slow.buffered = 0;
  await tick();
  expect(slow.texts).toHaveLength(2);
  expect(JSON.parse(slow.texts[1]!)).toMatchObject({ type: 'second', at: (state.second - 1) * 1000 });
});

test('while nobody can be known nothing is shown and nobody is turned out; whoever is refused is', async () => {
  const { open, tick, state, sockets } = stage();
  const seen = open();
  state.fault = new SluiceError('unavailable', 'The database is away.');
  await tick();
  sockets.recheck();
  await tick();
  expect([seen.texts.length, seen.code]).toEqual([1, 0]);
  state.fault = undefined;
  await tick();
  expect([seen.texts.length, seen.code]).toEqual([2, 0]);
  state.fault = new SluiceError('invalid_key', 'This session has ended.');
  await tick();
  expect([seen.texts.length, seen.code]).toEqual([2, 4401]);
  const { asked } = state;
  await tick();
  // Nobody is asked about any more.
  expect(state.asked).toBe(asked);
});
