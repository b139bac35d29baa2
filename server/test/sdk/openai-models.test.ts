import { afterAll, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { errorOf } from './error-of.ts';
import { startGateway } from './gateway-process.ts';

const gateway = await startGateway();
afterAll(gateway.stop);

const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.adminKey, maxRetries: 0 });
const model = 'sandbox/sandbox-embedding';
const dot = (a: number[], b: number[]) => a.reduce((sum, value, index) => sum + value * b[index]!, 0);

test('embeddings come as floats, as base64 and as what the SDK asks for by itself, all alike', async () => {
  const input = ['a river of stone', 'a stream of light'];
  const floats = await client.embeddings.create({ model, input, encoding_format: 'float' });
  const unsaid = await client.embeddings.create({ model, input });
  const base64 = await client.embeddings.create({ model, input, encoding_format: 'base64' });
  expect(floats.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
    [0, 1536],
    [1, 1536],
  ]);
  expect(floats.usage.prompt_tokens).toBeGreaterThan(0);
  for (const [index, { embedding }] of floats.data.entries()) {
    expect(dot(embedding, embedding)).toBeCloseTo(1, 4);
    expect(dot(embedding, unsaid.data[index]!.embedding)).toBeCloseTo(1, 4);
    const bytes = Buffer.from(base64.data[index]!.embedding as unknown as string, 'base64');
    expect(bytes.length).toBe(1536 * 4);
    expect(bytes.readFloatLE(0)).toBeCloseTo(embedding[0]!, 5);
  }
});

test('fewer dimensions and token ids are taken', async () => {
  const short = await client.embeddings.create({ model, input: 'river', dimensions: 64 });
  expect(short.data[0]!.embedding).toHaveLength(64);
  for (const [input, count] of [
    [[101, 102, 103], 1],
    [[[101], [102, 103]], 2],
  ] as const)
    expect((await client.embeddings.create({ model, input: input as unknown as number[] })).data).toHaveLength(count);
});

test.each([
  ['no input', { model }],
  ['an empty input', { model, input: [] }],
  ['an input of objects', { model, input: [{}] }],
  ['a wrong dimension', { model, input: 'a', dimensions: -1 }],
  ['a wrong format', { model, input: 'a', encoding_format: 'hex' }],
] as const)('%s is a BadRequestError that names the field', async (_name, body) => {
  const error = await errorOf(client.embeddings.create(body as unknown as OpenAI.EmbeddingCreateParams));
  expect(error).toBeInstanceOf(OpenAI.BadRequestError);
  expect(error.param).toBeString();
});

test('a chat model makes no embeddings and an embedding model no chat: both say so', async () => {
  const embed = await errorOf(client.embeddings.create({ model: 'sandbox/sandbox-small', input: 'a' }));
  const chat = await errorOf(client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello' }] }));
  for (const error of [embed, chat]) {
    expect([400, 404]).toContain(error.status);
    expect(error.message).toContain('sandbox');
  }
});

test('models are listed and retrieved, names with slashes included', async () => {
  const ids: string[] = [];
  for await (const { id, object, created, owned_by } of client.models.list()) {
    expect({ object, owned_by }).toEqual({ object: 'model', owned_by: 'sandbox' });
    expect(created).toBeNumber();
    ids.push(id);
  }
  expect(ids.sort()).toEqual(['sandbox/sandbox-embedding', 'sandbox/sandbox-large', 'sandbox/sandbox-small']);
  for (const id of ids) expect((await client.models.retrieve(id)).id).toBe(id);
  expect(await errorOf(client.models.retrieve('nobody/nothing'))).toBeInstanceOf(OpenAI.NotFoundError);
});

test('a key that may use some models sees and uses those only', async () => {
  const { key } = await gateway.createKey({ name: 'small only', models: ['sandbox/sandbox-small'] });
  const mine = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
  expect((await mine.models.list()).data.map(({ id }) => id)).toEqual(['sandbox/sandbox-small']);
  expect(await errorOf(mine.models.retrieve('sandbox/sandbox-large'))).toBeInstanceOf(OpenAI.NotFoundError);
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const refused = await errorOf(mine.chat.completions.create({ model: 'sandbox/sandbox-large', messages }));
  expect(refused).toBeInstanceOf(OpenAI.PermissionDeniedError);
  expect(refused.message).toContain('sandbox/sandbox-small');
});

test('a broken escape in the address names no model, and is no fault', async () => {
  const headers = { authorization: `Bearer ${gateway.adminKey}` };
  const got = await fetch(`${gateway.url}/v1/models/%zz`, { headers });
  expect(got.status).toBe(404);
  const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hello' }] }] });
  const asked = await fetch(`${gateway.url}/v1beta/models/%zz%:generateContent`, { method: 'POST', headers, body });
  expect(asked.status).toBe(404);
});
