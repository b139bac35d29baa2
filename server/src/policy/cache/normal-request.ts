import type { ChatRequest, FunctionTool, Message, Part } from '../../core/chat-request.ts';
import type { EmbeddingsRequest } from '../../core/embeddings.ts';
import { canonicalJson, ordered } from './canonical-json.ts';

/**
 * What of a chat request decides its answer, as text that is equal for requests that mean the same, whichever dialect they
 * were written in. Left out: how the answer is sent (`stream`), who asks (`user`, `metadata`), whether it is kept (`store`),
 * and marks for the provider's own prompt cache, which change the price and not the answer. The model is not in it either: what
 * its name leads to belongs to the key.
 */
export const normalChat = (request: ChatRequest): string => normalText(request, request.messages);

/** The same without the last user turn, which a semantic cache compares by meaning. */
export const normalContext = (request: ChatRequest): string => normalText(request, request.messages.slice(0, -1));

const normalText = (request: ChatRequest, messages: readonly Message[]): string =>
  JSON.stringify([ordered(settingsOf(request)), messages.map(normalMessage)]);

function settingsOf(request: ChatRequest) {
  const {
    dialect: _dialect,
    model: _model,
    stream: _stream,
    includeUsage: _includeUsage,
    metadata: _metadata,
    endUser: _endUser,
    store: _store,
    promptCacheKey: _promptCacheKey,
    messages: _messages,
    tools,
    toolChoice,
    responseFormat,
    extensions,
    ...settings
  } = request;
  return {
    ...settings,
    tools: tools.map((tool) => (tool.type === 'function' ? withoutCache(tool) : tool)),
    // What is said and what is meant when nothing is said.
    toolChoice: toolChoice?.type === 'auto' ? undefined : toolChoice,
    responseFormat: responseFormat?.type === 'text' ? undefined : responseFormat,
    extensions: Object.values(extensions).some((each) => Object.keys(each).length > 0) ? extensions : undefined,
  };
}

const normalMessage = ({ role, name, parts }: Message): unknown[] => [
  role === 'developer' ? 'system' : role,
  name,
  parts.map(normalPart),
];

/** Words alone stand for themselves, everything else is a list. */
function normalPart(part: Part): unknown {
  if (part.type === 'text' && part.citations === undefined && part.signature === undefined) return part.text;
  return ordered(lasting(part));
}

function lasting(part: Part): unknown {
  if (part.type === 'tool-result') return { ...withoutCache(part), parts: part.parts.map(withoutCache) };
  return 'cache' in part ? withoutCache(part) : part;
}

function withoutCache<T extends FunctionTool | Part>(part: T): Omit<T, 'cache'> {
  if (!('cache' in part)) return part;
  const { cache: _, ...rest } = part as T & { cache?: unknown };
  return rest as Omit<T, 'cache'>;
}

/** What of an embeddings request decides each of its vectors, without the inputs themselves. */
export const normalEmbeddingSettings = ({ dimensions, taskType, title, extensions }: EmbeddingsRequest): string =>
  canonicalJson({ dimensions, taskType, title, extensions });
