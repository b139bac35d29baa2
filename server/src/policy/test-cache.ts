import { callContext, chatCall } from '../../test/support/calls.ts';
import { type CallContext, type ChatCall, createAnswerFacts } from '../core/call.ts';
import type { Frame, Frames } from '../core/frame.ts';
import type { Principal } from '../core/principal.ts';
import { usageOf } from '../core/usage.ts';
import { embed as embedText } from '../providers/sandbox/embed.ts';
import { geminiEmbeddings } from '../wire/gemini-embeddings/index.ts';
import { openaiChatOutbound } from '../wire/openai-chat/index.ts';
import { openAiEmbeddings } from '../wire/openai-embeddings/index.ts';
import { type AnswerFromCacheDeps, answerFromCache } from './answer-from-cache.ts';
import { createAnswerMemory } from './cache/answer-memory.ts';
import type { StoredVector } from './cache/embeddings-cache.ts';
import type { Invalidation } from './cache/invalidation.ts';
import { createSemanticIndex, unitVector } from './cache/semantic-index.ts';
import type { CacheSettings } from './cache/settings.ts';
import type { StoredAnswer } from './cache/stored-answer.ts';
import type { Next } from './pipeline.ts';

const encoder = new TextEncoder();

export const cacheSettings = (
  over: { exact?: object; semantic?: object; scope?: CacheSettings['scope'] } = {},
): CacheSettings => ({
  exact: { enabled: true, ttlSeconds: 60, sampled: true, ...over.exact },
  semantic: { enabled: false, model: 'embedder', threshold: 0.9, ttlSeconds: 60, ...over.semantic },
  scope: over.scope ?? 'user',
});

/** A whole answer of OpenAI's that says `text`. */
export const answerFrame = (text: string): Frame => {
  const body = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  };
  return {
    wire: 'openai-chat',
    bytes: encoder.encode(JSON.stringify(body)),
    events: () => openaiChatOutbound.parseAnswer(body),
  };
};

/** The policy with everything in this process; embeddings are the sandbox's own, and time is what the test says. */
export function cachePolicy(settings: CacheSettings, over: Partial<AnswerFromCacheDeps> = {}) {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const now = () => clock.nowMs;
  const invalidations: Invalidation[] = [];
  const maxBytes = () => 256 * 1024 * 1024;
  const memory = createAnswerMemory<StoredAnswer>({ maxBytes, now });
  const semantic = createSemanticIndex({ maxBytes, now });
  const policy = answerFromCache({
    settings: () => settings,
    invalidations: () => invalidations,
    nameModel: (name) => ({ identity: name, isOwn: () => true }),
    memory,
    vectors: createAnswerMemory<StoredVector>({ maxBytes, now }),
    semantic,
    decode: (_wire, _form, bytes) => openaiChatOutbound.parseAnswer(JSON.parse(new TextDecoder().decode(bytes))),
    embeddings: { 'openai-embeddings': openAiEmbeddings, 'gemini-embeddings': geminiEmbeddings },
    embed: async (text) => unitVector(embedText(text, 256)),
    costOf: () => 1000,
    now,
    ...over,
  });
  return { policy, clock, invalidations, memory, semantic };
}

/** A model that says what `text` gives, once for every call that reaches it. */
export const answering = (text: (call: ChatCall, context: CallContext) => string): Next =>
  async function* answer(call, context): Frames {
    context.facts.model = 'mock/tiny';
    context.facts.usage = usageOf({ input: 10, output: 5 });
    yield answerFrame(text(call as ChatCall, context));
  };

/** Asks through the policy; what was said, and where it came from. */
export async function askThrough(
  { policy }: Pick<ReturnType<typeof cachePolicy>, 'policy'>,
  next: Next,
  body: Record<string, unknown>,
  over: Partial<CallContext> & { principal: Principal },
): Promise<{ said: string; from: string | undefined; context: CallContext }> {
  const context = callContext({ facts: createAnswerFacts(), receivedAt: Date.UTC(2026, 0, 1), ...over });
  let said = '';
  for await (const frame of policy(chatCall(body), context, next)) {
    for (const event of frame.events()) if (event.type === 'text-delta') said += event.text;
  }
  return { said, from: context.facts.cache?.state, context };
}
