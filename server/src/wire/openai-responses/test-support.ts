import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { ChatRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { parseSseEvents } from '../sse.ts';
import type { AnswerContext } from '../wire.ts';
import { createStreamBuilder } from './build-stream.ts';
import { parseRequest } from './parse-request.ts';
import { createStreamParser } from './parse-stream.ts';

/** For the tests of this folder: what was recorded, and short ways through the wire. */
export interface Recording {
  name: string;
  body: JsonObject;
  chunks: string[];
}

const here = dirname(fileURLToPath(import.meta.url));

/** Our own recordings that exist both whole and streamed. */
export const recordings: Recording[] = recordingsIn(join(here, 'recordings'));

/** Streams recorded from the real provider, where they lie beside the project; each file may hold several answers. */
export const recordedStreams: { name: string; chunks: string[] }[] = fixtureFiles('.chunks.txt').flatMap((file) =>
  answersOf(linesOf(file)).map((chunks, index) => ({ name: `${file}#${index}`, chunks })),
);

export const recordedBodies: { name: string; body: JsonObject }[] = fixtureFiles('.json').map((file) => ({
  name: file,
  body: JSON.parse(readFileSync(file, 'utf8')),
}));

export function recording(name: string): Recording {
  const found = recordings.find((each) => each.name === name);
  if (!found) throw new Error(`There is no recording ${name}.`);
  return found;
}

export const errorBody = (name: string): string => readFileSync(join(here, 'recordings', `${name}.json`), 'utf8');

export function parseChunks(chunks: readonly string[]): ChatEvent[] {
  const parser = createStreamParser();
  return [...chunks.flatMap((data) => parser.parse({ data })), ...parser.finish()];
}

/** A context whose ids count up from 1. */
export function contextFor(request: ChatRequest = parseRequest({ model: 'asked', input: 'hi' })): AnswerContext {
  let ids = 0;
  return {
    requestId: 'req_test',
    request,
    model: 'asked',
    nowSeconds: 1_781_000_009,
    newId: (prefix) => `${prefix}${++ids}`,
    losses: [],
  };
}

export function buildStream(events: readonly ChatEvent[], context: AnswerContext = contextFor()): string {
  const builder = createStreamBuilder(context);
  return events.map((event) => builder.build(event)).join('') + builder.finish();
}

export interface BuiltEvent extends JsonObject {
  type: string;
}

/** The events of a built stream; fails when it does not end with `[DONE]`, or a line `event:` and the type of its data differ. */
export function eventsOf(stream: string): BuiltEvent[] {
  const events = parseSseEvents(stream);
  if (events.pop()?.data !== '[DONE]') throw new Error('The stream does not end with [DONE].');
  return events.map(({ event, data }) => {
    const parsed: BuiltEvent = JSON.parse(data);
    if (event !== parsed.type) throw new Error(`event: ${event} carries ${parsed.type}`);
    return parsed;
  });
}

function recordingsIn(folder: string): Recording[] {
  const names = readdirSync(folder).flatMap((file) =>
    file.endsWith('.chunks.txt') ? [file.replace('.chunks.txt', '')] : [],
  );
  return names.sort().map((name) => ({
    name,
    body: JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')),
    chunks: linesOf(join(folder, `${name}.chunks.txt`)),
  }));
}

function fixtureFiles(ending: string): string[] {
  const folder = resolve(here, '../../../../../shared/fixtures/providers/openai/responses');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => (file.endsWith(ending) ? [join(folder, file)] : []));
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function answersOf(lines: string[]): string[][] {
  const answers: string[][] = [];
  for (const line of lines) {
    if (line.includes('"type":"response.created"')) answers.push([]);
    answers.at(-1)?.push(line);
  }
  return answers;
}
