import { describe, expect, test } from 'bun:test';
import { collectAnswer } from '../../src/core/chat-answer.ts';
import type { ChatEvent } from '../../src/core/chat-event.ts';
import type { Frame, Frames } from '../../src/core/frame.ts';
import type { Dialect } from '../../src/core/wire-name.ts';
import { createAnswerEditor } from '../../src/guard/answer-editor.ts';
import { guardFrames } from '../../src/guard/guard-frames.ts';
import { createMaskBook } from '../../src/guard/masks.ts';
import { rule } from '../../src/guard/testing.ts';
import type { TextEditor } from '../../src/guard/text-editor.ts';
import { readAnswerFrame } from '../../src/wire/answer-texts/read-frame.ts';
import { anthropicMessagesInbound, anthropicMessagesOutbound } from '../../src/wire/anthropic-messages/index.ts';
import { geminiInbound, geminiOutbound } from '../../src/wire/gemini/index.ts';
import { openaiChatInbound, openaiChatOutbound } from '../../src/wire/openai-chat/index.ts';
import { openaiResponsesInbound, openaiResponsesOutbound } from '../../src/wire/openai-responses/index.ts';
import { parseSseEvents } from '../../src/wire/sse.ts';
import type { InboundWire, OutboundWire } from '../../src/wire/wire.ts';
import { chatCall } from '../support/calls.ts';

const wires: [Dialect, InboundWire, OutboundWire][] = [
  ['openai-chat', openaiChatInbound, openaiChatOutbound],
  ['anthropic-messages', anthropicMessagesInbound, anthropicMessagesOutbound],
  ['gemini', geminiInbound, geminiOutbound],
  ['openai-responses', openaiResponsesInbound, openaiResponsesOutbound],
];

const encoder = new TextEncoder();
const utf8 = new TextDecoder();

/** An answer of thinking, words and a call, each in the pieces that are given. */
function answerOf({
  thinking = [],
  words = [],
  call = [],
}: {
  thinking?: string[];
  words?: string[];
  call?: string[];
}): ChatEvent[] {
  const events: ChatEvent[] = [{ type: 'start', id: 'answer-1', model: 'm', createdSeconds: 1 }];
  for (const text of thinking) events.push({ type: 'reasoning-delta', choice: 0, text });
  if (thinking.length > 0) events.push({ type: 'reasoning-end', choice: 0 });
  for (const text of words) events.push({ type: 'text-delta', choice: 0, text });
  if (call.length > 0) {
    events.push({ type: 'tool-call-start', choice: 0, index: 0, id: 'call_1', name: 'send' });
    for (const json of call) events.push({ type: 'tool-call-delta', choice: 0, index: 0, arguments: json });
    events.push({ type: 'tool-call-end', choice: 0, index: 0 });
  }
  events.push({ type: 'finish', choice: 0, reason: call.length > 0 ? 'tool-calls' : 'stop' });
  return events;
}

function contextOf(wire: InboundWire) {
  const { request } = chatCall({ stream: true });
  let ids = 0;
  return {
    requestId: 'req_1',
    request,
    model: 'm',
    nowSeconds: 1,
    newId: (prefix: string) => `${prefix}${wire.name}${++ids}`,
    losses: [],
  };
}

/** The answer as frames in a provider's own bytes, one for each event. */
function nativeFrames(events: ChatEvent[], inbound: InboundWire, outbound: OutboundWire): Frame[] {
  const builder = inbound.createStreamBuilder(contextOf(inbound));
  const parser = outbound.createStreamParser();
  const told = [...events.map((event) => builder.build(event)), builder.finish()].filter((text) => text !== '');
  return told.map((text) => {
    let decoded: ChatEvent[] | undefined;
    return {
      wire: outbound.name,
      bytes: encoder.encode(text),
      events: () => (decoded ??= parseSseEvents(text).flatMap((event) => parser.parse(event))),
    };
  });
}

const eventFrames = (events: ChatEvent[]): Frame[] =>
  events.map((event) => ({ wire: 'bedrock-converse', bytes: new Uint8Array(0), events: () => [event] }));

async function* streamOf(frames: Frame[]): Frames {
  yield* frames;
}

async function guarded(frames: Frame[], dialect: Dialect, editor: TextEditor): Promise<Frame[]> {
  const out: Frame[] = [];
  for await (const frame of guardFrames(streamOf(frames), (frame) => readAnswerFrame(frame, dialect, true), editor))
    out.push(frame);
  return out;
}

/** What a reader of the bytes gets. */
function readBytes(frames: Frame[], outbound: OutboundWire) {
  const parser = outbound.createStreamParser();
  const text = frames.map(({ bytes }) => utf8.decode(bytes)).join('');
  return summary([...parseSseEvents(text).flatMap((event) => parser.parse(event)), ...parser.finish()]);
}

function summary(events: ChatEvent[]) {
  const parts = collectAnswer(events).choices[0]?.parts ?? [];
  const join = (type: string) => parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('');
  return {
    thinking: join('reasoning'),
    words: join('text'),
    call: parts.map((part) => (part.type === 'tool-call' ? part.arguments : '')).join(''),
  };
}

const cut = (text: string, at: number): string[] => [text.slice(0, at), text.slice(at)].filter((piece) => piece !== '');
const redacting = () => createAnswerEditor([rule({ check: { kind: 'pii' } })], () => {});

