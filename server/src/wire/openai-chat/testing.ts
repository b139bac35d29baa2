import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { ChatRequest } from '../../core/chat-request.ts';
import type { AnswerContext } from '../wire.ts';
import { createStreamParser } from './parse-stream.ts';

/** Helpers of this folder's tests. */
export interface Recording {
  name: string;
  /** The whole body, when there is one. */
  body?: unknown;
  /** The `data` of each event. */
  chunks?: string[];
}

export const recordings: Recording[] = readRecordings(join(import.meta.dirname, 'recordings'));

/** Recordings of real providers, where the checkout has them beside it. */
export const fixtures: Recording[] = ['openai', 'groq'].flatMap((provider) =>
  readRecordings(join(import.meta.dirname, '../../../../../shared/fixtures/providers', provider, 'chat')),
);

export function streamEvents(chunks: readonly string[]): ChatEvent[] {
  const parser = createStreamParser();
  return [...chunks.flatMap((data) => parser.parse({ data })), ...parser.finish()];
}

export const request = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  dialect: 'openai-chat',
  model: 'test/model',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [],
  stop: [],
  n: 1,
  stream: false,
  includeUsage: false,
  extensions: {},
  ...fields,
});

export function answerContext(fields: Partial<ChatRequest> = {}): AnswerContext {
  let count = 0;
  return {
    requestId: 'req_1',
    request: request(fields),
    model: 'test/model',
    nowSeconds: 1_782_000_000,
    newId: (prefix) => `${prefix}${++count}`,
    losses: [],
  };
}

function readRecordings(folder: string): Recording[] {
  if (!existsSync(folder)) return [];
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const byName = new Map<string, Recording>();
  for (const file of readdirSync(folder).sort()) {
    const name = file.replace(/\.(json|chunks\.txt)$/, '');
    const recording = byName.get(name) ?? { name };
    if (file.endsWith('.json')) recording.body = JSON.parse(read(file));
    else
      recording.chunks = read(file)
        .split('\n')
        .filter((line) => line !== '');
    byName.set(name, recording);
  }
  return [...byName.values()];
}
