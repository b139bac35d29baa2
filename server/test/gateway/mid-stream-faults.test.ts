import { afterAll, beforeEach, expect, test } from 'bun:test';
import type { Dialect } from '../../src/core/wire-name.ts';
import type { WireEvent } from '../../src/wire/wire.ts';
import type { Delivery } from '../replayer/answer.ts';
import { errorAfter, giantEvent, longer, malformed, withoutUsage } from '../replayer/faults.ts';
import { frameEvents } from '../replayer/frame-events.ts';
import { type Recording, recording } from '../replayer/recording.ts';
import { jsonOfEvent, readSse } from '../sse-reader.ts';
import type { LedgerRow } from '../test-gateway.ts';
import { endsWell, errorInEvent } from './dialect-errors.ts';
import { everyPair, type ReplayedWire, startWorld } from './world.ts';

// What a provider gets wrong after its first byte: never a splice, never a clean end, one terminal error, and what was seen
// is charged.

const idleMs = 400;
const world = await startWorld({ limits: { firstByteMs: 2000, idleMs }, retries: { breakerFailures: 1000 } });
afterAll(() => world.stop());
beforeEach(() => world.reset());

/** Events that come one by one: what arrives together with a fault has reached nobody yet and may still be tried again. */
const apart: Delivery = { eventDelayMs: 3 };

/** What differs between two calls that are otherwise the same. */
const changing =
  /"(id|item_id|responseId|created|created_at|completed_at|createTime|model|modelVersion)":("[^"]*"|\d+)/g;

interface Told {
  events: WireEvent[];
  text: string;
  row: LedgerRow;
  response: Response;
}

async function stream(caller: Dialect, model: string): Promise<Told> {
  const response = await world.gateway.chat(caller, { model, stream: true });
  expect(response.status).toBe(200);
  const reader = readSse(response);
  const events = await reader.rest();
  const rows = await world.gateway.rowsOf(response);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.attempts).toHaveLength(1);
  expect(world.sentFor(model)).toHaveLength(1);
  return { events, text: reader.text, row: rows[0]!, response };
}

function everyProviderReplays(
  change: (recording: Recording) => Recording = (same) => same,
  delivery: Delivery = {},
): void {
  for (const [wire, replayer] of Object.entries(world.upstream))
    replayer.reply(change(recording(`${wire}/text`)), delivery);
}

/** One error in the dialect, at the very end, no good end before it, and a row that says failed and charges something. */
function expectTerminalError(caller: Dialect, { events, text, row }: Told, code: string): void {
  // Responses closes every stream with the literal [DONE], good or bad.
  const said = caller === 'openai-responses' ? events.filter(({ data }) => data !== '[DONE]') : events;
  const isError = (event: WireEvent | undefined) => errorInEvent(caller, event) !== undefined;
  expect({ errors: said.some(isError), last: isError(said.at(-1)), endsWell: endsWell(caller, text) }).toEqual({
    errors: true,
    last: true,
    endsWell: false,
  });
  const charged = row.input > 0 && row.output > 0 && Number(row.costUsd) > 0;
  const { outcome, errorCode, input, output, costUsd } = row;
  expect({ outcome, errorCode, input, output, costUsd, charged }).toMatchObject({
    outcome: 'failed',
    errorCode: code,
    charged: true,
  });
}

/**
 * About five deltas of 20 characters, each of 5 tokens, and the recording's own first words: 25 tokens and a few. When a connection
 * breaks, the last of them may be lost with it: what reached the caller is what the gateway has seen.
 */
function expectEstimate({ text, row: { estimated, output } }: Told): void {
  const deltas = text.split(' abcdefghi ').length - 1;
  const near = output >= 4 * Math.min(deltas, 5) && output <= 60;
  expect({ estimated, output, deltas, seen: deltas > 0, near }).toMatchObject({
    estimated: true,
    seen: true,
    near: true,
  });
}

/** More text before the middle, so that something has been said when it breaks. */
const talkative = (wire: ReplayedWire) => (made: Recording) => longer(made, middle[wire], 10);
/** A place inside the text, where one more delta fits. */
const middle: Record<ReplayedWire, number> = {
  'openai-chat': 2,
  'openai-responses': 6,
  'anthropic-messages': 4,
  gemini: 1,
};
const wireOf = ({ wire }: Recording) => wire as ReplayedWire;
const long = (made: Recording) => talkative(wireOf(made))(made);

