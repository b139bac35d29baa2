import { expect, test } from 'bun:test';
import type { ChatRequest, Part } from './chat-request.ts';
import { needsOf, needsOfEmbeddings } from './request-needs.ts';

function requestOf(parts: Part[], fields: Partial<ChatRequest> = {}): ChatRequest {
  return {
    dialect: 'openai-chat',
    model: 'm',
    messages: [{ role: 'user', parts }],
    tools: [],
    stop: [],
    n: 1,
    stream: false,
    includeUsage: false,
    extensions: {},
    ...fields,
  };
}
const url = { kind: 'url', url: 'https://example.com/x' } as const;

test('a plain question needs nothing but room', () => {
  expect(needsOf(requestOf([{ type: 'text', text: 'hello there' }]))).toEqual({
    inputTokensEstimate: 2,
    tools: false,
    vision: false,
    documents: false,
    audioIn: false,
    videoIn: false,
    audioOut: false,
    imageOut: false,
    jsonSchema: false,
    reasoning: false,
    embeddings: false,
  });
});

test('media are needed wherever they stand, also in the results of tools', () => {
  const result: Part = { type: 'tool-result', callId: '1', parts: [{ type: 'image', source: url }] };
  expect(needsOf(requestOf([result]))).toMatchObject({ vision: true, audioIn: false });
  expect(
    needsOf(
      requestOf([
        { type: 'audio', source: url },
        { type: 'video', source: url },
      ]),
    ),
  ).toMatchObject({
    audioIn: true,
    videoIn: true,
    vision: false,
  });
});

test('a plain text document is text to any model', () => {
  const plain: Part = { type: 'document', source: { kind: 'base64', data: 'aGk=', mediaType: 'text/plain' } };
  const pdf: Part = { type: 'document', source: { kind: 'base64', data: 'aGk=', mediaType: 'application/pdf' } };
  expect(needsOf(requestOf([plain])).documents).toBe(false);
  expect(needsOf(requestOf([plain, pdf])).documents).toBe(true);
  expect(needsOf(requestOf([{ type: 'document', source: { kind: 'file-id', id: 'file_1' } }])).documents).toBe(true);
});

test('functions of the caller need a model that calls tools, a provider’s own tools do not', () => {
  const native = { type: 'native', wire: 'openai-responses', what: 'web_search', value: {} } as const;
  expect(needsOf(requestOf([], { tools: [native] })).tools).toBe(false);
  expect(needsOf(requestOf([], { tools: [native, { type: 'function', name: 'f' }] })).tools).toBe(true);
});

test('a JSON schema is more than JSON', () => {
  expect(needsOf(requestOf([], { responseFormat: { type: 'json' } })).jsonSchema).toBe(false);
  expect(needsOf(requestOf([], { responseFormat: { type: 'json-schema', name: 'n', schema: {} } })).jsonSchema).toBe(
    true,
  );
});

test('the answer asked for is carried over', () => {
  const needs = needsOf(requestOf([], { modalities: ['text', 'audio'], maxOutputTokens: 99 }));
  expect(needs).toMatchObject({ audioOut: true, imageOut: false, maxOutputTokens: 99 });
});

test.each([
  [{ enabled: true }, true],
  [{ effort: 'high' }, true],
  [{ budgetTokens: 1_024 }, true],
  [{ adaptive: true }, true],
  [{ effort: 'none' }, false],
  [{ enabled: false, budgetTokens: 1_024 }, false],
  [{ budgetTokens: 0 }, false],
  [{ include: true }, false],
] as const)('thinking %o is needed: %p', (reasoning, expected) => {
  expect(needsOf(requestOf([], { reasoning })).reasoning).toBe(expected);
});

test('embeddings need room for the longest input alone', () => {
  const inputs = ['two words', [1, 2, 3, 4], 'one'];
  const needs = needsOfEmbeddings({
    dialect: 'openai',
    model: 'm',
    inputs,
    encodingFormat: 'float',
    batch: true,
    extensions: {},
  });
  expect(needs).toMatchObject({ inputTokensEstimate: 4, embeddings: true, tools: false });
});
