import { expect, test } from 'bun:test';
import type { Part } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { countTokensBody, countTokensRequest, geminiInbound, geminiOutbound } from './index.ts';

const address = { model: 'gemini-3-flash-preview', stream: true };
const parse = (body: JsonObject) => geminiInbound.parseRequest(body, address);
const rebuild = (body: JsonObject, upstream = 'gemini-3-flash-preview') =>
  geminiOutbound.buildRequest(parse(body), { upstream }, {});

const rich: JsonObject = {
  contents: [
    { role: 'user', parts: [{ text: 'Weather in both?' }, { inlineData: { mimeType: 'image/png', data: 'aGk+' } }] },
    {
      role: 'model',
      parts: [
        { text: 'I look.', thought: true },
        { functionCall: { name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'c2lnbmVk' },
        { functionCall: { name: 'get_weather', args: { city: 'Rome' } } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { name: 'get_weather', response: { celsius: 4 } } },
        { functionResponse: { name: 'get_weather', response: { error: 'no such city' } } },
      ],
    },
    { role: 'model', parts: [{ executableCode: { language: 'PYTHON', code: '1+1' } }, { text: 'Four.' }] },
    {
      role: 'user',
      parts: [
        { fileData: { fileUri: 'https://example.org/a.pdf', mimeType: 'application/pdf' } },
        { fileData: { fileUri: 'https://youtu.be/x' }, videoMetadata: { startOffset: '10s' } },
      ],
    },
  ],
  systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
  tools: [
    {
      functionDeclarations: [
        {
          name: 'get_weather',
          description: 'Weather of a city',
          parametersJsonSchema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' },
          behavior: 'BLOCKING',
        },
      ],
    },
    { googleSearch: {} },
  ],
  toolConfig: {
    functionCallingConfig: { mode: 'VALIDATED', allowedFunctionNames: ['get_weather'] },
    retrievalConfig: { languageCode: 'de' },
  },
  generationConfig: {
    temperature: 2,
    topP: 0.9,
    topK: 40,
    maxOutputTokens: 100,
    candidateCount: 2,
    stopSequences: ['END'],
    seed: 7,
    presencePenalty: 0.5,
    frequencyPenalty: -0.5,
    responseLogprobs: true,
    logprobs: 3,
    responseMimeType: 'application/json',
    responseJsonSchema: { type: 'object', properties: { a: { type: 'number', exclusiveMinimum: 0 } } },
    thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
    responseModalities: ['TEXT'],
    mediaResolution: 'MEDIA_RESOLUTION_LOW',
    speechConfig: { languageCode: 'de-DE' },
  },
  serviceTier: 'flex',
  safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
  cachedContent: 'cachedContents/abc',
  labels: { team: 'blue' },
};

test('a body read and written by this wire is the same body, and nothing is lost', () => {
  const { body, losses } = rebuild(rich);
  expect(body).toEqual(rich);
  expect(losses).toEqual([]);
});

test('reading does not change the body', () => {
  const copy = structuredClone(rich);
  parse(rich);
  rebuild(rich);
  expect(rich).toEqual(copy);
});

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const callersOwn = ['args', 'response', 'parametersJsonSchema', 'responseJsonSchema', 'labels'];
function snakeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [snake(key), callersOwn.includes(key) ? field : snakeKeys(field)]),
  );
}

test('snake_case is understood like camelCase', () => {
  const { messages, extensions, ...request } = parse(snakeKeys(rich) as JsonObject);
  const expected = parse(rich);
  expect(request).toEqual({ ...expected, messages: undefined, extensions: undefined } as never);
  const plain = (parts: Part[]) => parts.filter((part) => part.type !== 'opaque');
  expect(messages.map(({ parts }) => plain(parts))).toEqual(expected.messages.map(({ parts }) => plain(parts)));
  expect(Object.keys(extensions.gemini ?? {}).sort()).toEqual(Object.keys(expected.extensions.gemini ?? {}).sort());
});

test('model and stream come from the address', () => {
  const request = parse({ contents: [{ parts: [{ text: 'Hi' }] }], model: 'models/other' });
  expect([request.model, request.stream]).toEqual(['gemini-3-flash-preview', true]);
});

test('a lone content, a lone part, no role and a system string are accepted', () => {
  const { messages } = parse({ contents: { parts: { text: 'Hi' } }, system_instruction: 'Be brief.' });
  expect(messages).toEqual([
    { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
    { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
  ]);
});

test('results without ids answer the calls of their name in order', () => {
  const { messages } = parse({
    contents: [
      { role: 'user', parts: [{ text: 'Go' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'a', args: { n: 1 } } },
          { functionCall: { name: 'b' } },
          { functionCall: { name: 'a', args: { n: 2 } } },
        ],
      },
      {
        role: 'function',
        parts: [
          { functionResponse: { name: 'b', response: { result: 'b' } } },
          { functionResponse: { name: 'a', response: { result: 'first' } } },
          { functionResponse: { name: 'a', response: { result: 'second' } } },
        ],
      },
      { role: 'model', parts: [{ functionCall: { id: 'x', name: 'a' } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'a', response: {} } }, { text: 'and?' }] },
    ],
  });
  const ids = messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : part.type === 'tool-result' ? [part.callId] : [])),
  );
  const [first, second, third, ...answers] = ids;
  expect(new Set([first, second, third]).size).toBe(3);
  expect(answers).toEqual([second!, first!, third!, 'x', 'x']);
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'tool', 'user']);
});

