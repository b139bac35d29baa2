import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChatAnswer, collectAnswer } from '../../core/chat-answer.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { JsonObject } from '../../core/json.ts';
import { totalTokens } from '../../core/usage.ts';
import { geminiInbound, geminiOutbound } from './index.ts';
import { answerContext, sseData } from './testing.ts';

const own = join(import.meta.dir, 'recordings');
const shared = join(import.meta.dir, '../../../../../shared/fixtures/providers/google/chat');

const namesIn = (folder: string, ending: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(ending))
        .map((name) => name.slice(0, -ending.length))
    : [];

const jsonOf = (folder: string, name: string): JsonObject =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
const chunksOf = (folder: string, name: string): string[] =>
  readFileSync(join(folder, `${name}.chunks.txt`), 'utf8')
    .split('\n')
    .filter(Boolean);

function streamEvents(chunks: string[]): ChatEvent[] {
  const parser = geminiOutbound.createStreamParser();
  return [...chunks.flatMap((data) => parser.parse({ data })), ...parser.finish()];
}

const answers = namesIn(own, '.chunks.txt').filter((name) => name !== 'mid-stream-error');

test('there are recordings of everything this wire must read', () => {
  expect(answers.length).toBe(16);
});

for (const name of answers) {
  test(`${name}: the stream and the whole body are the same answer`, () => {
    const streamed = collectAnswer(streamEvents(chunksOf(own, name)));
    expect(streamed).toEqual(collectAnswer(geminiOutbound.parseAnswer(jsonOf(own, name))));
  });

  test(`${name}: an answer written out and read again is the same answer`, () => {
    const answer = collectAnswer(geminiOutbound.parseAnswer(jsonOf(own, name)));
    const written = geminiInbound.buildAnswer(answer, answerContext());
    expect(collectAnswer(geminiOutbound.parseAnswer(written))).toEqual(answer);
  });

  test(`${name}: a stream written out and read again is the same answer`, () => {
    const events = streamEvents(chunksOf(own, name));
    const builder = geminiInbound.createStreamBuilder(answerContext());
    const bytes = events.map((event) => builder.build(event)).join('') + builder.finish();
    expect(collectAnswer(streamEvents(sseData(bytes)))).toEqual(collectAnswer(events));
  });

  test(`${name}: glancing gives the same usage, finish and end as reading`, () => {
    const body = jsonOf(own, name);
    const answer = collectAnswer(geminiOutbound.parseAnswer(body));
    const { usage, finish, end, model } = geminiOutbound.glanceAnswer(body);
    expect({ ...answer.usage, ...usage }).toEqual(answer.usage);
    expect({ finish, end, model }).toEqual({
      finish: answer.choices[0]?.finish?.native,
      end: true,
      model: answer.model,
    });
    const glances = chunksOf(own, name).map((data) => geminiOutbound.glance({ data }));
    expect(glances.at(-1)?.end).toBe(true);
    expect(glances[0]?.end).toBe(glances.length === 1 ? true : undefined);
  });
}

test('the total of the buckets is the total that Google names', () => {
  for (const name of answers) {
    const body = jsonOf(own, name);
    const answer = collectAnswer(geminiOutbound.parseAnswer(body));
    const total = (body.usageMetadata as { totalTokenCount: number }).totalTokenCount;
    expect([name, totalTokens(answer.usage)]).toEqual([name, total]);
  }
});

const read = (name: string): ChatAnswer => collectAnswer(geminiOutbound.parseAnswer(jsonOf(own, name)));

test('cached, audio, tool and thought tokens land in their own buckets', () => {
  expect(read('cached-usage').usage).toEqual({
    input: 5120 + 24 - 4096 - 200,
    cacheRead: 4096,
    cacheWrite: 0,
    cacheWrite1h: 0,
    audioInput: 200,
    output: 21 + 64,
    reasoning: 64,
    audioOutput: 0,
  });
});

test('two calls of one name without ids get stable, different ids', () => {
  const calls = () => read('parallel-tool-calls').choices[0]!.parts.filter((part) => part.type === 'tool-call');
  const ids = calls().map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  expect(ids).toEqual(calls().map(({ id }) => id));
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,40}$/);
  expect(read('parallel-tool-calls').choices[0]?.finish).toEqual({ reason: 'tool-calls', native: 'STOP' });
});

test('a call keeps its own id and the signature that stands on it', () => {
  const call = read('tool-call').choices[0]!.parts[0];
  expect(call).toMatchObject({
    type: 'tool-call',
    id: 'fc-7Qm2xT',
    name: 'get_weather',
    arguments: '{"city":"Zürich","unit":"celsius"}',
    signature: { origin: 'gemini', on: 'call' },
  });
});

