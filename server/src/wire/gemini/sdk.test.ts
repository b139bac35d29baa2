import { expect, test } from 'bun:test';
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { ChatRequest } from '../../core/chat-request.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { usageOf } from '../../core/usage.ts';
import { geminiEmbeddings } from '../gemini-embeddings/index.ts';
import { countTokensRequest, geminiInbound } from './index.ts';
import { answerContext } from './testing.ts';

const events: ChatEvent[] = [
  { type: 'start', id: 'resp1', model: 'claude-big' },
  { type: 'reasoning-delta', choice: 0, text: 'Hm.' },
  { type: 'reasoning-end', choice: 0, signature: { origin: 'anthropic', on: 'thought', value: 'sig==' } },
  { type: 'text-delta', choice: 0, text: 'Looking ' },
  { type: 'text-delta', choice: 0, text: 'it up 🔎' },
  { type: 'tool-call-start', choice: 0, index: 0, id: 'toolu_1', name: 'get_weather' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"city":' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '"Oslo"}' },
  { type: 'tool-call-end', choice: 0, index: 0 },
  { type: 'finish', choice: 0, reason: 'tool-calls', native: 'tool_use' },
  { type: 'usage', usage: usageOf({ input: 10, output: 7, reasoning: 2 }) },
];

/** The official SDK against our own wire: requests are read, and `answer` is written back, without a network. */
function sdk(answer: (request: ChatRequest, stream: boolean) => Response | Promise<Response>) {
  const seen: ChatRequest[] = [];
  const ai = new GoogleGenAI({
    apiKey: 'test',
    httpOptions: {
      baseUrl: 'http://127.0.0.1:1',
      fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
        const stream = String(input).includes(':streamGenerateContent');
        const model = /models\/([^:]+):/.exec(String(input))?.[1] ?? '';
        const request = geminiInbound.parseRequest(JSON.parse(String(init?.body)), { model, stream });
        seen.push(request);
        return answer(request, stream);
      },
    },
  });
  return { ai, seen };
}

const sse = { 'content-type': 'text/event-stream' };

function respond(_: ChatRequest, stream: boolean): Response {
  if (!stream) return Response.json(geminiInbound.buildAnswer(collectAnswer(events), answerContext()));
  const builder = geminiInbound.createStreamBuilder(answerContext());
  const bytes = new TextEncoder().encode(events.map((event) => builder.build(event)).join('') + builder.finish());
  // Split within events and within characters.
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  return new Response(body, { headers: sse });
}

const config = {
  systemInstruction: 'Be brief.',
  temperature: 0.5,
  tools: [
    {
      functionDeclarations: [
        {
          name: 'get_weather',
          parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
        },
      ],
    },
  ],
  toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } },
};

test('the official SDK is understood and understands a whole answer', async () => {
  const { ai, seen } = sdk(respond);
  const answer = await ai.models.generateContent({ model: 'fast', contents: 'Weather in Oslo?', config });
  expect(seen[0]).toMatchObject({
    model: 'fast',
    stream: false,
    messages: [
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'Weather in Oslo?' }] },
    ],
    tools: [{ name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }],
    toolChoice: { type: 'required' },
    temperature: 0.5,
  });
  expect(answer.text).toBe('Looking it up 🔎');
  expect(answer.functionCalls).toEqual([{ id: 'toolu_1', name: 'get_weather', args: { city: 'Oslo' } }]);
  expect(answer.usageMetadata).toMatchObject({ promptTokenCount: 10, candidatesTokenCount: 5, thoughtsTokenCount: 2 });
  expect([answer.responseId, answer.modelVersion]).toEqual(['resp1', 'claude-big']);
});

test('the official SDK reads our stream and its chat replays it so that we know it again', async () => {
  const { ai, seen } = sdk(respond);
  const chat = ai.chats.create({ model: 'fast', config });
  let text = '';
  let finish: string | undefined;
  for await (const chunk of await chat.sendMessageStream({ message: 'Weather?' })) {
    for (const part of chunk.candidates?.[0]?.content?.parts ?? []) if (!part.thought) text += part.text ?? '';
    finish = chunk.candidates?.[0]?.finishReason ?? finish;
  }
  expect([text, finish]).toEqual(['Looking it up 🔎', 'STOP']);
  await chat.sendMessage({ message: [{ functionResponse: { name: 'get_weather', response: { celsius: 4 } } }] });
  expect(seen[1]?.messages.slice(2)).toEqual([
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm.', signature: { origin: 'anthropic', on: 'thought', value: 'sig==' } },
        { type: 'text', text: 'Looking it up 🔎' },
        { type: 'tool-call', id: 'toolu_1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
      ],
    },
    {
      role: 'tool',
      parts: [
        {
          type: 'tool-result',
          callId: 'toolu_1',
          name: 'get_weather',
          parts: [{ type: 'text', text: '{"celsius":4}' }],
        },
      ],
    },
  ]);
});

test('the official SDK raises our errors, before a stream and within it', async () => {
  const error = new SluiceError('upstream_rate_limited', 'Slow down.', { retryAfterMs: 2000 });
  const before = sdk(() => Response.json(geminiInbound.buildError(error, 'r'), { status: 429 })).ai;
  const refused = await before.models.generateContent({ model: 'fast', contents: 'x' }).catch((thrown) => thrown);
  expect(refused).toBeInstanceOf(ApiError);
  expect(refused.status).toBe(429);
  const within = sdk(() => {
    const builder = geminiInbound.createStreamBuilder(answerContext());
    const bytes =
      geminiInbound.keepAlive +
      builder.build({ type: 'text-delta', choice: 0, text: 'a' }) +
      geminiInbound.buildStreamError(error, 'r');
    return new Response(bytes, { headers: sse });
  }).ai;
  const words: (string | undefined)[] = [];
  const failed = await (async () => {
    for await (const chunk of await within.models.generateContentStream({ model: 'fast', contents: 'x' }))
      words.push(chunk.text);
  })().catch((thrown) => thrown);
  expect(words).toEqual(['a']);
  expect([failed instanceof ApiError, failed?.status]).toEqual([true, 429]);
});

test('the official SDK counts tokens and embeds through our wires', async () => {
  let counted: ChatRequest | undefined;
  const ai = new GoogleGenAI({
    apiKey: 'test',
    httpOptions: {
      baseUrl: 'http://127.0.0.1:1',
      fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
        const body = JSON.parse(String(init?.body));
        const [, model = '', operation] = /models\/([^:]+):(\w+)/.exec(String(input)) ?? [];
        if (operation === 'countTokens') {
          counted = countTokensRequest(body, { model });
          return Response.json({ totalTokens: 4 });
        }
        const request = geminiEmbeddings.parseRequest(body, { model, batch: operation === 'batchEmbedContents' });
        expect(request).toMatchObject({
          model: 'embed',
          inputs: ['a', 'b'],
          dimensions: 2,
          taskType: 'CLUSTERING',
          batch: true,
        });
        return Response.json(
          geminiEmbeddings.buildAnswer(
            {
              vectors: [
                [1, 0],
                [0.5, -1],
              ],
            },
            request,
            model,
          ),
        );
      },
    },
  });
  expect((await ai.models.countTokens({ model: 'fast', contents: 'Hello' })).totalTokens).toBe(4);
  expect(counted?.messages).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }]);
  const { embeddings } = await ai.models.embedContent({
    model: 'embed',
    contents: ['a', 'b'],
    config: { outputDimensionality: 2, taskType: 'CLUSTERING' },
  });
  expect(embeddings?.map(({ values }) => values)).toEqual([
    [1, 0],
    [0.5, -1],
  ]);
});
