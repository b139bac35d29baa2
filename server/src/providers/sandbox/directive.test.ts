import { expect, test } from 'bun:test';
import OpenAI from 'openai';
import { client, send, textFor } from './test-client.ts';
import { countTokens } from './tokenizer.ts';

const body = (content: string, more: object = {}) => ({
  model: 'sandbox-small',
  messages: [{ role: 'user', content }],
  ...more,
});

test.each([
  ['429', 429, 'rate_limit_exceeded'],
  ['500', 500, 'sandbox_error'],
  ['503', 503, 'sandbox_error'],
  ['401', 401, 'invalid_api_key'],
  ['timeout', 504, 'timeout'],
  ['quota', 429, 'insufficient_quota'],
  ['context', 400, 'context_length_exceeded'],
])('sandbox:error=%s answers with status %i and the code %s', async (value, status, code) => {
  const response = await send(body(`please sandbox:error=${value}.`));
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code, message: expect.any(String) } });
  expect(response.headers.get('retry-after')).toBe(value === '429' ? '1' : null);
});

test('the SDK throws its own classes of error', async () => {
  await expect(textFor('sandbox:error=429')).rejects.toThrow(OpenAI.RateLimitError);
  await expect(textFor('sandbox:error=500')).rejects.toThrow(OpenAI.InternalServerError);
  await expect(textFor('hi', { temperature: 9 })).rejects.toThrow(OpenAI.BadRequestError);
});

test('an order with a name counts only for that model or provider', async () => {
  expect((await send(body('sandbox:error=500@sandbox-small'))).status).toBe(500);
  expect((await send(body('sandbox:error=500@sandbox'))).status).toBe(500);
  expect((await send(body('sandbox:error=500@sandbox-large'))).status).toBe(200);
});

test('only the last user message gives orders', async () => {
  const messages = [
    { role: 'user', content: 'sandbox:error=500' },
    { role: 'assistant', content: 'x' },
    { role: 'user', content: 'Say hi.' },
  ];
  expect((await send({ model: 'sandbox-small', messages })).status).toBe(200);
});

test('length, filter, refuse and tokens shape the answer', async () => {
  const choose = async (content: string) => {
    const answer = await client.chat.completions.create({
      model: 'sandbox-small',
      messages: [{ role: 'user', content }],
    });
    return { ...answer.choices[0]!, tokens: answer.usage!.completion_tokens };
  };
  expect((await choose('sandbox:length')).finish_reason).toBe('length');
  expect((await choose('sandbox:filter')).finish_reason).toBe('content_filter');
  expect((await choose('sandbox:refuse')).message.refusal).toBeString();
  const counted = await choose('sandbox:tokens=137');
  expect(counted.tokens).toBe(137);
  expect(countTokens(counted.message.content!)).toBe(137);
});

test('cut breaks off the JSON body and the stream without an end, stream-error sends an error event', async () => {
  const text = await (await send(body('sandbox:cut'))).text();
  expect(() => JSON.parse(text)).toThrow();
  const cut = await (await send(body('sandbox:cut', { stream: true }))).text();
  expect(cut).toContain('data: ');
  expect(cut).not.toContain('[DONE]');
  expect(cut).not.toContain('"finish_reason":"stop"');
  const failed = await (await send(body('sandbox:stream-error', { stream: true }))).text();
  expect(failed.trim().split('\n\n').at(-1)).toContain('sandbox_stream_error');
});

test('hang and slow wait until the caller gives up', async () => {
  for (const order of ['sandbox:hang', 'sandbox:slow=600000']) {
    const abort = new AbortController();
    const answer = send(body(order), { signal: abort.signal });
    abort.abort(new Error('gave up'));
    await expect(answer).rejects.toThrow('gave up');
  }
  expect((await send(body('Say hi. sandbox:slow=1'))).status).toBe(200);
});
