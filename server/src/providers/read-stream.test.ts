import { describe, expect, test } from 'bun:test';
import { seededRandom } from '../../test/conformance/seeded-random.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { usageOf } from '../core/usage.ts';
import { anthropicMessagesOutbound } from '../wire/anthropic-messages/index.ts';
import { openaiChatOutbound } from '../wire/openai-chat/index.ts';
import type { MeterReading } from './meter.ts';
import { readStream, type StreamReading } from './read-stream.ts';

const utf8 = new TextEncoder();
const event = (value: unknown, lineEnd = '\n') =>
  `data: ${typeof value === 'string' ? value : JSON.stringify(value)}${lineEnd}${lineEnd}`;
const chunk = (over: object) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'tiny',
  choices: [],
  ...over,
});

const start = event(chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] }));
const hello = event(chunk({ choices: [{ index: 0, delta: { content: 'Hello blåbær 🫐' } }] }));
const finish = event(chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
const usage = event(chunk({ choices: [], usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } }));
const done = event('[DONE]');
const overloaded = event({ error: { message: 'The server is overloaded', type: 'server_error', code: 'overloaded' } });

interface Told {
  reading?: MeterReading;
  estimate?: number;
  times: number;
  closed: number;
}

/** A reading of these chunks; an Error among them is thrown by the connection. */
function open(chunks: (string | Uint8Array | Error)[], over: Partial<StreamReading> = {}) {
  const told: Told = { times: 0, closed: 0 };
  const left = [...chunks];
  const frames = readStream({
    wire: openaiChatOutbound,
    framing: 'sse',
    sameWire: true,
    dropUsageChunk: false,
    answer: {
      async next() {
        const next = left.shift();
        if (next instanceof Error) throw next;
        return typeof next === 'string' ? utf8.encode(next) : next;
      },
      all: () => Promise.reject(new Error('A stream is read piece by piece.')),
      close: () => told.closed++,
    },
    ended(reading, estimateOutput) {
      told.reading = reading;
      told.estimate = estimateOutput();
      told.times++;
    },
    ...over,
  });
  return { frames, told };
}

async function read(chunks: (string | Uint8Array | Error)[], over: Partial<StreamReading> = {}) {
  const { frames, told } = open(chunks, over);
  const texts: string[] = [];
  let error: SluiceError | undefined;
  try {
    for await (const frame of frames)
      texts.push(over.sameWire === false ? JSON.stringify(frame.events()) : new TextDecoder().decode(frame.bytes));
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    error = thrown;
  }
  // Whatever happens, what was read is told once and the connection is let go.
  expect([told.times, told.closed]).toEqual([1, 1]);
  return { texts, text: texts.join(''), error, reading: told.reading!, estimate: told.estimate! };
}