test('a provider that falls silent is given up after the idle deadline', async () => {
  for (const wire of Object.keys(middle) as ReplayedWire[]) {
    world.upstream[wire].reply(long(recording(`${wire}/text`)), { holdAfter: middle[wire] + 5 });
  }
  await everyPair(
    async (caller, provider) => {
      const model = world.model(provider);
      const before = performance.now();
      const told = await stream(caller, model);
      expect(performance.now() - before).toBeWithin(idleMs * 0.9, idleMs + 800);
      expectTerminalError(caller, told, 'upstream_timeout');
      expect(world.sentFor(model)[0]?.closedAtMs).toBeDefined();
    },
    { streams: [true] },
  );
});

for (const [name, how] of [
  ['breaks the connection', 'cutAfter'],
  ['ends the body early', 'endAfter'],
] as const) {
  test(`a provider that ${name} in the middle ends in an error, never cleanly`, async () => {
    for (const wire of Object.keys(middle) as ReplayedWire[]) {
      world.upstream[wire].reply(long(recording(`${wire}/text`)), { [how]: middle[wire] + 5, ...apart });
    }
    await everyPair(
      async (caller, provider) => {
        const told = await stream(caller, world.model(provider));
        expectTerminalError(caller, told, 'upstream_invalid_answer');
        // Gemini tells the figures so far with every chunk; the others have told nothing of the output yet.
        if (provider !== 'gemini') expectEstimate(told);
      },
      { streams: [true] },
    );
  });
}

test('a provider that breaks off inside an event ends in an error, and half an event reaches nobody', async () => {
  for (const wire of Object.keys(middle) as ReplayedWire[]) {
    const made = long(recording(`${wire}/text`));
    const head = Buffer.concat(frameEvents(wire, made.events!).slice(0, middle[wire] + 5)).length;
    world.upstream[wire].reply(made, { cutAfterBytes: head + 25, ...apart });
  }
  await everyPair(
    async (caller, provider) => {
      const told = await stream(caller, world.model(provider));
      expectTerminalError(caller, told, 'upstream_invalid_answer');
      for (const event of told.events) if (event.data !== '[DONE]') expect(jsonOfEvent(event)).toBeDefined();
    },
    { streams: [true] },
  );
});

test('a malformed chunk ends in an error, never cleanly', async () => {
  everyProviderReplays((made) => malformed(long(made), middle[wireOf(made)] + 5), apart);
  await everyPair(
    async (caller, provider) => {
      expectTerminalError(caller, await stream(caller, world.model(provider)), 'upstream_invalid_answer');
    },
    { streams: [true] },
  );
});

test('an error event in the middle is the last word, in the words of the dialect', async () => {
  everyProviderReplays((made) => errorAfter(long(made), middle[wireOf(made)] + 5), {
    ...apart,
    framing: { done: false },
  });
  await everyPair(
    async (caller, provider) => {
      expectTerminalError(caller, await stream(caller, world.model(provider)), 'upstream_overloaded');
    },
    { streams: [true] },
  );
});

test('an event of more than 4 MiB is stopped', async () => {
  everyProviderReplays((made) => giantEvent(long(made), middle[wireOf(made)] + 5, 5 * 1024 * 1024), apart);
  await everyPair(
    async (caller, provider) => {
      const told = await stream(caller, world.model(provider));
      expectTerminalError(caller, told, 'upstream_invalid_answer');
      expect(told.text.length).toBeLessThan(1024 * 1024);
    },
    {
      streams: [true],
      of: [
        ['openai-chat', 'openai-chat'],
        ['anthropic-messages', 'anthropic-messages'],
        ['openai-chat', 'anthropic-messages'],
      ],
    },
  );
});

test('a stream without end is stopped at 64 MiB, and the provider let go', async () => {
  world.upstream['openai-chat'].reply(longer(recording('openai-chat/text'), 3, 30, 512 * 1024), { endless: true });
  const told = await stream('openai-chat', world.model('openai-chat'));
  expectTerminalError('openai-chat', told, 'upstream_invalid_answer');
  expect(told.text.length).toBeWithin(32 * 1024 * 1024, 65 * 1024 * 1024);
  expect((await world.upstream['openai-chat'].closed).answered).toBe(false);
}, 20_000);

