import { afterAll, beforeEach, expect, test } from 'bun:test';
import type { Dialect } from '../../src/core/wire-name.ts';
import { inbound } from '../conformance/codec.ts';
import { recording } from '../replayer/recording.ts';
import { readSse } from '../sse-reader.ts';
import { endsWell, errorInEvent } from './dialect-errors.ts';
import { everyPair, startWorld } from './world.ts';

// Slow providers: headers leave early, comments keep the connection alive, and a fault is then an event.

const keepAliveMs = 100;
const firstByteMs = 1200;
const idleMs = 700;
const world = await startWorld({
  limits: { keepAliveMs, firstByteMs, idleMs },
  retries: { attempts: 1, breakerFailures: 1000 },
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

const keepAlivesIn = (caller: Dialect, text: string): number => text.split(inbound[caller].keepAlive.trim()).length - 1;

test('while a provider starts up the caller gets signs of life, and then the whole answer', async () => {
  for (const [wire, replayer] of Object.entries(world.upstream))
    replayer.reply(recording(`${wire}/text`), { delayHeadersMs: 5 * keepAliveMs });
  await everyPair(
    async (caller, provider) => {
      const response = await world.gateway.chat(caller, { model: world.model(provider), stream: true });
      expect(response.status).toBe(200);
      const reader = readSse(response);
      await reader.rest();
      expect(keepAlivesIn(caller, reader.text)).toBeWithin(2, 7);
      expect(endsWell(caller, reader.text)).toBe(true);
      expect(await world.gateway.rowsOf(response)).toMatchObject([{ outcome: 'ok', estimated: false }]);
    },
    { streams: [true] },
  );
});

test('while a provider thinks in the middle the caller gets signs of life', async () => {
  for (const [wire, replayer] of Object.entries(world.upstream)) {
    // The first event, a pause of four intervals, then the rest.
    replayer.reply(recording(`${wire}/text`), { holdAfter: 2 });
  }
  await everyPair(
    async (caller, provider) => {
      const response = await world.gateway.chat(caller, { model: world.model(provider), stream: true });
      const reader = readSse(response);
      while (keepAlivesIn(caller, reader.text) < 3 && (await reader.next())) {
        // Comments are no events: reading goes on until something comes, and the idle deadline ends the wait.
      }
      await reader.rest();
      expect(keepAlivesIn(caller, reader.text)).toBeWithin(3, 9);
    },
    { streams: [true] },
  );
});

test('a provider that never starts ends the open stream with one error event', async () => {
  for (const replayer of Object.values(world.upstream)) replayer.reply({ status: 200 }, { holdHeaders: true });
  await everyPair(
    async (caller, provider) => {
      const response = await world.gateway.chat(caller, { model: world.model(provider), stream: true });
      expect(response.status).toBe(200);
      const reader = readSse(response);
      const events = (await reader.rest()).filter(({ data }) => data !== '[DONE]');
      expect(errorInEvent(caller, events.at(-1))).toBeDefined();
      expect(endsWell(caller, reader.text)).toBe(false);
      expect(await world.gateway.rowsOf(response)).toMatchObject([
        { outcome: 'failed', errorCode: 'upstream_timeout', output: 0 },
      ]);
    },
    { streams: [true] },
  );
});

test('a whole answer that is slow gets no comments', async () => {
  for (const [wire, replayer] of Object.entries(world.upstream))
    replayer.reply(recording(`${wire}/text`), { delayHeadersMs: 3 * keepAliveMs });
  await everyPair(
    async (caller, provider) => {
      const response = await world.gateway.chat(caller, { model: world.model(provider) });
      expect(response.status).toBe(200);
      expect(await response.json()).toBeObject();
    },
    { streams: [false] },
  );
});
