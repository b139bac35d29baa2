import { expect, test } from 'bun:test';
import type { ChatEvent } from '../../core/chat-event.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { WireEvent } from '../wire.ts';
import { bedrockConverseOutbound as wire } from './index.ts';

const parse = (...events: object[]): ChatEvent[] =>
  parseWire(...events.map((event) => ({ data: JSON.stringify(event) })));

function parseWire(...events: WireEvent[]): ChatEvent[] {
  const parser = wire.createStreamParser();
  return [...events.flatMap((event) => parser.parse(event)), ...parser.finish()];
}

const errorOf = (events: ChatEvent[]): SluiceError | undefined => {
  const last = events.at(-1);
  return last?.type === 'error' ? last.error : undefined;
};

const text = { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hi' } } };
const stop = { messageStop: { stopReason: 'end_turn' } };

for (const [type, payload, code] of [
  ['throttlingException', { message: 'slow down' }, 'upstream_rate_limited'],
  ['modelStreamErrorException', { message: 'broke', originalStatusCode: 500 }, 'upstream_overloaded'],
  ['modelStreamErrorException', { message: 'broke' }, 'upstream_overloaded'],
  ['serviceUnavailableException', { message: 'away' }, 'upstream_overloaded'],
  ['internalServerException', { message: 'oops' }, 'upstream_overloaded'],
  ['validationException', { message: 'bad field' }, 'upstream_rejected'],
  ['modelTimeoutException', { message: 'late' }, 'upstream_timeout'],
  ['somethingNewException', { message: 'new' }, 'upstream_overloaded'],
] as const) {
  test(`${type} ${JSON.stringify(payload)} in the stream is ${code}, and nothing follows it`, () => {
    const events = parse(text, { [type]: payload }, text, stop);
    expect(errorOf(events)?.code).toBe(code);
    expect(errorOf(events)?.message).toBe(payload.message);
    expect(events.map((event) => event.type)).toEqual(['start', 'text-delta', 'error']);
    expect(wire.glance({ event: type, data: JSON.stringify(payload) }).error?.code).toBe(code);
  });
}

test('a fault of the framing layer is an error too', () => {
  const events = parseWire({ event: 'error', data: '{"code":"InternalFailure","message":"lost the model"}' });
  expect(errorOf(events)).toMatchObject({ code: 'upstream_overloaded', message: 'lost the model' });
});

test('a stream without messageStop is cut off, whatever came before', () => {
  const events = parse({ messageStart: { role: 'assistant' } }, text, { contentBlockStop: { contentBlockIndex: 0 } });
  expect(errorOf(events)?.code).toBe('upstream_invalid_answer');
  expect(errorOf(parseWire())?.message).toContain('cut off before its end');
});

test('a stream that closes right after messageStop is a success without usage', () => {
  const events = parse(text, stop);
  expect(errorOf(events)).toBeUndefined();
  expect(events.some(({ type }) => type === 'usage')).toBe(false);
});

test('data that is not JSON is an error', () => {
  expect(errorOf(parseWire({ event: 'contentBlockDelta', data: '<html>' }))?.code).toBe('upstream_invalid_answer');
});

test('unknown events, unknown deltas and missing fields are passed over', () => {
  const events = parse(
    { newEvent: { a: 1 } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { hologram: {} } } },
    { contentBlockDelta: {} },
    { contentBlockStart: {} },
    { contentBlockStop: { contentBlockIndex: 9 } },
    { messageStop: {} },
  );
  expect(events.map(({ type }) => type)).toEqual(['start', 'finish']);
});

test('thinking ends before the next block even when its stop is missing', () => {
  const events = parse(
    { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { text: 'hm' } } } },
    { contentBlockDelta: { contentBlockIndex: 1, delta: { text: 'Yes' } } },
    stop,
  );
  expect(events.map(({ type }) => type)).toEqual(['start', 'reasoning-delta', 'reasoning-end', 'text-delta', 'finish']);
});

test('interleaved calls keep their own arguments', () => {
  const start = (index: number, name: string) => ({
    contentBlockStart: { contentBlockIndex: index, start: { toolUse: { toolUseId: `t${index}`, name } } },
  });
  const delta = (index: number, input: string) => ({
    contentBlockDelta: { contentBlockIndex: index, delta: { toolUse: { input } } },
  });
  const events = parse(start(0, 'a'), start(1, 'b'), delta(0, '{"x"'), delta(1, '{"y":2}'), delta(0, ':1}'), stop);
  const written = (index: number) =>
    events.map((event) => (event.type === 'tool-call-delta' && event.index === index ? event.arguments : '')).join('');
  expect(written(0)).toBe('{"x":1}');
  expect(written(1)).toBe('{"y":2}');
});

test('an image in the answer is media, its pieces put together', () => {
  const piece = (bytes: string) => ({
    contentBlockDelta: { contentBlockIndex: 0, delta: { image: { source: { bytes } } } },
  });
  const events = parse(
    { contentBlockStart: { contentBlockIndex: 0, start: { image: { format: 'png' } } } },
    piece(btoa('abc')),
    piece(btoa('d')),
    { contentBlockStop: { contentBlockIndex: 0 } },
    stop,
  );
  expect(events).toContainEqual({ type: 'media', choice: 0, mediaType: 'image/png', data: btoa('abcd') });
});

for (const [native, reason] of [
  ['end_turn', 'stop'],
  ['tool_use', 'tool-calls'],
  ['max_tokens', 'length'],
  ['stop_sequence', 'stop-sequence'],
  ['guardrail_intervened', 'content-filter'],
  ['content_filtered', 'content-filter'],
  ['malformed_model_output', 'other'],
  ['malformed_tool_use', 'malformed-tool-call'],
  ['model_context_window_exceeded', 'context-exceeded'],
  ['something_new', 'other'],
  ['constructor', 'other'],
]) {
  test(`${native} is ${reason}`, () => {
    expect(parse({ messageStop: { stopReason: native } })).toContainEqual({
      type: 'finish',
      choice: 0,
      reason,
      native,
    } as ChatEvent);
  });
}

test('an answer without a message is refused', () => {
  for (const body of [null, {}, [], { output: {} }, 'text']) expect(() => wire.parseAnswer(body)).toThrow(SluiceError);
});