function masking(): TextEditor {
  const book = createMaskBook(() => '');
  book.maskOf('EMAIL', 'anna@example.com');
  book.maskOf('EMAIL', 'o"neil\\@example.com');
  return book.restore;
}

describe.each(wires)('%s', (dialect, inbound, outbound) => {
  const words = 'Pay 4111 1111 1111 1111, or write to anna@example.com.';
  const json = '{"to":"anna@example.com","card":"4111 1111 1111 1111"}';
  const clean = {
    thinking: 'For [EMAIL].',
    words: 'Pay [CARD], or write to [EMAIL].',
    call: '{"to":"[EMAIL]","card":"[CARD]"}',
  };

  test('what was cut anywhere is taken out of words, thinking and arguments, in the bytes and in the events', async () => {
    for (let at = 1; at < words.length; at++) {
      const events = answerOf({
        thinking: cut('For anna@example.com.', at % 20 || 1),
        words: cut(words, at),
        call: cut(json, at),
      });
      const native = await guarded(nativeFrames(events, inbound, outbound), dialect, redacting());
      expect(readBytes(native, outbound)).toEqual(clean);
      expect(summary(native.flatMap((frame) => frame.events()))).toEqual(clean);
      const all = native.map(({ bytes }) => utf8.decode(bytes)).join('');
      expect(all).not.toContain('anna@');
      expect(all).not.toContain('1111 1111');
    }
  });

  test('and so in ten pieces', async () => {
    const pieces = words.match(/[\s\S]{1,6}/g)!;
    const native = nativeFrames(answerOf({ words: pieces }), inbound, outbound);
    expect(readBytes(await guarded(native, dialect, redacting()), outbound).words).toBe(clean.words);
  });

  test('the same for an answer in another wire', async () => {
    for (let at = 1; at < words.length; at++) {
      const events = answerOf({ thinking: ['For anna@example.com.'], words: cut(words, at), call: cut(json, at) });
      const told = await guarded(eventFrames(events), dialect, redacting());
      expect(summary(told.flatMap((frame) => frame.events()))).toEqual(clean);
    }
  });

  test('an answer without a find passes as the frames that came', async () => {
    const events = answerOf({
      thinking: ['Let ', 'me see 12'],
      words: ['In 20', '26 the ', 'order 48', '29 was sent.'],
      call: ['{"n":', '12345678', '9}'],
    });
    const frames = nativeFrames(events, inbound, outbound);
    expect(await guarded(frames, dialect, redacting())).toEqual(frames);
  });

  test('masks are taken back wherever they are cut, in words and inside JSON', async () => {
    const masked = 'Wrote <EMAIL_1> and <EMAIL_2>, not <EMAIL_3> or <b>.';
    const args = '{"to":["<EMAIL_1>","<EMAIL_2>"]}';
    const expected = 'Wrote anna@example.com and o"neil\\@example.com, not <EMAIL_3> or <b>.';
    for (let at = 1; at < masked.length; at++) {
      const events = answerOf({ words: cut(masked, at), call: cut(args, at) });
      const told = readBytes(await guarded(nativeFrames(events, inbound, outbound), dialect, masking()), outbound);
      expect(told.words).toBe(expected);
      expect(JSON.parse(told.call)).toEqual({ to: ['anna@example.com', 'o"neil\\@example.com'] });
      const other = await guarded(eventFrames(events), dialect, masking());
      const others = summary(other.flatMap((frame) => frame.events()));
      expect(others.words).toBe(expected);
      expect(JSON.parse(others.call)).toEqual({ to: ['anna@example.com', 'o"neil\\@example.com'] });
    }
  });

  test('frames leave as they come while nothing can be open', async () => {
    const frames = nativeFrames(answerOf({ words: ['Hello ', 'there, ', 'all is ', 'well. '] }), inbound, outbound);
    const order: string[] = [];
    async function* source(): Frames {
      for (const [index, frame] of frames.entries()) {
        order.push(`in ${index}`);
        yield frame;
      }
    }
    const cards = createAnswerEditor([rule({ check: { kind: 'pii', detect: ['card', 'phone'] } })], () => {});
    let out = 0;
    for await (const _ of guardFrames(source(), (frame) => readAnswerFrame(frame, dialect, true), cards))
      order.push(`out ${out++}`);
    expect(order).toEqual(frames.flatMap((_, index) => [`in ${index}`, `out ${index}`]));
  });

  test('whole answers are read and changed too', () => {
    const events = answerOf({ thinking: ['For anna@example.com.'], words: [words], call: [json] });
    const body = inbound.buildAnswer(collectAnswer(events), contextOf(inbound));
    const frame: Frame = {
      wire: dialect,
      bytes: encoder.encode(JSON.stringify(body)),
      events: () => outbound.parseAnswer(body),
    };
    return (async () => {
      const frames = guardFrames(streamOf([frame]), (each) => readAnswerFrame(each, dialect, false), redacting());
      const [changed] = await Array.fromAsync(frames);
      expect(summary(outbound.parseAnswer(JSON.parse(utf8.decode(changed!.bytes))))).toEqual(clean);
      expect(summary(changed!.events())).toEqual(clean);
    })();
  });
});
