import { expect, test } from 'bun:test';
import { client, send } from './test-client.ts';

const model = 'sandbox-embedding';
const embed = async (input: string | string[], dimensions?: number) => {
  const answer = await client.embeddings.create({ model, input, ...(dimensions && { dimensions }) });
  return answer.data.map((item) => item.embedding);
};
const dot = (one: number[], other: number[]) => one.reduce((sum, value, index) => sum + value * other[index]!, 0);

test('vectors have 1536 dimensions or as many as asked for, and length one', async () => {
  for (const dimensions of [undefined, 1, 2, 64, 256, 1536]) {
    const [vector] = await embed('The quick brown fox.', dimensions);
    expect(vector).toHaveLength(dimensions ?? 1536);
    expect(dot(vector!, vector!)).toBeCloseTo(1, 5);
  }
});

test('the more words two texts share, the closer they are', async () => {
  const [cats, cat, other, same] = await embed([
    'How do I feed my cats in the morning?',
    'feeding a cat every morning',
    'The stock market fell sharply on Tuesday',
    'How do I feed my cats in the morning?',
  ]);
  expect(dot(cats!, same!)).toBeCloseTo(1, 6);
  expect(dot(cats!, cat!)).toBeGreaterThan(0.3);
  expect(dot(cats!, cat!)).toBeGreaterThan(dot(cats!, other!) + 0.25);
});

test('texts without words still get vectors, each its own', async () => {
  const [signs, others] = await embed(['!!!', '???']);
  expect(dot(signs!, signs!)).toBeCloseTo(1, 5);
  expect(dot(signs!, others!)).toBeLessThan(0.9);
});

test('floats and base64 hold the same numbers', async () => {
  const body = { model, input: 'hello world', dimensions: 32 };
  const read = async (encoding_format: string) => {
    const response = await send({ ...body, encoding_format }, { operation: 'embeddings' });
    return ((await response.json()) as { data: { embedding: unknown }[] }).data[0]!.embedding;
  };
  const bytes = Buffer.from((await read('base64')) as string, 'base64');
  const floats = (await read('float')) as number[];
  expect(bytes).toHaveLength(32 * 4);
  for (const [index, value] of floats.entries()) expect(bytes.readFloatLE(index * 4)).toBeCloseTo(value, 6);
});

test('usage counts the tokens of all inputs, words or token ids', async () => {
  const words = await client.embeddings.create({ model, input: ['one two', 'three'] });
  expect(words.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  const ids = await client.embeddings.create({ model, input: [[1, 2, 3], [4]] });
  expect(ids.usage.prompt_tokens).toBe(4);
  expect(ids.data.map((item) => item.index)).toEqual([0, 1]);
});

test.each<[Record<string, unknown>, string]>([
  [{ input: undefined }, 'input'],
  [{ input: '' }, 'input'],
  [{ input: ['a', ''] }, 'input[1]'],
  [{ input: [] }, 'input'],
  [{ input: ['a', 3] }, 'input[1]'],
  [{ input: 'a', dimensions: 4000 }, 'dimensions'],
  [{ input: 'a', encoding_format: 'hex' }, 'encoding_format'],
  [{ input: 'word '.repeat(9000) }, 'input'],
])('a wrong body is a 400 that names the field (case %#)', async (fields, param) => {
  const response = await send({ model, ...fields }, { operation: 'embeddings' });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param } });
});
