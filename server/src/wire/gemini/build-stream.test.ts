import { expect, test } from 'bun:test';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { usageOf } from '../../core/usage.ts';
import { createJsonArrayBuilder, geminiInbound, geminiJsonArrayFraming, geminiOutbound } from './index.ts';
import { answerContext, sseData } from './testing.ts';

interface Chunk {
  candidates: {
    content: { parts: JsonObject[] };
    finishReason?: string;
    index: number;
    groundingMetadata?: JsonObject;
  }[];
  usageMetadata?: JsonObject;
  modelVersion: string;
  responseId: string;
}

function write(events: ChatEvent[], context = answerContext()): Chunk[] {
  const builder = geminiInbound.createStreamBuilder(context);
  const bytes = events.map((event) => builder.build(event)).join('') + builder.finish();
  return sseData(bytes).map((data) => JSON.parse(data));
}

const text = (words: string): ChatEvent => ({ type: 'text-delta', choice: 0, text: words });
const start = (index: number, name: string): ChatEvent => ({
  type: 'tool-call-start',
  choice: 0,
  index,
  id: `call_${index}`,
  name,
});
const args = (index: number, piece: string): ChatEvent => ({
  type: 'tool-call-delta',
  choice: 0,
  index,
  arguments: piece,
});
const end = (index: number): ChatEvent => ({ type: 'tool-call-end', choice: 0, index });
const finish: ChatEvent = { type: 'finish', choice: 0, reason: 'stop' };

test('each event is a whole data line, without names and without an end marker', () => {
  const builder = geminiInbound.createStreamBuilder(answerContext());
  const bytes = builder.build({ type: 'start', id: 'r1', model: 'm1' }) + builder.build(text('Hi\n"you"'));
  expect(bytes).toBe(
    'data: {"candidates":[{"content":{"parts":[{"text":"Hi\\n\\"you\\""}],"role":"model"},"index":0}],"modelVersion":"m1","responseId":"r1"}\n\n',
  );
  expect(builder.build({ type: 'ping' })).toBe('');
  const last = builder.build(finish) + builder.finish();
  expect(last).not.toContain('[DONE]');
  expect(sseData(last).length).toBe(1);
});

test('running usage rides on every chunk and the last one holds the final figures with the finish', () => {
  const chunks = write([
    { type: 'usage', usage: usageOf({ input: 5 }) },
    text('a'),
    finish,
    // OpenAI sends its figures after the finish.
    { type: 'usage', usage: usageOf({ input: 5, cacheRead: 3, output: 9, reasoning: 4 }) },
  ]);
  expect(chunks.map(({ usageMetadata }) => usageMetadata)).toEqual([
    { promptTokenCount: 5, candidatesTokenCount: 0, totalTokenCount: 5 },
    {
      promptTokenCount: 8,
      candidatesTokenCount: 5,
      totalTokenCount: 17,
      cachedContentTokenCount: 3,
      thoughtsTokenCount: 4,
    },
  ]);
  expect(chunks.at(-1)?.candidates[0]).toEqual({
    content: { parts: [{ text: '' }], role: 'model' },
    finishReason: 'STOP',
    index: 0,
  } as never);
  expect(chunks.map(({ modelVersion, responseId }) => [modelVersion, responseId])).toEqual([
    ['group/fast', 'made1'],
    ['group/fast', 'made1'],
  ]);
});

test('calls whose pieces interleave go out whole and in order', () => {
  const chunks = write([
    start(0, 'a'),
    start(1, 'b'),
    args(1, '{"y":'),
    args(0, '{"x":1'),
    args(1, '2}'),
    end(1),
    args(0, '}'),
    end(0),
    finish,
  ]);
  expect(chunks.flatMap(({ candidates }) => candidates[0]!.content.parts)).toEqual([
    { functionCall: { id: 'call_0', name: 'a', args: { x: 1 } } },
    { functionCall: { id: 'call_1', name: 'b', args: { y: 2 } } },
    { text: '' },
  ]);
});

test('a call without arguments or without its end still goes out', () => {
  const context = answerContext();
  const chunks = write([start(0, 'a'), start(1, 'b'), args(1, 'not json'), finish], context);
  expect(chunks.slice(0, 2).map(({ candidates }) => candidates[0]!.content.parts[0]?.functionCall)).toEqual([
    { id: 'call_0', name: 'a', args: {} },
    { id: 'call_1', name: 'b', args: { invalid_json: 'not json' } },
  ]);
  expect(context.losses.map(({ field }) => field)).toEqual(['tool_calls[].function.arguments']);
});

