import { expect, test } from 'bun:test';
import { principal } from '../../test/support/principals.ts';
import { type CallContext, type ChatCall, createAnswerFacts } from '../core/call.ts';
import { CallAbort } from '../core/call-abort.ts';
import { collectAnswer } from '../core/chat-answer.ts';
import type { ChatEvent } from '../core/chat-event.ts';
import type { Frame } from '../core/frame.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { usageOf } from '../core/usage.ts';
import { openaiChatInbound } from '../wire/openai-chat/index.ts';
import { fanOut } from './fan-out.ts';

function callOf(n: number, stream: boolean): ChatCall {
  const request = openaiChatInbound.parseRequest({
    model: 'm',
    n,
    stream,
    messages: [{ role: 'user', content: 'Hi' }],
  });
  return { operation: 'chat', dialect: 'openai-chat', model: 'm', stream, request, passHeaders: {} };
}

const contextOf = (): CallContext => ({
  requestId: 'req_1',
  abort: new CallAbort(),
  receivedAt: 0,
  startedMs: 0,
  principal: principal(),
  strict: false,
  tags: [],
  facts: createAnswerFacts(),
});

const frameOf = (events: ChatEvent[]): Frame => ({
  wire: 'anthropic-messages',
  bytes: new Uint8Array(0),
  events: () => events,
});

/** A provider that answers each call with the number of the call. */
function provider() {
  let calls = 0;
  const seen: ChatCall[] = [];
  async function* answer(call: ChatCall, context: CallContext): AsyncGenerator<Frame, void, undefined> {
    const number = calls++;
    seen.push(call);
    if (number === 0) await new Promise((resolve) => setImmediate(resolve));
    yield frameOf([
      { type: 'start', id: `msg_${number}`, model: 'claude' },
      { type: 'text-delta', choice: 0, text: `answer ${number}` },
    ]);
    context.facts.usage = usageOf({ input: 10, output: 3 });
    yield frameOf([
      { type: 'usage', usage: context.facts.usage },
      { type: 'finish', choice: 0, reason: 'stop' },
    ]);
  }
  return { answer, seen };
}

async function read(frames: AsyncGenerator<Frame, void, undefined>): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

test.each([true, false])(
  'n choices are n calls of one, merged with their usage added up (streamed: %p)',
  async (stream) => {
    const { answer, seen } = provider();
    const context = contextOf();
    const frames = await read(fanOut(callOf(3, stream), context, 'anthropic-messages', answer));
    const collected = collectAnswer(frames.flatMap((frame) => frame.events()));
    expect(seen.map(({ request, raw }) => [request.n, raw])).toEqual([
      [1, undefined],
      [1, undefined],
      [1, undefined],
    ]);
    expect(collected.choices.map(({ parts }) => parts)).toEqual(
      [0, 1, 2].map((number) => [{ type: 'text', text: `answer ${number}` }]),
    );
    expect(collected.id).toBe('msg_0');
    expect(collected.usage).toEqual(usageOf({ input: 30, output: 9 }));
    expect(context.facts.usage).toEqual(usageOf({ input: 30, output: 9 }));
    expect(frames[0]?.events()[0]?.type).toBe('start');
    if (!stream) expect(frames.length).toBe(1);
  },
);

test('one choice that fails fails the answer, and what the others used is still known', async () => {
  const { answer } = provider();
  const context = contextOf();
  let calls = 0;
  const failing = (call: ChatCall, own: CallContext) => {
    if (calls++ < 2) return answer(call, own);
    return (async function* (): AsyncGenerator<Frame, void, undefined> {
      throw new SluiceError('upstream_overloaded', 'busy');
    })();
  };
  await expect(read(fanOut(callOf(3, false), context, 'anthropic-messages', failing))).rejects.toThrow('busy');
  expect(context.facts.usage).toBeDefined();
});