test('streamed arguments are put together whatever their paths', () => {
  const parts = collectAnswer(streamEvents(chunksOf(own, 'streamed-arguments'))).choices[0]!.parts;
  expect(parts.map((part) => part.type === 'tool-call' && JSON.parse(part.arguments))).toEqual([
    {
      title: 'Lunch',
      guests: [
        { name: 'Ada', vegan: true },
        { name: 'Bo "B"', vegan: false },
      ],
      hour: 12.5,
      note: null,
    },
    { title: 'Tea' },
  ]);
});

test('citations point at the cited words behind an emoji', () => {
  const part = read('grounding').choices[0]!.parts[0];
  if (part?.type !== 'text') throw new Error('no text');
  const cited = part.citations?.map(({ start, end, url }) => [part.text.slice(start, end), url]);
  expect(cited).toEqual([
    ['Piz Bernina is 4,049 m high.', 'https://en.example.org/Piz_Bernina'],
    ['Piz Bernina is 4,049 m high.', 'https://alps.example.com/4000'],
    ['Über 4000!', 'https://alps.example.com/4000'],
  ]);
});

test('safety and a blocked prompt are filtered answers, not errors', () => {
  expect(read('safety').choices[0]?.finish).toEqual({ reason: 'content-filter', native: 'SAFETY' });
  const blocked = read('prompt-blocked');
  expect(blocked.choices).toEqual([
    { index: 0, parts: [], finish: { reason: 'content-filter', native: 'promptFeedback.PROHIBITED_CONTENT' } },
  ]);
  expect(blocked.usage.input).toBe(23);
  expect(geminiInbound.buildAnswer(blocked, answerContext()).promptFeedback).toEqual({
    blockReason: 'PROHIBITED_CONTENT',
  });
});

test('a malformed call says so', () => {
  expect(read('malformed-call').choices[0]?.finish?.reason).toBe('malformed-tool-call');
});

test('log probabilities and both candidates are kept', () => {
  const { logprobs } = read('logprobs').choices[0]!;
  expect(logprobs?.map(({ token }) => token)).toEqual(['Yes', ',', ' always']);
  expect(logprobs?.[0]?.top[1]).toEqual({ token: 'No', logprob: -4.1 });
  expect(read('two-candidates').choices.map(({ index, parts }) => [index, parts])).toEqual([
    [0, [{ type: 'text', text: 'Heads it is.' }]],
    [1, [{ type: 'text', text: 'Tails it is.' }]],
  ]);
});

test('what came before an error in mid-stream stays, and nothing follows the error', () => {
  const events = streamEvents([...chunksOf(own, 'mid-stream-error'), ...chunksOf(own, 'text')]);
  expect(events.map(({ type }) => type)).toEqual(['start', 'usage', 'text-delta', 'error']);
  const last = events.at(-1);
  expect(last?.type === 'error' && last.error.code).toBe('upstream_overloaded');
});

test('a stream without a finish reason was cut, wherever it was cut', () => {
  for (const name of answers) {
    const chunks = chunksOf(own, name);
    for (let kept = 0; kept < chunks.length; kept++) {
      const last = streamEvents(chunks.slice(0, kept)).at(-1);
      expect([name, kept, last?.type === 'error' && last.error.code]).toEqual([name, kept, 'upstream_invalid_answer']);
    }
    expect(streamEvents(chunks).at(-1)?.type).not.toBe('error');
  }
});

for (const name of namesIn(shared, '.chunks.txt')) {
  test(`shared ${name}: the stream is read to its end`, () => {
    const answer = collectAnswer(streamEvents(chunksOf(shared, name)));
    expect(answer.choices[0]?.finish).toBeDefined();
    expect(totalTokens(answer.usage)).toBeGreaterThan(0);
    const written = geminiInbound.buildAnswer(answer, answerContext());
    expect(collectAnswer(geminiOutbound.parseAnswer(written))).toEqual(answer);
  });
}

for (const name of namesIn(shared, '.json').filter((name) => !name.includes('429'))) {
  test(`shared ${name}: the body is read and written back equivalent`, () => {
    const body = jsonOf(shared, name);
    const answer = collectAnswer(geminiOutbound.parseAnswer(body));
    const written = geminiInbound.buildAnswer(answer, answerContext());
    expect((written.candidates as JsonObject[])[0]?.content).toEqual((body.candidates as JsonObject[])[0]?.content);
    expect(written.responseId).toBe(body.responseId);
    expect(totalTokens(answer.usage)).toBe((body.usageMetadata as JsonObject).totalTokenCount as number);
  });
}
