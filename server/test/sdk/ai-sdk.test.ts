import { afterAll, describe, expect, test } from 'bun:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import {
  APICallError,
  embedMany,
  generateObject,
  generateText,
  type LanguageModel,
  Output,
  stepCountIs,
  streamObject,
  streamText,
  tool,
} from 'ai';
import { z } from 'zod';
import { errorOf } from './error-of.ts';
import { sandboxes, startGateway } from './gateway-process.ts';
import { redPng } from './samples.ts';

// It warns that it does not know the models.
globalThis.AI_SDK_LOG_WARNINGS = false;

const gateway = await startGateway({ config: sandboxes('faulty') });
afterAll(gateway.stop);

const apiKey = gateway.adminKey;
const openai = createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey });
const anthropic = createAnthropic({ baseURL: `${gateway.url}/v1`, apiKey });
const google = createGoogleGenerativeAI({ baseURL: `${gateway.url}/v1beta`, apiKey });
const providers: [string, (name: string) => LanguageModel][] = [
  ['OpenAI chat', (name) => openai.chat(name)],
  ['OpenAI responses', (name) => openai.responses(name)],
  ['Anthropic', (name) => anthropic(name)],
  ['Google', (name) => google(name)],
];
const person = z.object({ name: z.string(), age: z.number().int(), tags: z.array(z.string()) });
const describing = 'Ada Lovelace is 36 years old.';

describe.each(providers)('%s', (_name, modelOf) => {
  const model = modelOf('sandbox/sandbox-small');
  const weather = tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `${city}: 21 degrees`,
  });
  const time = tool({
    description: 'The local time of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `${city}: noon`,
  });

  test('text is generated and streamed alike, with usage', async () => {
    const prompt = 'Write two sentences about rivers.';
    const whole = await generateText({ model, prompt, system: 'Be brief.' });
    expect(whole.text).not.toBe('');
    expect(whole.finishReason).toBe('stop');
    const stream = streamText({ model, prompt, system: 'Be brief.' });
    let text = '';
    for await (const delta of stream.textStream) text += delta;
    expect(text).toBe(whole.text);
    expect(await stream.finishReason).toBe('stop');
    const usage = await stream.usage;
    expect([usage.inputTokens, usage.outputTokens]).toEqual([whole.usage.inputTokens, whole.usage.outputTokens]);
    expect(usage.inputTokens).toBeGreaterThan(0);
  });

  test('a loop of several steps calls tools in parallel and answers, streamed or not', async () => {
    const ask = {
      model,
      prompt: "What's the weather and the time in Oslo?",
      tools: { get_weather: weather, get_time: time },
      stopWhen: stepCountIs(4),
    };
    const whole = await generateText(ask);
    const stream = streamText(ask);
    await stream.consumeStream();
    for (const { steps, text } of [whole, { steps: await stream.steps, text: await stream.text }]) {
      expect(steps.map(({ toolCalls }) => toolCalls.map(({ toolName }) => toolName))).toEqual([
        ['get_weather', 'get_time'],
        [],
      ]);
      expect(text).toContain('Oslo: 21 degrees');
      expect(text).toContain('Oslo: noon');
    }
  });

  test.each([
    ['none', []],
    ['auto', ['get_weather']],
    ['required', ['get_weather']],
    [{ type: 'tool', toolName: 'get_time' }, ['get_time']],
  ] as const)('toolChoice %p calls %p', async (toolChoice, expected) => {
    const { toolCalls } = await generateText({
      model,
      prompt: 'Weather in Rome?',
      tools: { get_weather: weather, get_time: time },
      toolChoice,
    });
    expect(toolCalls.map(({ toolName }) => toolName)).toEqual([...expected]);
  });

  test('objects follow their schema, generated, streamed and as output of a text', async () => {
    const { object } = await generateObject({ model, schema: person, prompt: describing });
    expect(person.parse(object)).toEqual(object);
    const stream = streamObject({ model, schema: person, prompt: describing });
    for await (const _ of stream.partialObjectStream);
    expect(await stream.object).toEqual(object);
    const { output } = await generateText({ model, output: Output.object({ schema: person }), prompt: describing });
    expect(person.parse(output)).toEqual(output);
  });

  test('a conversation, a limit and a stop sequence are heeded', async () => {
    const { text } = await generateText({
      model,
      messages: [
        { role: 'user', content: 'My name is Ada.' },
        { role: 'assistant', content: 'Hello Ada.' },
        { role: 'user', content: 'What is my name?' },
      ],
    });
    expect(text).toContain('Ada');
    const long =
      'Reply with exactly: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty';
    const cut = await generateText({ model, prompt: long, maxOutputTokens: 16 });
    expect(cut.finishReason).toBe('length');
  });

  test('a picture is seen', async () => {
    const { text } = await generateText({
      model: modelOf('sandbox/sandbox-large'),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What do you see?' },
            { type: 'image', image: redPng, mediaType: 'image/png' },
          ],
        },
      ],
    });
    expect(text).toContain('1x1 pixels');
  });

  test('a refused request throws an APICallError with the status and the words of the gateway', async () => {
    const error = await errorOf(
      generateText({ model: modelOf('faulty/sandbox-small'), prompt: 'sandbox:error=400', maxRetries: 0 }),
    );
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error.statusCode).toBe(400);
    expect(error.message).toContain('sandbox');
    expect(error.responseHeaders['x-sluice-request-id']).toStartWith('req_');
  });

  test('an abort in the middle of a stream ends it', async () => {
    const abort = new AbortController();
    const stream = streamText({ model, prompt: 'sandbox:tokens=100000', abortSignal: abort.signal });
    let deltas = 0;
    for await (const _ of stream.textStream) if (++deltas === 3) abort.abort();
    expect(deltas).toBeLessThan(100_000);
  });
});

test.each([
  ['OpenAI', openai.embedding('sandbox/sandbox-embedding')],
  ['Google', google.embedding('sandbox/sandbox-embedding')],
])('embedMany of %s gives a vector for each value', async (_name, model) => {
  const { embeddings } = await embedMany({ model, values: ['a river', 'a stone', 'a light'] });
  expect(embeddings.map((vector) => vector.length)).toEqual([1536, 1536, 1536]);
});

test.each([
  [
    'Anthropic',
    anthropic('sandbox/sandbox-large'),
    { anthropic: { thinking: { type: 'enabled', budgetTokens: 2000 } } },
  ],
  [
    'Google',
    google('sandbox/sandbox-large'),
    { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2000 } } },
  ],
  [
    'OpenAI responses',
    openai.responses('sandbox/sandbox-large'),
    { openai: { forceReasoning: true, reasoningEffort: 'high', reasoningSummary: 'auto' } },
  ],
] as const)('thinking of %s is told apart from the answer, streamed or not', async (_name, model, providerOptions) => {
  const ask = { model, prompt: 'Reply with exactly: pong', providerOptions };
  const whole = await generateText(ask);
  const stream = streamText(ask);
  await stream.consumeStream();
  for (const { text, reasoningText } of [
    whole,
    { text: await stream.text, reasoningText: await stream.reasoningText },
  ]) {
    expect(text).toBe('pong');
    expect(reasoningText).toContain('sandbox');
  }
});
