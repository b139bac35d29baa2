import { describe, expect, test } from 'bun:test';
import { usageOf } from '../core/usage.ts';
import { anthropicMessagesOutbound } from '../wire/anthropic-messages/index.ts';
import { openaiChatOutbound } from '../wire/openai-chat/index.ts';
import { createByteMeter, createEventMeter } from './meter.ts';

const utf8 = new TextEncoder();
const data = (value: unknown, event?: string) =>
  utf8.encode(
    `${event ? `event: ${event}\n` : ''}data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`,
  );

const delta = (content: string) => data({ id: 'c', model: 'tiny', choices: [{ index: 0, delta: { content } }] });
const finish = data({ id: 'c', model: 'tiny', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const usage = data({ id: 'c', choices: [], usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } });
const done = data('[DONE]');

function read(frames: Uint8Array[]) {
  const meter = createByteMeter(openaiChatOutbound);
  for (const frame of frames) meter.see(frame);
  return meter.read();
}

const text = (frames: number, size: number) => Array.from({ length: frames }, () => delta('x'.repeat(size)));

describe('bytes that pass', () => {
  test('the figures, the finish and the model are read at the end', () => {
    expect(read([delta('hi'), finish, usage, done])).toEqual({
      usage: usageOf({ input: 11, output: 7 }),
      finish: 'stop',
      model: 'tiny',
      complete: true,
    });
  });

  test('they are read however the last events fall into frames, after streams of every length', () => {
    const ends = [
      [finish, usage, done],
      [Buffer.concat([finish, usage, done])],
      [Buffer.concat([finish, usage]), done],
      [finish, Buffer.concat([usage, done])],
      [finish, usage, done, utf8.encode(': bye\n\n')],
    ];
    for (const end of ends) {
      // Around the 64 KiB of the head, so that the last frames fall before, across and after its edge.
      for (let frames = 50; frames <= 80; frames++) {
        expect(read([...text(frames, 930), ...end])).toMatchObject({
          usage: usageOf({ input: 11, output: 7 }),
          finish: 'stop',
          complete: true,
        });
      }
      for (const frames of [0, 1, 2, 3, 4, 5, 6, 7, 8, 500]) {
        expect(read([...text(frames, 10), ...end])).toMatchObject({
          usage: usageOf({ input: 11, output: 7 }),
          finish: 'stop',
          complete: true,
        });
      }
    }
  });

  test('the input at the head and the output at the tail are put together', () => {
    const meter = createByteMeter(anthropicMessagesOutbound);
    meter.see(
      data(
        {
          type: 'message_start',
          message: { id: 'm', model: 'big', usage: { input_tokens: 25, cache_read_input_tokens: 5, output_tokens: 1 } },
        },
        'message_start',
      ),
    );
    for (let count = 0; count < 3000; count++)
      meter.see(
        data(
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'some words' } },
          'content_block_delta',
        ),
      );
    meter.see(
      data(
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 6000 } },
        'message_delta',
      ),
    );
    meter.see(data({ type: 'message_stop' }, 'message_stop'));
    meter.see(data({ type: 'ping' }, 'ping'));
    expect(meter.read()).toEqual({
      usage: usageOf({ input: 25, cacheRead: 5, output: 6000 }),
      finish: 'end_turn',
      model: 'big',
      complete: true,
    });
  });

  test('a stream that was cut is not complete, and one of Anthropic not by its stop reason alone', () => {
    expect(read([delta('hi')])).toEqual({ usage: undefined, model: 'tiny', complete: false });
    const meter = createByteMeter(anthropicMessagesOutbound);
    meter.see(
      data({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 6 } }, 'message_delta'),
    );
    expect(meter.read().complete).toBe(false);
  });

  test('an error in the stream is read', () => {
    const reading = read([...text(100, 1000), data({ error: { message: 'overloaded', type: 'server_error' } })]);
    expect(reading.error?.message).toContain('overloaded');
    expect(reading.complete).toBe(false);
  });

  test('what was seen without figures is estimated from a sample, in proportion to all that passed', () => {
    for (const frames of [10, 2000]) {
      const meter = createByteMeter(openaiChatOutbound);
      for (const frame of text(frames, 400)) meter.see(frame);
      expect(meter.estimateOutput()).toBeWithin(frames * 100 * 0.99, frames * 100 * 1.01);
    }
    expect(createByteMeter(openaiChatOutbound).estimateOutput()).toBe(0);
  });

  test('broken events do not stop the estimate', () => {
    const meter = createByteMeter(openaiChatOutbound);
    meter.see(delta('x'.repeat(40)));
    meter.see(data('{"choices":[{'));
    expect(meter.estimateOutput()).toBeGreaterThan(9);
    expect(meter.read().complete).toBe(false);
  });

  test('the memory it holds does not grow with the stream', () => {
    const meter = createByteMeter(openaiChatOutbound);
    for (const frame of text(20_000, 1000)) meter.see(frame);
    expect(meter.kept().length).toBeLessThanOrEqual(6);
  });
});

describe('events', () => {
  test('the last usage counts, the finish and the model are kept', () => {
    const meter = createEventMeter();
    meter.see([
      { type: 'start', model: 'tiny' },
      { type: 'usage', usage: usageOf({ input: 3 }) },
    ]);
    expect(meter.read().complete).toBe(false);
    meter.see([
      { type: 'usage', usage: usageOf({ input: 3, output: 9 }) },
      { type: 'finish', choice: 0, reason: 'length', native: 'max_tokens' },
    ]);
    expect(meter.read()).toEqual({
      usage: usageOf({ input: 3, output: 9 }),
      finish: 'max_tokens',
      model: 'tiny',
      complete: true,
    });
  });

  test('text, thinking, refusals and calls are counted for an estimate', () => {
    const meter = createEventMeter();
    meter.see([
      { type: 'text-delta', choice: 0, text: 'abcd' },
      { type: 'reasoning-delta', choice: 0, text: 'abcd' },
      { type: 'refusal-delta', choice: 0, text: 'abcd' },
      { type: 'tool-call-start', choice: 0, index: 0, id: 'x', name: 'abcd' },
      { type: 'tool-call-delta', choice: 0, index: 0, arguments: 'abcd' },
    ]);
    expect(meter.estimateOutput()).toBe(5);
  });
});
