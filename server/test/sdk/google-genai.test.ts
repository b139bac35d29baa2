import { afterAll, describe, expect, test } from 'bun:test';
import {
  ApiError,
  type CallableTool,
  type FunctionCall,
  FunctionCallingConfigMode,
  type FunctionDeclaration,
  type GenerateContentConfig,
  GoogleGenAI,
  Type,
} from '@google/genai';
import { drain, errorOf } from './error-of.ts';
import { sandboxes, startGateway } from './gateway-process.ts';
import { redPng, tinyPdf } from './samples.ts';

const faults = ['error-400', 'error-429', 'error-500', 'error-timeout', 'stream-error'];
const gateway = await startGateway({ config: sandboxes(...faults) });
afterAll(gateway.stop);

const small = 'sandbox/sandbox-small';
const large = 'sandbox/sandbox-large';
const embedding = 'sandbox/sandbox-embedding';
const city = { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] };
const weather: FunctionDeclaration = { name: 'get_weather', description: 'The weather of a city', parameters: city };
const time: FunctionDeclaration = {
  name: 'get_time',
  description: 'The local time of a city',
  parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const tools = [{ functionDeclarations: [weather, time] }];

// Without an apiVersion the SDK says v1beta.
describe.each([undefined, 'v1', 'v1beta'])('with the apiVersion %s', (apiVersion) => {
  const client = new GoogleGenAI({ apiKey: gateway.adminKey, apiVersion, httpOptions: { baseUrl: gateway.url } });
  const generate = (contents: string, config: GenerateContentConfig = {}, model = small) =>
    client.models.generateContent({ model, contents, config });
  const generateStream = async (contents: string, config: GenerateContentConfig = {}) => {
    const calls: FunctionCall[] = [];
    let text = '';
    let usage: number | undefined;
    let finish: string | undefined;
    for await (const chunk of await client.models.generateContentStream({ model: small, contents, config })) {
      for (const part of chunk.candidates?.[0]?.content?.parts ?? []) text += part.thought ? '' : (part.text ?? '');
      calls.push(...(chunk.functionCalls ?? []));
      usage = chunk.usageMetadata?.totalTokenCount ?? usage;
      finish = chunk.candidates?.[0]?.finishReason ?? finish;
    }
    return { text, calls, usage, finish };
  };

  test('content is generated, streamed and not, with usage', async () => {
    const whole = await generate('Write two sentences about rivers.', { systemInstruction: 'Be brief.' });
    expect(whole.text).not.toBe('');
    expect(whole.candidates![0]!.finishReason).toBe('STOP' as never);
    const { promptTokenCount, candidatesTokenCount, totalTokenCount } = whole.usageMetadata!;
    expect(totalTokenCount).toBe(promptTokenCount! + candidatesTokenCount!);
    const streamed = await generateStream('Write two sentences about rivers.', { systemInstruction: 'Be brief.' });
    expect(streamed).toEqual({ text: whole.text!, calls: [], usage: totalTokenCount, finish: 'STOP' });
  });

  test.each([
    ['NONE', undefined, 'Weather in Rome?', []],
    ['AUTO', undefined, 'Weather in Rome?', ['get_weather']],
    ['AUTO', undefined, 'Tell me a joke.', []],
    ['ANY', undefined, 'Tell me a joke.', ['get_weather']],
    ['ANY', ['get_time'], 'Weather in Rome?', ['get_time']],
    ['AUTO', undefined, 'Weather and time in Rome?', ['get_weather', 'get_time']],
  ] as const)('functions in mode %s of %p to %p: %p', async (mode, allowedFunctionNames, contents, expected) => {
    const functionCallingConfig = {
      mode: FunctionCallingConfigMode[mode],
      ...(allowedFunctionNames && { allowedFunctionNames: [...allowedFunctionNames] }),
    };
    const config = { tools, toolConfig: { functionCallingConfig } };
    const whole = (await generate(contents, config)).functionCalls ?? [];
    const streamed = (await generateStream(contents, config)).calls;
    for (const calls of [whole, streamed]) {
      expect(calls.map(({ name }) => name!)).toEqual([...expected]);
      for (const { args } of calls) expect(args).toHaveProperty('city');
    }
  });

  test('a chat answers two calls of one name, by their order when the caller gives no ids', async () => {
    for (const withIds of [true, false]) {
      const chat = client.chats.create({ model: small, config: { tools } });
      const first = await chat.sendMessage({ message: 'Weather in Paris and in Rome?' });
      const calls = first.functionCalls!;
      expect(calls.map(({ name, args }) => [name!, args!.city])).toEqual([
        ['get_weather', 'Paris'],
        ['get_weather', 'Rome'],
      ]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
      const results = calls.map(({ id, name, args }) => ({
        functionResponse: { ...(withIds && { id }), name: name!, response: { output: `sunny in ${args!.city}` } },
      }));
      const second = await chat.sendMessage({ message: results });
      expect(second.text).toContain('sunny in Paris');
      expect(second.text).toContain('sunny in Rome');
      expect(chat.getHistory()).toHaveLength(4);
    }
  });

  test('a chat remembers over streamed turns', async () => {
    const chat = client.chats.create({ model: small });
    await drain(await chat.sendMessageStream({ message: 'My name is Ada.' }));
    expect((await chat.sendMessage({ message: 'What is my name?' })).text).toContain('Ada');
  });

  test("the SDK's automatic function calling runs to its end", async () => {
    const tool: CallableTool = {
      tool: async () => ({ functionDeclarations: [weather] }),
      callTool: async (calls) =>
        calls.map(({ id, name, args }) => ({
          functionResponse: { id, name, response: { output: `${args!.city}: 21 degrees` } },
        })),
    };
    const answer = await generate('What is the weather in Oslo?', { tools: [tool] });
    expect(answer.text).toContain('Oslo: 21 degrees');
  });

  test('an answer follows a schema in either of the two forms', async () => {
    const responseMimeType = 'application/json';
    const own = {
      type: Type.OBJECT,
      properties: { name: { type: Type.STRING }, age: { type: Type.INTEGER } },
      required: ['name', 'age'],
    };
    const standard = {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer' } },
      required: ['name', 'age'],
    };
    for (const config of [
      { responseMimeType, responseSchema: own },
      { responseMimeType, responseJsonSchema: standard },
    ]) {
      const whole = await generate('Ada Lovelace is 36 years old.', config);
      expect(JSON.parse(whole.text!)).toEqual({ name: expect.any(String), age: expect.any(Number) });
      expect((await generateStream('Ada Lovelace is 36 years old.', config)).text).toBe(whole.text!);
    }
    expect(JSON.parse((await generate('List three colours.', { responseMimeType })).text!)).toBeDefined();
  });

  test('limits, stop sequences, candidates and seeds are heeded', async () => {
    const cut = await generate('Reply with exactly: one two three four', { maxOutputTokens: 2 });
    expect(cut.candidates![0]!.finishReason).toBe('MAX_TOKENS' as never);
    const stopped = await generate('Reply with exactly: alpha beta gamma', { stopSequences: [' gamma'] });
    expect(stopped.text).toBe('alpha beta');
    expect((await generate('Tell me about stone.', { candidateCount: 3 })).candidates).toHaveLength(3);
    expect((await generate('Tell me about light.', { seed: 7 })).text).toBe(
      (await generate('Tell me about light.', { seed: 7 })).text!,
    );
  });

  test('a thinking model shows its thoughts apart from its answer', async () => {
    const thinkingConfig = { includeThoughts: true, thinkingBudget: 2000 };
    const answer = await generate('Reply with exactly: pong', { thinkingConfig }, large);
    expect(answer.text).toBe('pong');
    expect(answer.candidates![0]!.content!.parts!.some(({ thought }) => thought)).toBe(true);
    expect(answer.usageMetadata!.thoughtsTokenCount).toBeGreaterThan(0);
  });

  test('pictures and documents are seen', async () => {
    const answer = await client.models.generateContent({
      model: large,
      contents: [
        'What do you see?',
        { inlineData: { mimeType: 'image/png', data: redPng } },
        { inlineData: { mimeType: 'application/pdf', data: tinyPdf } },
      ],
    });
    expect(answer.text).toContain('1x1 pixels');
    expect(answer.text).toContain('application/pdf');
  });

  test('tokens are counted as they are charged', async () => {
    const contents = 'Tell me a long story about a river, a mill and a stubborn miller. '.repeat(20);
    const { totalTokens } = await client.models.countTokens({ model: small, contents });
    const { usageMetadata } = await generate(contents, { maxOutputTokens: 1 });
    expect(totalTokens).toBe(usageMetadata!.promptTokenCount!);
  });

  test('one text and several are embedded, with fewer dimensions when asked', async () => {
    const one = await client.models.embedContent({ model: embedding, contents: 'a river' });
    expect(one.embeddings!.map(({ values }) => values!.length)).toEqual([1536]);
    const config = { outputDimensionality: 64 };
    const many = await client.models.embedContent({ model: embedding, contents: ['a river', 'a stone'], config });
    expect(many.embeddings!.map(({ values }) => values!.length)).toEqual([64, 64]);
    expect(many.embeddings![0]!.values).not.toEqual(many.embeddings![1]!.values!);
  });

  test('models are listed and got, names with slashes included', async () => {
    const names: string[] = [];
    for await (const { name, supportedActions } of await client.models.list()) {
      expect(supportedActions).not.toBeEmpty();
      names.push(name!);
    }
    expect(names).toEqual(expect.arrayContaining([`models/${small}`, `models/${large}`, `models/${embedding}`]));
    for (const name of names) expect((await client.models.get({ model: name })).name).toBe(name);
    expect((await client.models.get({ model: small })).inputTokenLimit).toBe(32_768);
    expect(await errorOf(client.models.get({ model: 'models/nobody/nothing' }))).toMatchObject({ status: 404 });
  });

  test.each([
    ['error-400', 400, 'INVALID_ARGUMENT'],
    ['error-429', 429, 'RESOURCE_EXHAUSTED'],
    ['error-500', 503, 'UNAVAILABLE'],
    ['error-timeout', 504, 'DEADLINE_EXCEEDED'],
  ] as const)('%s becomes an ApiError in the form of Google', async (fault, code, status) => {
    const contents = `sandbox:${fault.replace('-', '=')}`;
    const error = await errorOf(generate(contents, {}, `${fault}/sandbox-small`));
    expect(error).toBeInstanceOf(ApiError);
    expect(error.status).toBe(code);
    expect(JSON.parse(error.message).error).toMatchObject({ code, status, message: expect.any(String) });
  });

  test('a stream that fails in the middle does not end as if it were whole', async () => {
    const contents = 'sandbox:stream-error';
    const model = 'stream-error/sandbox-small';
    const finishes: unknown[] = [];
    const read = async () => {
      for await (const { candidates } of await client.models.generateContentStream({ model, contents }))
        finishes.push(candidates?.[0]?.finishReason);
    };
    expect(await errorOf(read())).toBeInstanceOf(Error);
    expect(finishes.filter(Boolean)).toEqual([]);
  });

  test('an unknown key is refused in the form of Google', async () => {
    const stranger = new GoogleGenAI({ apiKey: 'nobody', apiVersion, httpOptions: { baseUrl: gateway.url } });
    const error = await errorOf(stranger.models.generateContent({ model: small, contents: 'Hello' }));
    expect(error).toBeInstanceOf(ApiError);
    expect(JSON.parse(error.message).error).toMatchObject({ code: 401, status: 'UNAUTHENTICATED' });
  });
});