describe('bytes of the same wire', () => {
  test('pass untouched, with their figures read on the side', async () => {
    const whole = start + hello + finish + usage + done;
    const { text, error, reading } = await read([whole]);
    expect([text, error]).toEqual([whole, undefined]);
    expect(reading).toMatchObject({
      usage: usageOf({ input: 11, output: 7 }),
      finish: 'stop',
      model: 'tiny',
      complete: true,
    });
  });

  test('are the same wherever the stream is cut, for LF, CRLF and CR, and no frame holds half an event', async () => {
    for (const lineEnd of ['\n', '\r\n', '\r']) {
      const whole = (start + hello + finish + usage + done).replaceAll('\n', lineEnd);
      const bytes = utf8.encode(whole);
      for (let at = 0; at <= bytes.length; at += lineEnd === '\n' ? 1 : 3) {
        const { text, texts, error, reading } = await read([bytes.subarray(0, at), bytes.subarray(at)]);
        expect(text).toBe(whole);
        expect(error).toBeUndefined();
        expect(reading.usage).toEqual(usageOf({ input: 11, output: 7 }));
        for (const frame of texts)
          expect(frame === '\n' || frame.endsWith(lineEnd + lineEnd) || frame.endsWith('\r\n\r')).toBe(true);
      }
    }
  });

  test('are the same in single bytes and in pieces of any size', async () => {
    const whole = utf8.encode(start + hello.repeat(50) + finish + usage + done);
    const random = seededRandom(5);
    for (let round = 0; round < 100; round++) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < whole.length; ) {
        const length = round === 0 ? 1 : 1 + Math.floor(random() * 200);
        pieces.push(whole.slice(at, at + length));
        at += length;
      }
      const { text, error } = await read(pieces);
      expect([text, error]).toEqual([new TextDecoder().decode(whole), undefined]);
    }
  });

  test('lose the usage chunk when it was only added for us, and nothing else', async () => {
    for (const chunks of [
      [start, hello, finish, usage, done],
      [start + hello + finish + usage + done],
      [start, hello + finish + usage, done],
      [(start + hello + finish + usage + done).replaceAll('\n', '\r\n')],
    ]) {
      const lineEnd = chunks[0]!.includes('\r') ? '\r\n' : '\n';
      const { text, reading } = await read(chunks, { dropUsageChunk: true });
      expect(text).toBe((start + hello + finish + done).replaceAll('\n', lineEnd));
      expect(reading.usage).toEqual(usageOf({ input: 11, output: 7 }));
    }
  });

  test('keep the usage chunk that the caller asked for', async () => {
    expect((await read([start, finish, usage, done])).text).toBe(start + finish + usage + done);
  });

  test('keep chunks that only look like the usage chunk', async () => {
    const filter = event(chunk({ choices: [], prompt_filter_results: [{ prompt_index: 0 }], usage: null }));
    const quoting = event(chunk({ choices: [{ index: 0, delta: { content: 'say "choices":[] and "usage":{}' } }] }));
    const withChoice = event(
      chunk({
        choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1, completion_tokens: 1 },
      }),
    );
    const whole = filter + start + quoting + withChoice + done;
    expect((await read([whole], { dropUsageChunk: true })).text).toBe(whole);
  });

  test('of a stream that was cut come out, and then an error, never a clean end', async () => {
    for (const chunks of [
      [start, hello],
      [start, hello, finish.slice(0, 30)],
      [start + hello + finish.slice(0, -20)],
    ]) {
      const { text, error, reading, estimate } = await read(chunks);
      expect(text).toBe(start + hello);
      expect(error?.code).toBe('upstream_invalid_answer');
      expect(reading).toMatchObject({ complete: false, usage: undefined });
      expect(estimate).toBeGreaterThan(0);
    }
  });

  test('of a connection that breaks come out, and then its error', async () => {
    const { text, error } = await read([start, hello, new SluiceError('upstream_timeout', 'silent')]);
    expect([text, error?.code]).toEqual([start + hello, 'upstream_timeout']);
  });

  test('whose first event is an error never come out: another target may still answer', async () => {
    for (const chunks of [
      [overloaded],
      [': waiting\n\n', overloaded],
      [overloaded.slice(0, 10), overloaded.slice(10)],
      [overloaded.trimEnd()],
    ]) {
      const { texts, error } = await read(chunks);
      expect(texts).toEqual([]);
      expect(error?.code).toBe('upstream_overloaded');
    }
  });

  test('that end in an error event pass with it, and the error is told', async () => {
    const { text, error, reading } = await read([start, hello, overloaded]);
    expect([text, error]).toEqual([start + hello + overloaded, undefined]);
    expect(reading.error?.code).toBe('upstream_overloaded');
  });

  test('of an empty stream, or one of comments only, are an error', async () => {
    for (const chunks of [[], [': hi\n\n', ': still here\n\n']]) {
      const { texts, error } = await read(chunks);
      expect([texts, error?.code]).toEqual([[], 'upstream_invalid_answer']);
    }
  });

  test('whose last event lacks its blank line are completed', async () => {
    for (const last of [done.trimEnd(), `${done.trimEnd()}\n`]) {
      const { text, error } = await read([start, finish, last]);
      expect([text, error]).toEqual([start + finish + done, undefined]);
    }
  });

  test('that come after the end are passed and harm nothing', async () => {
    const { text, error } = await read([start, finish, usage, done, ': bye\n\n']);
    expect([text, error]).toEqual([`${start + finish + usage + done}: bye\n\n`, undefined]);
  });

  test('stop at an event that is not JSON: what came before it passes, and the rest is an error', async () => {
    const { text, error } = await read([start, `${hello}data: {"choices":[{"ind\n\n${finish}`, done]);
    expect([text, error?.code]).toEqual([start + hello, 'upstream_invalid_answer']);
  });

  test('of a giant event, or of a stream without end, are stopped', async () => {
    const giant = await read([start, ...Array.from({ length: 70 }, () => 'x'.repeat(64 * 1024))]);
    expect(giant.error?.message).toContain('more than 4194304 bytes');
    const piece = event(chunk({ choices: [{ index: 0, delta: { content: 'x'.repeat(1_000_000) } }] }));
    const endless = await read(Array.from({ length: 70 }, () => piece));
    expect(endless.error?.message).toContain('longer than 67108864 bytes');
  });

  test('can be decoded by those who ask, in order, the dropped chunk included', async () => {
    const { frames } = open([start, hello, finish, usage, done], { dropUsageChunk: true });
    const types: string[] = [];
    for await (const frame of frames) for (const { type } of frame.events()) types.push(type);
    expect(types).toContain('text-delta');
    expect(types).toContain('usage');
  });

  test('that nobody wants any more close the connection, and what was seen is told', async () => {
    const { frames, told } = open([start, hello, finish, usage, done]);
    await frames.next();
    await frames.next();
    await frames.return();
    expect(told).toMatchObject({ times: 1, closed: 1, reading: { complete: false } });
    expect(told.estimate).toBeGreaterThan(0);
  });
});