test('the chunks an SDK keeps of a streamed turn become one message', () => {
  const { messages } = parse({
    contents: [
      { role: 'user', parts: [{ text: 'Hi' }] },
      { role: 'model', parts: [{ text: 'Let me ', thought: true }] },
      { role: 'model', parts: [{ text: 'think.', thought: true }] },
      { role: 'model', parts: [{ text: 'Hel' }] },
      { role: 'model', parts: [{ text: 'lo' }] },
      { role: 'model', parts: [{ text: '', thoughtSignature: 'c2ln' }] },
    ],
  });
  expect(messages[1]?.parts).toEqual([
    { type: 'reasoning', text: 'Let me think.' },
    { type: 'text', text: 'Hello' },
    { type: 'text', text: '', signature: { origin: 'gemini', on: 'text', value: 'c2ln' } },
  ]);
});

test('an OpenAPI schema becomes JSON Schema', () => {
  const [tool] = parse({
    contents: [{ parts: [{ text: 'Hi' }] }],
    tools: [
      {
        function_declarations: [
          {
            name: 'f',
            parameters: {
              type: 'OBJECT',
              properties: {
                type: { type: 'STRING', format: 'enum', enum: ['a', 'b'], nullable: true },
                list: { type: 'ARRAY', items: { type: 'INTEGER', format: 'int32' }, max_items: '5' },
                either: { any_of: [{ type: 'NUMBER' }, { type: 'BOOLEAN' }] },
              },
              required: ['list'],
              propertyOrdering: ['list', 'type'],
            },
          },
        ],
      },
    ],
  }).tools;
  expect(tool?.type === 'function' && tool.parameters).toEqual({
    type: 'object',
    properties: {
      type: { type: ['string', 'null'], enum: ['a', 'b', null] },
      list: { type: 'array', items: { type: 'integer', format: 'int32' }, maxItems: 5 },
      either: { anyOf: [{ type: 'number' }, { type: 'boolean' }] },
    },
    required: ['list'],
    propertyOrdering: ['list', 'type'],
  });
});

const choice = (functionCallingConfig: JsonObject) =>
  parse({ contents: [{ parts: [{ text: 'Hi' }] }], toolConfig: { functionCallingConfig } }).toolChoice;

test('every calling mode is a tool choice', () => {
  expect(choice({ mode: 'AUTO' })).toEqual({ type: 'auto' });
  expect(choice({ mode: 'none' })).toEqual({ type: 'none' });
  expect(choice({ mode: 'ANY' })).toEqual({ type: 'required' });
  expect(choice({ mode: 'ANY', allowedFunctionNames: ['f'] })).toEqual({ type: 'tool', name: 'f' });
  expect(choice({ mode: 'ANY', allowed_function_names: ['f', 'g'] })).toEqual({
    type: 'allowed',
    names: ['f', 'g'],
    required: true,
  });
  expect(choice({ mode: 'VALIDATED', allowedFunctionNames: ['f'] })).toEqual({
    type: 'allowed',
    names: ['f'],
    required: false,
  });
});

test('a budget of 0 forbids thinking and -1 leaves it to the model', () => {
  const reasoning = (thinkingConfig: JsonObject) =>
    parse({ contents: [{ parts: [{ text: 'Hi' }] }], generationConfig: { thinkingConfig } }).reasoning;
  expect(reasoning({ thinkingBudget: 0 })).toEqual({ enabled: false });
  expect(reasoning({ thinkingBudget: -1 })).toEqual({ adaptive: true });
  expect(reasoning({ thinking_budget: 512, include_thoughts: true })).toEqual({ budgetTokens: 512, include: true });
  expect(reasoning({ thinkingLevel: 'high' })).toEqual({ effort: 'high' });
});

test('URL-safe base64 is made standard', () => {
  const { messages } = parse({ contents: [{ parts: [{ inline_data: { mime_type: 'audio/mp3', data: '-_-_' } }] }] });
  expect(messages[0]?.parts[0]).toEqual({
    type: 'audio',
    source: { kind: 'base64', data: '+/+/', mediaType: 'audio/mp3' },
    format: 'mp3',
  });
});