test('thinking of another provider passes through this dialect whole', () => {
  const signature = { origin: 'anthropic' as const, on: 'thought' as const, value: 'Eq+/==' };
  const events: ChatEvent[] = [
    { type: 'reasoning-delta', choice: 0, text: 'Hm, ' },
    { type: 'reasoning-delta', choice: 0, text: 'well.' },
    { type: 'reasoning-end', choice: 0, signature },
    { type: 'reasoning-end', choice: 0, redacted: 'secret' },
    text('Yes.'),
    finish,
  ];
  const contents = [
    { role: 'user', parts: [{ text: '?' }] },
    // As the official SDK keeps the chunks of a streamed turn.
    ...write(events).map(({ candidates }) => candidates[0]!.content),
  ];
  expect(geminiInbound.parseRequest({ contents }).messages[1]?.parts).toEqual([
    { type: 'reasoning', text: 'Hm, well.', signature },
    { type: 'reasoning', text: '', redacted: 'secret' },
    { type: 'text', text: 'Yes.' },
  ]);
});

test('citations of another provider become grounding in bytes, and come back in characters', () => {
  const words = ['Pläne 🗺️. ', 'Second.'];
  const events: ChatEvent[] = [
    text(words[0]!),
    { type: 'citation', choice: 0, citation: { url: 'https://a.org', title: 'A', start: 0, end: 10 } },
    text(words[1]!),
    { type: 'citation', choice: 0, citation: { url: 'https://a.org', title: 'A', start: 11, end: 18 } },
    { type: 'citation', choice: 0, citation: { title: 'paper.pdf', quote: 'As shown' } },
    finish,
  ];
  const chunks = write(events);
  const grounding = chunks.at(-1)?.candidates[0]?.groundingMetadata as {
    groundingChunks: unknown[];
    groundingSupports: { segment: { startIndex: number; endIndex: number; text: string } }[];
  };
  expect(grounding.groundingChunks).toEqual([
    { web: { uri: 'https://a.org', title: 'A' } },
    { retrievedContext: { title: 'paper.pdf', text: 'As shown' } },
  ]);
  const bytes = Buffer.from(words.join(''));
  for (const { segment } of grounding.groundingSupports)
    expect(bytes.subarray(segment.startIndex, segment.endIndex).toString()).toBe(segment.text);
  const parser = geminiOutbound.createStreamParser();
  const back = collectAnswer(chunks.flatMap((chunk) => parser.parse({ data: JSON.stringify(chunk) })));
  const part = back.choices[0]?.parts[0];
  expect(part?.type === 'text' && part.citations?.map(({ start, end }) => [start, end])).toEqual([
    [0, 10],
    [11, 18],
    [undefined, undefined],
  ]);
});

test('several candidates finish together in the last chunk', () => {
  const last = write([
    { type: 'text-delta', choice: 1, text: 'b' },
    text('a'),
    { type: 'finish', choice: 1, reason: 'length' },
    finish,
  ]).at(-1);
  expect(last?.candidates.map(({ index, finishReason }) => [index, finishReason])).toEqual([
    [0, 'STOP'],
    [1, 'MAX_TOKENS'],
  ]);
});

test('what only another wire has is reported', () => {
  const context = answerContext();
  write(
    [
      { type: 'opaque', choice: 0, wire: 'anthropic-messages', what: 'server_tool_use', value: {} },
      { type: 'finish', choice: 0, reason: 'stop-sequence', stopSequence: 'END' },
    ],
    context,
  );
  expect(context.losses.map(({ field }) => field)).toEqual(['server_tool_use', 'stop_sequence']);
});

test('an error ends the stream, in either framing', () => {
  const error = new SluiceError('upstream_overloaded', 'Too busy.');
  for (const create of [geminiInbound.createStreamBuilder, createJsonArrayBuilder]) {
    const builder = create(answerContext());
    const bytes = builder.build(text('a')) + builder.build({ type: 'error', error });
    expect(builder.build(text('b')) + builder.finish()).toBe('');
    const chunks = bytes.startsWith('[') ? JSON.parse(bytes) : sseData(bytes).map((data) => JSON.parse(data));
    expect(chunks.length).toBe(2);
    expect(chunks[1].error).toMatchObject({ code: 503, message: 'Too busy.', status: 'UNAVAILABLE' });
  }
});

test('without alt=sse the stream is one JSON array, with white space to keep it alive', () => {
  const builder = createJsonArrayBuilder(answerContext());
  const pieces = [text('a'), text('b'), finish].map((event) => builder.build(event));
  const bytes = [...pieces, builder.finish()].join(geminiJsonArrayFraming.keepAlive);
  const chunks: Chunk[] = JSON.parse(bytes);
  expect(chunks.map(({ candidates }) => candidates[0]!.content.parts[0]?.text)).toEqual(['a', 'b', '']);
  expect(collectAnswer(geminiOutbound.parseAnswer(chunks)).choices[0]?.parts).toEqual([{ type: 'text', text: 'ab' }]);
  const failed = geminiJsonArrayFraming.buildStreamError(new SluiceError('internal', 'x'), 'req_1');
  expect(JSON.parse(failed)[0].error.code).toBe(500);
});