describe('events for another wire', () => {
  const decoded = { sameWire: false };

  test('come frame by frame as they arrive, with the figures read', async () => {
    const { texts, error, reading } = await read([start + hello, finish, usage, done], decoded);
    expect(error).toBeUndefined();
    expect(texts.join()).toContain('Hello blåbær 🫐');
    expect(reading).toMatchObject({ usage: usageOf({ input: 11, output: 7 }), finish: 'stop', complete: true });
  });

  test('are the same wherever the stream is cut', async () => {
    const bytes = utf8.encode(start + hello + finish + usage + done);
    const flat = (texts: string[]) => JSON.stringify(texts.flatMap((text) => JSON.parse(text)));
    const expected = flat((await read([bytes], decoded)).texts);
    for (let at = 0; at <= bytes.length; at++)
      expect(flat((await read([bytes.subarray(0, at), bytes.subarray(at)], decoded)).texts)).toBe(expected);
  });

  test('of a stream that was cut are yielded, and then the error', async () => {
    const { texts, error, reading, estimate } = await read([start, hello], decoded);
    expect(texts.join()).toContain('Hello');
    expect(error?.code).toBe('upstream_invalid_answer');
    expect(reading.complete).toBe(false);
    expect(estimate).toBeGreaterThan(0);
  });

  test('that begin with an error are thrown before any frame', async () => {
    const { texts, error } = await read([overloaded], decoded);
    expect([texts, error?.code]).toEqual([[], 'upstream_overloaded']);
  });

  test('that come before an error in the same piece are yielded first', async () => {
    const { texts, error } = await read([start, hello + overloaded + finish], decoded);
    expect(texts.join()).toContain('Hello');
    expect(texts.join()).not.toContain('"error"');
    expect(error?.code).toBe('upstream_overloaded');
  });

  test('of an empty stream are an error', async () => {
    expect((await read([], decoded)).error?.code).toBe('upstream_invalid_answer');
  });

  test('of a stream without end are stopped', async () => {
    const piece = event(chunk({ choices: [{ index: 0, delta: { content: 'x'.repeat(1_000_000) } }] }));
    expect(
      (
        await read(
          Array.from({ length: 70 }, () => piece),
          decoded,
        )
      ).error?.message,
    ).toContain('longer than');
  });

  test('of Anthropic are cut when the stream ends without its own end, though it had a stop reason', async () => {
    const chunks = [
      event({
        type: 'message_start',
        message: {
          id: 'm',
          type: 'message',
          role: 'assistant',
          model: 'big',
          content: [],
          usage: { input_tokens: 2, output_tokens: 1 },
        },
      }),
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } }),
      event({ type: 'content_block_stop', index: 0 }),
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } }),
    ];
    for (const sameWire of [true, false]) {
      expect((await read(chunks, { wire: anthropicMessagesOutbound, sameWire })).error?.code).toBe(
        'upstream_invalid_answer',
      );
      expect(
        (await read([...chunks, event({ type: 'message_stop' })], { wire: anthropicMessagesOutbound, sameWire })).error,
      ).toBeUndefined();
    }
  });
});
