/**
 * What a chat is made of, as it crosses HTTP. Parts and chunks are those of the AI SDK's UI messages and of its UI message stream
 * (version 1), so that its `useChat` reads what this server writes.
 */
export type ChatPart =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'file'; mediaType: string; url: string; filename?: string }
  | { type: 'source-url'; sourceId: string; url: string; title?: string };

/** What became of an answer; known in full once it has ended. Amounts are US dollars in decimal; null: the price is unknown. */
export interface AnswerMetadata {
  conversationId?: string;
  parentId?: string;
  createdAt?: string;
  /** The name that was asked for, and the mode. */
  asked?: string;
  mode?: ChatMode;
  /** `provider/model` that answered, and why it did. */
  model?: string;
  route?: string;
  requestId?: string;
  costUsd?: string | null;
  savedUsd?: string | null;
  latencyMs?: number;
  firstTokenMs?: number;
  inputTokens?: number;
  outputTokens?: number;
  reasoningTokens?: number;
  cache?: string;
  finish?: string;
  error?: { code: string; message: string };
  /** Answers that were asked for side by side carry the same name. */
  compare?: string;
}

export const chatModes = ['flash', 'think', 'ultra-think'] as const;
export type ChatMode = (typeof chatModes)[number];

export type ChatChunk =
  | { type: 'start'; messageId: string; messageMetadata?: AnswerMetadata }
  | { type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end'; id: string }
  | { type: 'text-delta' | 'reasoning-delta'; id: string; delta: string }
  | { type: 'source-url'; sourceId: string; url: string; title?: string }
  | { type: 'file'; url: string; mediaType: string }
  | { type: 'message-metadata'; messageMetadata: AnswerMetadata }
  | { type: 'error'; errorText: string }
  | { type: 'abort' }
  | { type: 'finish'; messageMetadata?: AnswerMetadata };

export const messageStates = ['generating', 'done', 'stopped', 'failed', 'interrupted'] as const;
export type MessageState = (typeof messageStates)[number];

export interface ChatMessage {
  id: string;
  /** The message before it; null at the root. Messages with one parent are branches. */
  parentId: string | null;
  role: 'user' | 'assistant';
  parts: ChatPart[];
  state: MessageState;
  metadata: AnswerMetadata;
  rating: 'up' | 'down' | null;
  createdAt: string;
}

export interface ChatSettings {
  model?: string;
  mode?: ChatMode;
  temperature?: number;
  maxTokens?: number;
  /** Instructions that go before the conversation. */
  system?: string;
}

/** Adds a chunk to the parts of a message, in place. A chunk that holds no part changes nothing. */
export function addChunk(parts: ChatPart[], open: Map<string, ChatPart>, chunk: ChatChunk): void {
  switch (chunk.type) {
    case 'text-start':
    case 'reasoning-start': {
      const part: ChatPart = { type: chunk.type === 'text-start' ? 'text' : 'reasoning', text: '' };
      open.set(chunk.id, part);
      parts.push(part);
      break;
    }
    case 'text-delta':
    case 'reasoning-delta': {
      const part = open.get(chunk.id);
      if (part && 'text' in part) part.text += chunk.delta;
      break;
    }
    case 'file':
      parts.push({ type: 'file', url: chunk.url, mediaType: chunk.mediaType });
      break;
    case 'source-url': {
      const { type, sourceId, url, title } = chunk;
      parts.push({ type, sourceId, url, ...(title !== undefined && { title }) });
      break;
    }
  }
}

/** The words of a message, without its thinking. */
export const textOfParts = (parts: readonly ChatPart[]): string =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
