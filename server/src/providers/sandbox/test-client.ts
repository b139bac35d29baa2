import OpenAI from 'openai';
import type { JsonObject } from '../../core/json.ts';
import type { ProviderCall } from '../provider.ts';
import { createSandboxProvider } from './index.ts';

const provider = createSandboxProvider({ id: 'sandbox', kind: 'sandbox' }, {});

/** For tests: a body sent to a sandbox, as the gateway would send it. */
export function send(
  body: JsonObject | string,
  { operation = 'chat', signal = new AbortController().signal, sandbox = provider }: SendOptions = {},
): Promise<Response> {
  const call: ProviderCall = {
    operation,
    wire: operation === 'embeddings' ? 'openai-embeddings' : 'openai-chat',
    upstream: 'sandbox-small',
    stream: typeof body === 'object' && body.stream === true,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    credential: sandbox.credentials[0]!,
    passHeaders: {},
  };
  return sandbox.answer!(call, signal);
}

export interface SendOptions {
  operation?: ProviderCall['operation'];
  signal?: AbortSignal;
  sandbox?: typeof provider;
}

/** For tests: OpenAI's own SDK, whose fetch calls the sandbox instead of the network. */
export const client = new OpenAI({
  apiKey: 'none',
  baseURL: 'http://sandbox.invalid/v1',
  maxRetries: 0,
  fetch: async (url, init) =>
    send(String(init?.body), {
      operation: String(url).endsWith('/embeddings') ? 'embeddings' : 'chat',
      ...(init?.signal && { signal: init.signal }),
    }),
});

/** For tests: the text that one user message gets. */
export async function textFor(
  content: string,
  more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {},
): Promise<string> {
  const answer = await client.chat.completions.create({
    model: 'sandbox-small',
    messages: [{ role: 'user', content }],
    ...more,
  });
  return answer.choices[0]?.message.content ?? '';
}

export const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather for a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
      required: ['city'],
      additionalProperties: false,
    },
  },
} as const satisfies OpenAI.ChatCompletionTool;

export const timeTool = {
  type: 'function',
  function: {
    name: 'get_time',
    description: 'Get the current local time in a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
} as const satisfies OpenAI.ChatCompletionTool;
