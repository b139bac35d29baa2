import { type CallContext, type ChatCall, createAnswerFacts } from '../../src/core/call.ts';
import { CallAbort } from '../../src/core/call-abort.ts';
import type { Frame } from '../../src/core/frame.ts';
import { readJsonBody } from '../../src/core/json-scan.ts';
import type { ModelInfo } from '../../src/core/model-info.ts';
import type { Deployment, Target } from '../../src/core/target.ts';
import { openaiChatInbound } from '../../src/wire/openai-chat/index.ts';
import { principal } from './principals.ts';

/** A chat call as the edge makes it of an OpenAI body. */
export function chatCall(body: Record<string, unknown> = {}): ChatCall {
  const raw = readJsonBody(
    new TextEncoder().encode(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body })),
  );
  const request = openaiChatInbound.parseRequest(raw.value);
  return {
    operation: 'chat',
    dialect: 'openai-chat',
    model: request.model,
    stream: request.stream,
    request,
    raw,
    passHeaders: {},
  };
}

/** The context of a call that nobody gave up yet. */
export function callContext(over: Partial<CallContext> = {}): CallContext {
  return {
    requestId: 'req_test',
    abort: new CallAbort(),
    receivedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    startedMs: 0,
    principal: principal(),
    strict: false,
    tags: [],
    facts: createAnswerFacts(),
    ...over,
  };
}

export const deployment = (id: string, info: Partial<ModelInfo> = {}, weight = 1): Deployment => {
  const [provider = '', upstream = ''] = id.split('/');
  return { id, provider, upstream, info: { provider, id: upstream, ...info }, weight };
};

export const targetOf = (id: string, credential = 'key-1'): Target => ({ deployment: deployment(id), credential });

/** A frame of text, as nobody decodes it. */
export const frameOf = (text: string): Frame => ({
  wire: 'openai-chat',
  bytes: new TextEncoder().encode(text),
  events: () => [],
});
