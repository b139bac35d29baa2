import type { ChatRequest } from '../../core/chat-request.ts';
import { parseSseEvents } from '../sse.ts';
import type { AnswerContext } from '../wire.ts';

/** A request of the Chat dialect with the least in it, for tests. */
export const chatRequest = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  dialect: 'openai-chat',
  model: 'test',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [],
  stop: [],
  n: 1,
  stream: false,
  includeUsage: false,
  extensions: {},
  ...fields,
});

/** What the edge would give, with ids that count up. */
export function answerContext(): AnswerContext {
  let ids = 0;
  return {
    requestId: 'req_test',
    request: chatRequest(),
    model: 'group/fast',
    nowSeconds: 1_763_000_000,
    newId: (prefix) => `${prefix}made${++ids}`,
    losses: [],
  };
}

/** The data of each event in a stream that we wrote. */
export const sseData = (bytes: string): string[] => parseSseEvents(bytes).map(({ data }) => data);
