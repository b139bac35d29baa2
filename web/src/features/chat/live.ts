import { EventSourceParserStream } from 'eventsource-parser/stream';
import { create } from 'zustand';
import {
  type AnswerMetadata,
  addChunk,
  type ChatChunk,
  type ChatMessage,
  type ChatPart,
  type ChatSettings,
  type MessageState,
} from '../../../../shared/src/chat.ts';
import { api, send } from '../../api/client.ts';
import { conversationQuery, queryClient } from '../../api/queries.ts';
import type { WholeConversation } from '../../api/types.ts';

/** An answer while it is made: what is shown instead of what the server had when the conversation was read. */
export interface LiveAnswer {
  conversationId: string;
  parts: ChatPart[];
  state: MessageState;
  metadata: AnswerMetadata;
}

interface LiveStore {
  answers: Record<string, LiveAnswer>;
}

/** Answers that this page is reading, by message. */
export const useLive = create<LiveStore>(() => ({ answers: {} }));

const readers = new Set<string>();

function put(id: string, answer: LiveAnswer | undefined): void {
  useLive.setState(({ answers }) => {
    const { [id]: _, ...others } = answers;
    return { answers: answer ? { ...others, [id]: answer } : others };
  });
}

export interface AskWish extends ChatSettings {
  conversationId?: string;
  message?: { parts: ChatPart[] };
  attachments?: string[];
  parentId?: string | null;
  answerTo?: string;
  compare?: string;
  folderId?: string;
  temporary?: boolean;
}

export interface Began {
  conversationId: string;
  messageId: string;
  parentId: string;
}

/** Asks, and reads the answer to its end. Resolves as soon as the answer has begun; what is refused before that is thrown. */
export async function ask(wish: AskWish): Promise<Began> {
  const response = await send('/api/v1/chat', {
    method: 'POST',
    body: JSON.stringify(wish),
    headers: { 'content-type': 'application/json' },
  });
  const began = Promise.withResolvers<Began>();
  void read(response, began.resolve, wish.message ? [...wish.message.parts] : undefined).catch(began.reject);
  return began.promise;
}

/** Reads on where an answer is being made already: after a reload, in another tab, on another device. */
export async function attach(messageId: string): Promise<void> {
  if (readers.has(messageId)) return;
  readers.add(messageId);
  try {
    const response = await send(`/api/v1/chat/${messageId}/stream`);
    if (response.status === 204) await new Promise((resolve) => setTimeout(resolve, 1500));
    else await read(response, () => {});
  } catch {
    // The server is away: the conversation is read again below, and again when somebody looks.
  } finally {
    readers.delete(messageId);
  }
}

export const stop = (messageId: string): Promise<void> => api.post(`/api/v1/chat/${messageId}/stop`);

async function read(response: Response, onBegin: (began: Began) => void, said?: ChatPart[]): Promise<void> {
  const events = response.body!.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  const open = new Map<string, ChatPart>();
  let id = '';
  let live: LiveAnswer | undefined;
  let _drawn: number | undefined;
  const draw = () => {
    _drawn = undefined;
    if (live) put(id, { ...live, parts: live.parts.map((part) => ({ ...part })) });
  };
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (next.value.data === '[DONE]') break;
      const chunk = JSON.parse(next.value.data) as ChatChunk;
      if (chunk.type === 'start') {
        const { messageMetadata = {} } = chunk;
        id = chunk.messageId;
        readers.add(id);
        live = {
          conversationId: messageMetadata.conversationId ?? '',
          parts: [],
          state: 'generating',
          metadata: messageMetadata,
        };
        draw();
        await begun(id, messageMetadata, said);
        onBegin({ conversationId: live.conversationId, messageId: id, parentId: messageMetadata.parentId ?? '' });
        continue;
      }
      if (!live) continue;
      addChunk(live.parts, open, chunk);
      if (chunk.type === 'abort') live.state = 'stopped';
      if (chunk.type === 'error') live.state = 'failed';
      if (chunk.type === 'finish') {
        live.metadata = { ...live.metadata, ...chunk.messageMetadata };
        if (live.state === 'generating') live.state = 'done';
      }
      // As often as the screen is drawn, however fast the words come. A page in the background draws seldom.
      _drawn ??= document.hidden ? window.setTimeout(draw, 250) : requestAnimationFrame(draw);
    }
  } finally {
    readers.delete(id);
    draw();
    if (live) await ended(id, live);
  }
}

/** The question and the answer that is being made stand in the conversation at once. */
async function begun(id: string, metadata: AnswerMetadata, said?: ChatPart[]): Promise<void> {
  const { conversationId, parentId, createdAt = new Date().toISOString() } = metadata;
  if (conversationId === undefined || parentId === undefined) return;
  const { queryKey } = conversationQuery(conversationId);
  const before = queryClient.getQueryData(queryKey);
  void queryClient.invalidateQueries({ queryKey: ['conversations'] });
  if (!before || before.messages.some((message) => message.id === id)) return;
  // What was attached is known to the server only.
  if (said === undefined || !before.messages.some((message) => message.id === parentId)) {
    await queryClient.invalidateQueries({ queryKey });
    return;
  }
  const answer: ChatMessage = {
    id,
    parentId,
    role: 'assistant',
    parts: [],
    state: 'generating',
    metadata,
    rating: null,
    createdAt,
  };
  queryClient.setQueryData(queryKey, { ...before, headId: id, messages: [...before.messages, answer] });
}

async function ended(id: string, live: LiveAnswer): Promise<void> {
  const { queryKey } = conversationQuery(live.conversationId);
  queryClient.setQueryData(
    queryKey,
    (before: WholeConversation | undefined) =>
      before && {
        ...before,
        messages: before.messages.map((message) =>
          message.id === id ? { ...message, parts: live.parts, state: live.state, metadata: live.metadata } : message,
        ),
      },
  );
  await queryClient.invalidateQueries({ queryKey });
  void queryClient.invalidateQueries({ queryKey: ['conversations'] });
  put(id, undefined);
}
