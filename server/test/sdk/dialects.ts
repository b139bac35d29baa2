import { expect } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import type { Dialect } from '../../src/core/wire-name.ts';

/** A route of a dialect that takes a body, with the smallest one that it answers. */
export interface PostRoute {
  dialect: Dialect;
  path: string;
  body: JsonObject;
}

const chatModel = 'sandbox/sandbox-small';
const embeddingModel = 'sandbox/sandbox-embedding';
const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }];
const messages = [{ role: 'user', content: 'Hello' }];

/** Every route of every dialect that takes a body. */
export const postRoutes = {
  chat: { dialect: 'openai-chat', path: '/v1/chat/completions', body: { model: chatModel, messages } },
  embeddings: { dialect: 'openai-chat', path: '/v1/embeddings', body: { model: embeddingModel, input: 'Hello' } },
  responses: { dialect: 'openai-responses', path: '/v1/responses', body: { model: chatModel, input: 'Hello' } },
  messages: {
    dialect: 'anthropic-messages',
    path: '/v1/messages',
    body: { model: chatModel, max_tokens: 50, messages },
  },
  countMessages: {
    dialect: 'anthropic-messages',
    path: '/v1/messages/count_tokens',
    body: { model: chatModel, messages },
  },
  generateContent: { dialect: 'gemini', path: `/v1beta/models/${chatModel}:generateContent`, body: { contents } },
  streamContent: {
    dialect: 'gemini',
    path: `/v1/models/${chatModel}:streamGenerateContent?alt=sse`,
    body: { contents },
  },
  countContents: { dialect: 'gemini', path: `/v1beta/models/${chatModel}:countTokens`, body: { contents } },
  embedContent: {
    dialect: 'gemini',
    path: `/v1beta/models/${embeddingModel}:embedContent`,
    body: { content: contents[0] },
  },
  batchEmbedContents: {
    dialect: 'gemini',
    path: `/v1beta/models/${embeddingModel}:batchEmbedContents`,
    body: { requests: [{ content: contents[0] }] },
  },
} satisfies Record<string, PostRoute>;

export type PostRouteName = keyof typeof postRoutes;
export const postRouteNames = Object.keys(postRoutes) as PostRouteName[];

/** Expects the dialect's own error with this status, and returns its sentence. */
export function expectError(dialect: Dialect, answer: { status: number; body: string }, status: number): string {
  expect(answer).toHaveProperty('status', status);
  const { error, ...outer } = JSON.parse(answer.body);
  expect(error.message).toBeString();
  switch (dialect) {
    case 'openai-chat':
    case 'openai-responses':
      expect(outer).toEqual({});
      expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'request_id', 'type']);
      break;
    case 'anthropic-messages':
      expect(outer.type).toBe('error');
      expect(outer.request_id).toStartWith('req_');
      expect(error.type).toEndWith(status === 413 ? 'too_large' : '_error');
      break;
    case 'gemini':
      expect(outer).toEqual({});
      expect(error.code).toBe(status);
      expect(error.status).toMatch(/^[A-Z_]+$/);
      break;
  }
  return error.message;
}
