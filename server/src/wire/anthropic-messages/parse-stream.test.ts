import { expect, test } from 'bun:test';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import { parseSseEvents } from '../sse.ts';
import { parseAnswer } from './parse-answer.ts';
import { createStreamParser } from './parse-stream.ts';
import { answers, foreign, parseEvents, recordedEvents, recordedJson } from './test-support.ts';

for (const name of answers) {
  test(`the stream of the recording ${name} gives the same answer as its JSON`, () => {
    expect(collectAnswer(parseEvents(recordedEvents(name)))).toEqual(collectAnswer(parseAnswer(recordedJson(name))));
  });
}

test('the recordings are all there', () => {
  expect(answers.length).toBe(15);
});

for (const { name, json, events } of foreign) {
  test(`the recorded provider answer ${name} is read, streamed and whole`, () => {
    for (const answer of [collectAnswer(parseAnswer(json)), collectAnswer(parseEvents(events))]) {
      expect(answer.id).toStartWith('msg_');
      expect(answer.choices[0]!.finish?.reason).not.toBe('other');
      expect(answer.usage.output).toBeGreaterThan(0);
    }
  });
}

const parseLines = (...lines: object[]): ChatEvent[] =>
  parseEvents(lines.map((line) => ({ data: JSON.stringify(line) })));

test('usage figures are set, never added, and message_delta may correct the input', () => {
  const events = parseLines(
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        usage: {
          input_tokens: 5,
          cache_creation_input_tokens: 1500,
          cache_read_input_tokens: 7000,
          cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 1200 },
          output_tokens: 1,
        },
      },
    },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { input_tokens: 8, cache_creation_input_tokens: 1500, cache_read_input_tokens: 7000, output_tokens: 9 },
    },
    { type: 'message_stop' },
  );
  expect(collectAnswer(events).usage).toMatchObject({
    input: 8,
    cacheRead: 7000,
    cacheWrite: 300,
    cacheWrite1h: 1200,
    output: 9,
  });
});

test('an imitator that gives the input only in message_delta is counted too', () => {
  const events = parseLines(
    { type: 'message_start', message: { usage: { input_tokens: 0, output_tokens: 0 } } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { input_tokens: 31, output_tokens: 4 } },
    { type: 'message_stop' },
  );
  expect(collectAnswer(events).usage).toMatchObject({ input: 31, output: 4 });
});

test('a mid-stream error becomes an error event with what was counted before it, and nothing after', () => {
  const events = parseEvents(recordedEvents('mid-stream-error'));
  const last = events.at(-1)!;
  expect(last).toMatchObject({ type: 'error', error: { code: 'upstream_overloaded', message: 'Overloaded' } });
  expect(events.some((event) => event.type === 'finish')).toBe(false);
  expect(events.some((event) => event.type === 'usage' && event.usage.input > 0)).toBe(true);
});

test('a stream that is cut before message_stop ends in an error, wherever it is cut', () => {
  const events = recordedEvents('thinking-tool-call');
  for (let length = 0; length < events.length; length++) {
    const last = parseEvents(events.slice(0, length)).at(-1)!;
    expect(last).toMatchObject({ type: 'error', error: { code: 'upstream_invalid_answer' } });
  }
});

test('an event that is not JSON is an error, unknown events and blocks are not', () => {
  const parser = createStreamParser();
  expect(parser.parse({ data: '{"type":"message_future","x":1}' })).toEqual([]);
  expect(parser.parse({ event: 'ping', data: '{"type":"ping"}' })).toEqual([{ type: 'ping' }]);
  expect(parser.parse({ data: '{"type":"content_block_delta","index":7,"delta":{"type":"text_delta"}}' })).toEqual([]);
  expect(parser.parse({ data: '{"type":"mess' })[0]).toMatchObject({ type: 'error' });
  expect(parser.finish()).toEqual([]);
});

test('bytes framed with CRLF, comments and no last line break parse to the same answer', () => {
  const events = recordedEvents('tool-call');
  const framed = events.map(({ event, data }) => `event: ${event}\r\n: noise\r\ndata: ${data}\r\n`).join('\r\n');
  expect(collectAnswer(parseEvents(parseSseEvents(framed.trimEnd())))).toEqual(
    collectAnswer(parseAnswer(recordedJson('tool-call'))),
  );
});

test('arguments that an imitator gives whole in content_block_start still come as one delta', () => {
  const events = parseLines(
    { type: 'message_start', message: { id: 'msg_1' } },
    {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'toolu_1', name: 'go', input: { to: 'Brest' } },
    },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 3 } },
    { type: 'message_stop' },
  );
  expect(events.filter((event) => event.type === 'tool-call-delta')).toEqual([
    { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"to":"Brest"}' },
  ]);
});

test('calls that stand whole in message_start are read', () => {
  const call = { type: 'tool_use', id: 'toolu_d', name: 'roll', input: {} };
  const events = parseLines(
    { type: 'message_start', message: { id: 'msg_1', content: [call] } },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 3 } },
    { type: 'message_stop' },
  );
  expect(collectAnswer(events).choices[0]!.parts).toEqual([
    { type: 'tool-call', id: 'toolu_d', name: 'roll', arguments: '{}' },
  ]);
});

test('a block of a kind we do not know is gathered whole, its deltas included', () => {
  const events = parseLines(
    { type: 'content_block_start', index: 0, content_block: { type: 'compaction', content: null } },
    { type: 'content_block_delta', index: 0, delta: { type: 'compaction_delta', content: 'So ' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'compaction_delta', content: 'far.' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_stop' },
  );
  expect(events[0]).toMatchObject({ type: 'opaque', what: 'compaction', value: { content: 'So far.' } });
});

test('a citation that came ahead of its text is told behind it, with offsets in UTF-16 units', () => {
  const answer = collectAnswer(parseEvents(recordedEvents('citations')));
  const [text] = answer.choices[0]!.parts;
  if (text?.type !== 'text') throw new Error('no text');
  const [log, web] = text.citations!;
  expect(text.text.slice(log!.start, log!.end)).toBe('high water at Brest was at 06:12 🌊');
  expect(text.text.slice(web!.start, web!.end)).toBe('A second source agrees');
  expect(web).toMatchObject({ url: 'https://tides.example/brest', title: 'Brest tides', quote: '06:12 high water' });
});
