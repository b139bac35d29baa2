import { expect, test } from 'bun:test';
import OpenAI from 'openai';
import { type ChatAnswer, collectAnswer } from '../../core/chat-answer.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { JsonObject } from '../../core/json.ts';
import { parseSseEvents } from '../sse.ts';
import { buildAnswer } from './build-answer.ts';
import { createStreamBuilder } from './build-stream.ts';
import { parseAnswer } from './parse-answer.ts';
import { answerContext, fixtures, type Recording, recordings, streamEvents } from './testing.ts';

const isAnswer = ({ name }: Recording) => !/^(http-error|mid-stream)|transcription/.test(name);
const answers = recordings.filter(isAnswer);
const everything = [...answers, ...fixtures.filter(isAnswer)];

/** The stream that the gateway would write of these events. */
function write(events: ChatEvent[], includeUsage = true): string {
  const builder = createStreamBuilder(answerContext({ includeUsage, stream: true }));
  return events.map((event) => builder.build(event)).join('') + builder.finish();
}

/** Ids are ours when the provider's look foreign, and sound is never promised for longer than now. */
function comparable(answer: ChatAnswer): unknown {
  const { id: _, ...rest } = answer;
  return rest;
}

function sdk(contentType: string, body: string): OpenAI {
  const fetch = async () => new Response(body, { headers: { 'content-type': contentType } });
  return new OpenAI({ apiKey: 'test', baseURL: 'http://127.0.0.1/v1', fetch });
}

test('there are recordings of every kind of answer', () => {
  expect(answers.length).toBeGreaterThanOrEqual(20);
});

for (const { name, body, chunks } of answers) {
  test(`${name}: the stream and the whole answer come out alike`, () => {
    const whole = collectAnswer(parseAnswer(body));
    expect(collectAnswer(streamEvents(chunks!))).toEqual(whole);
    expect(whole.choices[0]!.finish).toBeDefined();
  });
}

for (const { name, body, chunks } of everything) {
  const events = chunks ? streamEvents(chunks) : parseAnswer(body);

  test(`${name}: what is built is read again as the same answer`, () => {
    const answer = collectAnswer(events);
    const whole = buildAnswer(answer, answerContext());
    expect(comparable(collectAnswer(parseAnswer(JSON.parse(JSON.stringify(whole)))))).toEqual(expected(answer));
    const streamed = parseSseEvents(write(events)).map(({ data }) => data);
    expect(comparable(collectAnswer(streamEvents(streamed)))).toEqual(expected(answer));
  });

  test(`${name}: the official SDK reads the stream as it reads the whole answer`, async () => {
    const answer = collectAnswer(events);
    const whole = buildAnswer(answer, answerContext());
    const direct = await sdk('application/json', JSON.stringify(whole)).chat.completions.create({
      model: 'm',
      messages: [],
    });
    const [choice] = direct.choices;
    if (!hasOnlyFunctionCalls(choice)) return;
    const stream = sdk('text/event-stream', write(events)).chat.completions.stream({ model: 'm', messages: [] });
    const final = await stream.finalChatCompletion();
    expect(final.usage).toEqual(direct.usage as typeof final.usage);
    for (const [at, streamed] of final.choices.entries()) {
      const { message, finish_reason } = direct.choices[at]!;
      expect(streamed.finish_reason).toBe(finish_reason);
      expect(streamed.message.content ?? '').toBe(message.content ?? '');
      expect(streamed.message.refusal ?? null).toBe(message.refusal);
      expect(streamed.message.audio ?? null).toEqual(message.audio ?? null);
      expect(
        streamed.message.tool_calls?.map((call) => [call.id, call.function.name, call.function.arguments]),
      ).toEqual(
        message.tool_calls?.map((call) =>
          call.type === 'function' ? [call.id, call.function.name, call.function.arguments] : [],
        ),
      );
    }
  });
}

/** The SDK's stream helper throws on custom tools, as it does on OpenAI's own streams of them. */
function hasOnlyFunctionCalls(choice: OpenAI.ChatCompletion.Choice | undefined): boolean {
  return !choice?.message.tool_calls?.some(({ type }) => type !== 'function');
}

/** What a second reading cannot know: the native word of an imitator and what the provider said it cost. */
function expected(answer: ChatAnswer): unknown {
  const { reportedCostUsd: _, ...usage } = answer.usage;
  return {
    ...(comparable(answer) as ChatAnswer),
    usage,
    choices: answer.choices.map((choice) => ({ ...choice, finish: { ...choice.finish!, native: expect.any(String) } })),
  };
}

test('a mid-stream error ends the stream with the error of the provider and nothing more', () => {
  for (const { chunks, body } of recordings.filter(({ name }) => name.startsWith('mid-stream'))) {
    const events = streamEvents(chunks!);
    expect(events.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(0);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'upstream_overloaded' } });
    expect(events.some(({ type }) => type === 'finish')).toBe(false);
    expect(() => parseAnswer(body)).toThrow(/disconnected|had an error/);
    const written = write(events);
    expect(written).not.toContain('[DONE]');
    expect(written).not.toContain('"finish_reason":"');
    const last = JSON.parse(parseSseEvents(written).at(-1)!.data) as JsonObject;
    expect(last.error).toMatchObject({ type: 'server_error', code: 'upstream_overloaded' });
  }
});

test('the SDK throws the mid-stream error that is written', async () => {
  const { chunks } = recordings.find(({ name }) => name === 'mid-stream-error')!;
  const stream = await sdk('text/event-stream', write(streamEvents(chunks!))).chat.completions.create({
    model: 'm',
    messages: [],
    stream: true,
  });
  const read = async () => {
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    return text;
  };
  expect(read()).rejects.toThrow('disconnected');
});