test('a foreign signature and hidden thinking come back as they left', () => {
  const signature = { origin: 'anthropic' as const, on: 'thought' as const, value: 'EqQB+/=' };
  const context = { ...answerFields, losses: [] };
  const answer = geminiInbound.buildAnswer(
    {
      choices: [
        {
          index: 0,
          parts: [
            { type: 'reasoning', text: 'Hm.', signature },
            { type: 'reasoning', text: '', redacted: 'hidden+data==' },
            { type: 'text', text: 'Yes.' },
          ],
        },
      ],
      usage: parseUsageOf(),
    },
    context,
  );
  const [candidate] = answer.candidates as { content: { parts: JsonObject[] } }[];
  // A bytes field: the Python SDK refuses anything else.
  for (const { thoughtSignature } of candidate!.content.parts)
    if (thoughtSignature) expect(thoughtSignature as string).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
  const { messages } = parse({ contents: [{ parts: [{ text: '?' }] }, candidate!.content] });
  expect(messages[1]?.parts).toEqual([
    { type: 'reasoning', text: 'Hm.', signature },
    { type: 'reasoning', text: '', redacted: 'hidden+data==' },
    { type: 'text', text: 'Yes.' },
  ]);
});

const answerFields = {
  requestId: 'r',
  request: parse({ contents: [{ parts: [{ text: 'Hi' }] }] }),
  model: 'm',
  nowSeconds: 0,
  newId: () => 'id',
};
const parseUsageOf = () => ({
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  audioInput: 0,
  output: 0,
  reasoning: 0,
  audioOutput: 0,
});

const hello = [{ parts: [{ text: 'Hi' }] }];
const refused: [string, unknown, string | undefined][] = [
  ['a body that is no object', [], undefined],
  ['no contents', {}, 'contents'],
  ['an empty list', { contents: [] }, 'contents'],
  ['a content that is a string', { contents: ['Hi'] }, 'contents[0]'],
  ['a role of another dialect', { contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] }, 'contents[0].role'],
  ['text that is a number', { contents: [{ parts: [{ text: 1 }] }] }, 'contents[0].parts[0].text'],
  ['an empty part', { contents: [{ parts: [{}] }] }, 'contents[0].parts[0]'],
  [
    'media without a type',
    { contents: [{ parts: [{ inlineData: { data: 'x' } }] }] },
    'contents[0].parts[0].inlineData.mimeType',
  ],
  [
    'a call without a name',
    { contents: [{ role: 'model', parts: [{ functionCall: {} }] }] },
    'contents[0].parts[0].functionCall.name',
  ],
  [
    'args that are a list',
    { contents: [{ role: 'model', parts: [{ functionCall: { name: 'f', args: [] } }] }] },
    'contents[0].parts[0].functionCall.args',
  ],
  ['a temperature of 2.1', { contents: hello, generationConfig: { temperature: 2.1 } }, 'generationConfig.temperature'],
  [
    'a temperature in words',
    { contents: hello, generation_config: { temperature: 'warm' } },
    'generationConfig.temperature',
  ],
  [
    'no tokens at all',
    { contents: hello, generationConfig: { maxOutputTokens: 0 } },
    'generationConfig.maxOutputTokens',
  ],
  [
    'a stop that is no list',
    { contents: hello, generationConfig: { stopSequences: 'x' } },
    'generationConfig.stopSequences',
  ],
  [
    'a stop that is no string',
    { contents: hello, generationConfig: { stopSequences: ['a', 1] } },
    'generationConfig.stopSequences[1]',
  ],
  [
    'an unknown level',
    { contents: hello, generationConfig: { thinkingConfig: { thinkingLevel: 'HUGE' } } },
    'generationConfig.thinkingConfig.thinkingLevel',
  ],
  [
    'an unknown mode',
    { contents: hello, toolConfig: { functionCallingConfig: { mode: 'SOME' } } },
    'toolConfig.functionCallingConfig.mode',
  ],
  [
    'a tool without a name',
    { contents: hello, tools: [{ functionDeclarations: [{}] }] },
    'tools[0].functionDeclarations[0].name',
  ],
  ['a system instruction in numbers', { contents: hello, systemInstruction: 7 }, 'systemInstruction'],
];

for (const [what, body, param] of refused) {
  test(`${what} is refused, and the field is named`, () => {
    try {
      geminiInbound.parseRequest(body, address);
      throw new Error('accepted');
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      expect([error.code, error.facts.param]).toEqual(['invalid_request', param]);
      expect(error.message.length).toBeGreaterThan(10);
    }
  });
}

test('field names of the caller never reach a prototype', () => {
  const body = JSON.parse(
    '{"contents":[{"parts":[{"text":"Hi"}]}],"__proto__.polluted":1,"a.b":2,"__proto__":{"x":1}}',
  );
  const { body: built } = rebuild(body);
  expect(({} as JsonObject).polluted).toBeUndefined();
  expect(built['a.b']).toBe(2);
});

test('countTokens takes both forms and asks in the inner one', () => {
  const plain = countTokensRequest({ contents: hello }, { model: 'gemini-3-pro' });
  expect(plain.model).toBe('gemini-3-pro');
  const inner = countTokensRequest({
    generate_content_request: { model: 'models/gemini-2.5-flash', contents: hello, systemInstruction: 'Short.' },
  });
  expect([inner.model, inner.messages.length]).toEqual(['gemini-2.5-flash', 2]);
  expect(countTokensBody(inner, { upstream: 'gemini-2.5-flash' }).body).toEqual({
    generateContentRequest: {
      model: 'models/gemini-2.5-flash',
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      systemInstruction: { parts: [{ text: 'Short.' }] },
    },
  });
});
