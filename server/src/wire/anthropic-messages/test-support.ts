import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { ChatRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { AnswerContext, WireEvent, WireModel } from '../wire.ts';
import { buildRequest } from './build-request.ts';
import { createStreamBuilder } from './build-stream.ts';
import { createStreamParser } from './parse-stream.ts';

const ours = join(import.meta.dirname, 'recordings');
const fixtures = join(import.meta.dirname, '../../../../../shared/fixtures/providers/anthropic/chat');

export const readJson = (path: string): JsonObject => JSON.parse(readFileSync(path, 'utf8'));
export const recordedJson = (name: string): JsonObject => readJson(join(ours, `${name}.json`));

export function recordedEvents(name: string): WireEvent[] {
  return readEvents(join(ours, `${name}.chunks.txt`));
}

const readEvents = (path: string): WireEvent[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((data) => ({ event: JSON.parse(data).type, data }));

/** Our own recordings of good answers, which hold the same content as JSON and as a stream. */
export const answers: string[] = readdirSync(ours)
  .filter((file) => file.endsWith('.chunks.txt') && !file.startsWith('mid-stream'))
  .map((file) => file.slice(0, -'.chunks.txt'.length));

/** Recordings of others beside the project, when they are there; JSON and stream of one name differ in content. */
export const foreign: { name: string; json: JsonObject; events: WireEvent[] }[] = existsSync(fixtures)
  ? readdirSync(fixtures)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .map((name) => ({
        name,
        json: readJson(join(fixtures, `${name}.json`)),
        events: readEvents(join(fixtures, `${name}.chunks.txt`)),
      }))
  : [];

export function parseEvents(events: WireEvent[]): ChatEvent[] {
  const parser = createStreamParser();
  return [...events.flatMap((event) => parser.parse(event)), ...parser.finish()];
}

/** A request of another dialect with nothing in it but what is given. */
export function requestOf(given: Partial<ChatRequest>): ChatRequest {
  return {
    dialect: 'openai-chat',
    model: 'any',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
    tools: [],
    stop: [],
    n: 1,
    stream: false,
    includeUsage: true,
    extensions: {},
    ...given,
  };
}

export const build = (given: Partial<ChatRequest>, model: Partial<WireModel> = {}, quirks = {}) =>
  buildRequest(requestOf(given), { upstream: 'claude-sonnet-4-6', ...model }, quirks);

export function contextOf(): AnswerContext {
  let made = 0;
  return {
    requestId: 'req_test',
    request: requestOf({}),
    model: 'claude/big',
    nowSeconds: 1_780_000_000,
    newId: (prefix) => `${prefix}new${++made}`,
    losses: [],
  };
}

/** The whole stream that a builder makes of events. */
export function writeStream(events: ChatEvent[], context = contextOf()): string {
  const builder = createStreamBuilder(context);
  return events.map((event) => builder.build(event)).join('') + builder.finish();
}