test('a provider that says nothing of usage is charged by an estimate', async () => {
  everyProviderReplays((made) => withoutUsage(long(made)));
  await everyPair(
    async (caller, provider) => {
      const { row, text } = await stream(caller, world.model(provider));
      expect(endsWell(caller, text)).toBe(true);
      expect({ outcome: row.outcome, estimated: row.estimated, counted: row.input > 0 && row.output > 20 }).toEqual({
        outcome: 'ok',
        estimated: true,
        counted: true,
      });
    },
    { streams: [true] },
  );
});

test('bytes after the end of the answer hurt nobody', async () => {
  everyProviderReplays((same) => same, { bytesAfterEnd: 'data: {"late":true}\n\nHTTP/1.1 400 Bad\r\n\r\n' });
  await everyPair(
    async (caller, provider) => {
      const { row, text } = await stream(caller, world.model(provider));
      expect({ outcome: row.outcome, endsWell: endsWell(caller, text) }).toEqual({ outcome: 'ok', endsWell: true });
      expect(text).not.toContain('late');
    },
    { streams: [true] },
  );
  everyProviderReplays();
  await everyPair(
    async (caller, provider) => {
      expect((await stream(caller, world.model(provider))).row.outcome).toBe('ok');
    },
    { streams: [true] },
  );
});

test('an OpenAI-like server that closes without [DONE] has given a good answer', async () => {
  world.upstream['openai-chat'].reply(recording('openai-chat/text'), { framing: { done: false } });
  for (const caller of ['openai-chat', 'anthropic-messages'] as const) {
    const { row } = await stream(caller, world.model('openai-chat'));
    expect(row).toMatchObject({ outcome: 'ok', input: 128, output: 14, estimated: false });
  }
});

test('however the bytes arrive, the caller reads the same', async () => {
  const deliveries: Delivery[] = [
    {},
    { pieceBytes: 1 },
    { pieceBytes: 7 },
    { framing: { lineEnd: '\r\n', comments: true } },
    { framing: { lineEnd: '\r' } },
    { framing: { lastBlankLine: false } },
  ];
  const told = new Map<string, string[]>();
  for (const delivery of deliveries) {
    world.reset();
    everyProviderReplays((same) => same, delivery);
    await everyPair(
      async (caller, provider) => {
        const { events, row } = await stream(caller, world.model(provider));
        expect(row.outcome).toBe('ok');
        // Ids that we make, times and the model's name differ from call to call.
        const text = events.map(({ data }) => data.replaceAll(changing, '')).join('\n');
        told.set(`${caller} ${provider}`, [...(told.get(`${caller} ${provider}`) ?? []), text]);
      },
      { streams: [true] },
    );
  }
  for (const [pair, texts] of told) expect({ pair, ways: new Set(texts).size }).toEqual({ pair, ways: 1 });
});

test('usage is asked for behind the back of a caller who did not, and kept from him', async () => {
  world.upstream['openai-chat'].reply(recording('openai-chat/text'));
  const model = world.model('openai-chat');
  const { text, row } = await stream('openai-chat', model);
  expect(world.sentFor(model)[0]?.json).toMatchObject({ stream_options: { include_usage: true } });
  expect(text).not.toContain('"choices":[]');
  expect(row).toMatchObject({ input: 128, output: 14, estimated: false });
  const asked = await world.gateway.chat('openai-chat', {
    model: world.model('openai-chat'),
    stream: true,
    body: { stream_options: { include_usage: true } },
  });
  expect(await asked.text()).toContain('"choices":[]');
});

test('on the same wire the bytes that arrive are the bytes that leave', async () => {
  everyProviderReplays();
  for (const wire of Object.keys(middle) as ReplayedWire[]) {
    const body = wire === 'openai-chat' ? { stream_options: { include_usage: true } } : {};
    const streamed = await world.gateway.chat(wire, { model: world.model(wire), stream: true, body });
    const { events, body: whole } = recording(`${wire}/text`);
    expect(await streamed.text()).toBe(Buffer.concat(frameEvents(wire, events!)).toString());
    const answer = await world.gateway.chat(wire, { model: world.model(wire) });
    expect(await answer.text()).toBe(Buffer.from(whole!).toString());
  }
});
