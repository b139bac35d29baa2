import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import { createAwsEventStreamDecoder, encodeAwsEvent } from '../aws-event-stream.ts';
import type { WireEvent } from '../wire.ts';
import { bedrockConverseOutbound as wire } from './index.ts';

const own = join(import.meta.dir, 'recordings');
const shared = join(import.meta.dir, '../../../../../shared/fixtures/providers/amazon-bedrock/chat');
const folders = [own, shared].filter(existsSync);
const files = folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)));
const streams = files.filter((file) => file.endsWith('.chunks.txt'));

const eventsIn = (file: string): WireEvent[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((data) => ({ data }));

function parseAll(events: WireEvent[]): ChatEvent[] {
  const parser = wire.createStreamParser();
  return [...events.flatMap((event) => parser.parse(event)), ...parser.finish()];
}

const headered = ({ data }: WireEvent): WireEvent => {
  const [event, payload] = Object.entries(JSON.parse(data) as object)[0]!;
  return { event, data: JSON.stringify(payload) };
};

test('own recordings are all there', () => {
  expect(streams.filter((file) => file.startsWith(own)).length).toBe(16);
});

for (const file of streams.filter((file) => !file.includes('stream-error'))) {
  const name = file.split('/').at(-1)!.replace('.chunks.txt', '');

  test(`${name}: a stream starts once, finishes once and reads the same in both event forms`, () => {
    const events = parseAll(eventsIn(file));
    expect(events[0]).toEqual({ type: 'start' });
    expect(events.filter(({ type }) => type === 'start')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(0);
    expect(parseAll(eventsIn(file).map(headered))).toEqual(events);
  });

  const whole = file.replace('.chunks.txt', '.json');
  if (file.startsWith(own)) {
    test(`${name}: the stream and the whole answer are the same answer`, () => {
      const json: unknown = JSON.parse(readFileSync(whole, 'utf8'));
      expect(collectAnswer(parseAll(eventsIn(file)))).toEqual(collectAnswer(wire.parseAnswer(json)));
    });
  }

  test(`${name}: cut into single bytes the framed stream reads the same`, () => {
    const bytes = Buffer.concat(eventsIn(file).map(encodeAwsEvent));
    const decoder = createAwsEventStreamDecoder();
    const events: WireEvent[] = [];
    for (const byte of bytes) events.push(...decoder.push(Uint8Array.of(byte)));
    expect(parseAll(events)).toEqual(parseAll(eventsIn(file)));
  });

  test(`${name}: glances give the same usage and finish as the events`, () => {
    const answer = collectAnswer(parseAll(eventsIn(file)));
    const glances = eventsIn(file).map((event) => wire.glance(event));
    expect(glances.filter(({ end }) => end)).toHaveLength(1);
    expect(glances.find(({ finish }) => finish)?.finish).toBe(answer.choices[0]?.finish?.native);
    const usage = glances.find((glance) => glance.usage)?.usage;
    if (usage) expect(answer.usage).toMatchObject(usage);
  });
}

for (const file of files.filter((file) => file.endsWith('.json') && !file.includes('/http-'))) {
  test(`${file.split('/').at(-1)}: a whole answer has parts, a finish and its usage`, () => {
    const json = JSON.parse(readFileSync(file, 'utf8')) as { usage: { inputTokens: number; outputTokens: number } };
    const answer = collectAnswer(wire.parseAnswer(json));
    expect(answer.choices[0]?.parts.length).toBeGreaterThan(0);
    expect(answer.choices[0]?.finish).toBeDefined();
    expect(answer.usage.input).toBe(json.usage.inputTokens);
    expect(answer.usage.output).toBe(json.usage.outputTokens);
    expect(wire.glanceAnswer(json).finish).toBe(answer.choices[0]?.finish?.native);
  });
}

const ownAnswer = (name: string) => collectAnswer(parseAll(eventsIn(join(own, `${name}.chunks.txt`))));

test('cached tokens stand in their own buckets, by life', () => {
  expect(ownAnswer('cached-usage').usage).toEqual({
    input: 12,
    cacheRead: 4096,
    cacheWrite: 500,
    cacheWrite1h: 1000,
    audioInput: 0,
    output: 31,
    reasoning: 0,
    audioOutput: 0,
  });
});

test('a call without arguments gets an empty object, and every call at least one delta', () => {
  const parts = ownAnswer('parallel-tools').choices[0]!.parts;
  expect(parts.map((part) => part.type === 'tool-call' && part.arguments)).toEqual([
    '{"city":"Lima"}',
    '{"city":"Quito"}',
    '{}',
  ]);
});

test('a citation says where its words stand in the text, surrogate pairs counted as two', () => {
  const part = ownAnswer('citations').choices[0]!.parts[0]!;
  if (part.type !== 'text') throw new Error('expected text');
  const citation = part.citations![0]!;
  expect(part.text.slice(citation.start, citation.end)).toBe('rent is due on the 1st');
  expect(citation).toMatchObject({
    title: 'Lease agreement',
    url: 'Lease',
    quote: 'The rent is due on the first day of the month.',
  });
});

test('a server tool and its result are opaque parts of this wire', () => {
  const parts = ownAnswer('server-tool').choices[0]!.parts;
  expect(parts.map((part) => (part.type === 'opaque' ? part.what : part.type))).toEqual([
    'server_tool_use',
    'server_tool_result',
    'text',
  ]);
});

test('hidden thinking and signatures are kept byte for byte', () => {
  const json = JSON.parse(readFileSync(join(own, 'thinking-redacted-tool.json'), 'utf8'));
  const [hidden, shown] = ownAnswer('thinking-redacted-tool').choices[0]!.parts;
  const blocks = json.output.message.content;
  expect(hidden).toEqual({ type: 'reasoning', text: '', redacted: blocks[0].reasoningContent.redactedContent });
  expect(shown).toMatchObject({
    text: blocks[1].reasoningContent.reasoningText.text,
    signature: { origin: 'anthropic', on: 'thought', value: blocks[1].reasoningContent.reasoningText.signature },
  });
});

test('a matched stop sequence is named', () => {
  expect(ownAnswer('stop-sequence').choices[0]!.finish).toEqual({
    reason: 'stop-sequence',
    native: 'stop_sequence',
    stopSequence: 'four',
  });
});
