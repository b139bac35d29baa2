import { expect, test } from 'bun:test';
import OpenAI from 'openai';
import type { EmbeddingsRequest } from '../../core/embeddings.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { usageOf } from '../../core/usage.ts';
import { geminiEmbeddings } from '../gemini-embeddings/index.ts';
import { decodeFloats, encodeFloats } from './float-base64.ts';
import { openAiEmbeddings } from './index.ts';

const parse = (body: unknown): EmbeddingsRequest => openAiEmbeddings.parseRequest(body);

test('every form of input is read, and written back the same', () => {
  const forms: [unknown, unknown[], boolean][] = [
    ['one', ['one'], false],
    [['one'], ['one'], true],
    [['one', 'two'], ['one', 'two'], true],
    [[1, 2, 3], [[1, 2, 3]], false],
    [[[1, 2], [3]], [[1, 2], [3]], true],
  ];
  for (const [input, inputs, batch] of forms) {
    const body = { model: 'embed', input, dimensions: 8, user: 'u', encoding_format: 'base64', extra: 1 };
    const request = parse(body);
    expect([request.inputs, request.batch]).toEqual([inputs as never, batch]);
    expect(openAiEmbeddings.buildRequest(request, 'up')).toEqual({ body: { ...body, model: 'up' }, losses: [] });
  }
});

test('base64 is little-endian 32-bit floats', () => {
  expect(encodeFloats([1, -2])).toBe('AACAPwAAAMA=');
  expect(decodeFloats('AACAPwAAAMA=')).toEqual([1, -2]);
  expect(decodeFloats('AACA')).toBeUndefined();
  expect(decodeFloats('')).toBeUndefined();
});

test('vectors are read from floats and from base64, in the order of their index', () => {
  const answer = openAiEmbeddings.parseAnswer({
    model: 'm',
    data: [
      { index: 1, embedding: [0.25, 4] },
      { index: 0, embedding: encodeFloats([1, -2]) },
    ],
    usage: { prompt_tokens: 7, total_tokens: 7 },
  });
  expect(answer).toEqual({
    model: 'm',
    vectors: [
      [1, -2],
      [0.25, 4],
    ],
    usage: usageOf({ input: 7 }),
  });
  expect(openAiEmbeddings.parseAnswer({ data: [{ embedding: [1] }] }).usage).toBeUndefined();
});

test('an answer with the wrong number of vectors, or none, is refused', () => {
  const bad: [unknown, number][] = [
    [{}, 1],
    [{ data: [] }, 1],
    [{ data: [{ embedding: [1] }] }, 2],
    [{ data: [{ embedding: ['x'] }] }, 1],
    [{ data: [{ embedding: 'AACA' }] }, 1],
    [null, 1],
  ];
  for (const [body, inputs] of bad) expect(() => openAiEmbeddings.parseAnswer(body, inputs)).toThrow(SluiceError);
});

const refused: [unknown, string][] = [
  [{ input: 'x' }, 'model'],
  [{ model: 'm' }, 'input'],
  [{ model: 'm', input: [] }, 'input'],
  [{ model: 'm', input: '' }, 'input'],
  [{ model: 'm', input: ['a', ''] }, 'input[1]'],
  [{ model: 'm', input: ['a', 1] }, 'input[1]'],
  [{ model: 'm', input: [[1.5]] }, 'input[0]'],
  [{ model: 'm', input: 'x', dimensions: 0 }, 'dimensions'],
  [{ model: 'm', input: 'x', encoding_format: 'int8' }, 'encoding_format'],
  [{ model: 'm', input: 'x', user: 1 }, 'user'],
];
for (const [body, param] of refused) {
  test(`${JSON.stringify(body)} is refused because of ${param}`, () => {
    let thrown: unknown;
    try {
      parse(body);
    } catch (error) {
      thrown = error;
    }
    expect(thrown instanceof SluiceError && [thrown.code, thrown.facts.param]).toEqual(['invalid_request', param]);
  });
}

test("a Gemini caller's request goes to OpenAI, its own fields reported", () => {
  const request = geminiEmbeddings.parseRequest(
    {
      requests: [
        { content: { parts: [{ text: 'a' }] }, taskType: 'RETRIEVAL_DOCUMENT', title: 'T', outputDimensionality: 4 },
        { content: { parts: [{ text: 'b' }] }, taskType: 'RETRIEVAL_DOCUMENT', title: 'T', outputDimensionality: 4 },
      ],
    },
    { model: 'm', batch: true },
  );
  const { body, losses } = openAiEmbeddings.buildRequest(request, 'up');
  expect(body).toEqual({ model: 'up', input: ['a', 'b'], dimensions: 4 });
  expect(losses.map(({ field }) => field)).toEqual(['taskType', 'title']);
});

test('the official SDK, which asks for base64 by itself, gets its floats', async () => {
  const client = new OpenAI({
    apiKey: 'test',
    baseURL: 'http://127.0.0.1:1/v1',
    fetch: async (_url, init) => {
      const request = parse(JSON.parse(String(init?.body)));
      expect(request.encodingFormat).toBe('base64');
      const answer = { vectors: request.inputs.map((_, index) => [index, 0.5]), usage: usageOf({ input: 3 }) };
      return Response.json(openAiEmbeddings.buildAnswer(answer, request, 'embed'));
    },
  });
  const { data, model, usage } = await client.embeddings.create({ model: 'embed', input: ['a', 'b'] });
  expect(data.map(({ embedding }) => Array.from(embedding))).toEqual([
    [0, 0.5],
    [1, 0.5],
  ]);
  expect([model, usage]).toEqual(['embed', { prompt_tokens: 3, total_tokens: 3 }]);
});
