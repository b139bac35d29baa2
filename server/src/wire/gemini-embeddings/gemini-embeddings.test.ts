import { expect, test } from 'bun:test';
import { SluiceError } from '../../core/sluice-error.ts';
import { usageOf } from '../../core/usage.ts';
import { openAiEmbeddings } from '../openai-embeddings/index.ts';
import { geminiEmbeddings } from './index.ts';

const single = { model: 'embed', batch: false };
const batch = { model: 'embed', batch: true };
const content = (text: string) => ({ parts: [{ text }] });

test('embedContent and batchEmbedContents are read and written back the same', () => {
  const settings = { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 256 };
  const one = { model: 'models/up', content: content('a'), ...settings };
  const request = geminiEmbeddings.parseRequest(one, single);
  expect(request).toMatchObject({
    model: 'embed',
    inputs: ['a'],
    dimensions: 256,
    taskType: 'RETRIEVAL_QUERY',
    batch: false,
  });
  expect(geminiEmbeddings.buildRequest(request, 'up')).toEqual({ body: one, losses: [] });
  const many = { requests: [one, { ...one, content: content('b') }] };
  expect(geminiEmbeddings.buildRequest(geminiEmbeddings.parseRequest(many, batch), 'up')).toEqual({
    body: many,
    losses: [],
  });
});

test('settings that differ within a batch stay with their input', () => {
  const requests = [
    { model: 'models/up', content: content('a'), taskType: 'RETRIEVAL_QUERY' },
    { model: 'models/up', content: content('b'), title: 'B' },
  ];
  const request = geminiEmbeddings.parseRequest({ requests }, batch);
  expect(request.taskType).toBeUndefined();
  expect(geminiEmbeddings.buildRequest(request, 'up').body).toEqual({ requests });
  expect(openAiEmbeddings.buildRequest(request, 'up').losses.map(({ field }) => field)).toEqual([
    'requests[].taskType',
    'requests[].title',
  ]);
});

test('snake_case and the newer embedContentConfig are understood', () => {
  const request = geminiEmbeddings.parseRequest(
    { content: content('a'), embed_content_config: { task_type: 'CLUSTERING', output_dimensionality: 3 } },
    single,
  );
  expect([request.taskType, request.dimensions]).toEqual(['CLUSTERING', 3]);
});

test('media is kept for Gemini and refused for a model of texts', () => {
  const body = { content: { parts: [{ text: 'a' }, { inlineData: { mimeType: 'image/png', data: 'aGk=' } }] } };
  const request = geminiEmbeddings.parseRequest(body, single);
  expect(geminiEmbeddings.buildRequest(request, 'up').body.content).toEqual(body.content);
  expect(() => openAiEmbeddings.buildRequest(request, 'up')).toThrow('embeds text only');
});

test('tokens of another vocabulary are refused, what OpenAI alone has is reported', () => {
  const tokens = openAiEmbeddings.parseRequest({ model: 'm', input: [1, 2] });
  try {
    geminiEmbeddings.buildRequest(tokens, 'up');
    throw new Error('accepted');
  } catch (error) {
    expect(error instanceof SluiceError && [error.code, error.facts.param]).toEqual([
      'unsupported_capability',
      'input[0]',
    ]);
  }
  const { body, losses } = geminiEmbeddings.buildRequest(
    openAiEmbeddings.parseRequest({ model: 'm', input: ['a'], user: 'u', dimensions: 4, extra: 1 }),
    'models/up',
  );
  expect(body).toEqual({ requests: [{ model: 'models/up', content: content('a'), outputDimensionality: 4 }] });
  expect(losses.map(({ field }) => field)).toEqual(['user', 'extra']);
});

test('both forms of answer are read and written in the form of the operation', () => {
  const usageMetadata = { promptTokenCount: 3, totalTokenCount: 3 };
  const one = { embedding: { values: [1, 2] }, usageMetadata };
  const many = { embeddings: [{ values: [1, 2] }, { values: [3, 4] }] };
  const answer = geminiEmbeddings.parseAnswer(one, 1);
  expect(answer).toEqual({ vectors: [[1, 2]], usage: usageOf({ input: 3 }) });
  const request = geminiEmbeddings.parseRequest({ content: content('a') }, single);
  expect(geminiEmbeddings.buildAnswer(answer, request, 'm')).toEqual(one);
  const asked = geminiEmbeddings.parseRequest({ requests: [{ content: content('a') }, { content: content('b') }] });
  expect(geminiEmbeddings.buildAnswer(geminiEmbeddings.parseAnswer(many, 2), asked, 'm')).toEqual(many);
  for (const body of [{}, null, { embeddings: [] }, { embedding: { values: ['x'] } }])
    expect(() => geminiEmbeddings.parseAnswer(body)).toThrow(SluiceError);
  expect(() => geminiEmbeddings.parseAnswer(many, 3)).toThrow('2 embeddings for 3 inputs');
});

test('bad bodies are refused, and the field is named', () => {
  const refused: [unknown, { model: string; batch: boolean }, string | undefined][] = [
    [[], single, undefined],
    [{}, single, 'content'],
    [{ content: { parts: [] } }, single, 'content'],
    [{ content: content('') }, single, 'content'],
    [{ content: { parts: [{ text: 1 }] } }, single, 'content.parts[0].text'],
    [{ requests: [] }, batch, 'requests'],
    [{ requests: [{ content: content('a') }, {}] }, batch, 'requests[1].content'],
    [{ content: content('a'), outputDimensionality: 1.5 }, single, 'outputDimensionality'],
    [{ content: content('a'), taskType: 1 }, single, 'taskType'],
  ];
  for (const [body, address, param] of refused) {
    let thrown: unknown;
    try {
      geminiEmbeddings.parseRequest(body, address);
    } catch (error) {
      thrown = error;
    }
    expect(thrown instanceof SluiceError && [thrown.code, thrown.facts.param]).toEqual(['invalid_request', param]);
  }
});
