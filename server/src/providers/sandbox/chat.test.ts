import { expect, test } from 'bun:test';
import type OpenAI from 'openai';
import { client, send, textFor } from './test-client.ts';
import { countTokens } from './tokenizer.ts';

const user = (content: string): OpenAI.ChatCompletionMessageParam[] => [{ role: 'user', content }];
const small = 'sandbox-small';
const large = 'sandbox-large';

test('a plain answer is labelled, and its usage is the count of its own tokens', async () => {
  const answer = await client.chat.completions.create({ model: small, messages: user('hello') });
  const text = answer.choices[0]!.message.content!;
  expect(text).toStartWith('[sandbox small] ');
  expect(answer.system_fingerprint).toBe('sandbox');
  expect(answer.usage).toMatchObject({
    prompt_tokens: 3 + 4 + 1,
    completion_tokens: countTokens(text),
    total_tokens: 8 + countTokens(text),
    prompt_tokens_details: { cached_tokens: 0 },
  });
});

test.each([
  ['Reply with exactly: PONG', 'PONG'],
  ["say 'hello'", 'hello'],
  ['respond with only the word X', 'X'],
  ['Reply with the single word yes', 'yes'],
  ['Repeat this text exactly, nothing else: <b> ≈ "q"', '<b> ≈ "q"'],
  ['Say exactly: alpha beta gamma', 'alpha beta gamma'],
  ['Please respond with the text: hello world', 'hello world'],
  ['Just say ok', 'ok'],
  ['Output the exact phrase "foo bar"', 'foo bar'],
  ['What is 17 * 3? Reply with only the number and nothing else.', '51'],
  ['Name the capital of France. Reply with just the city.', 'Paris'],
  [
    'Give this conversation a short title. Conversation:\nUser: how do boats float on water?',
    'How do boats float on water',
  ],
  ['List three fruits, comma-separated', 'Apple, Banana, Cherry'],
  ['List three fruits as a JSON array', '["Apple","Banana","Cherry"]'],
])('%p is answered word for word, without a label', async (question, wanted) => {
  expect(await textFor(question)).toBe(wanted);
});

test.each([
  ['what is 17*23', '391'],
  ["What's 15% of 200?", '= 30'],
  ['(2+3)^2 - 1 =', '= 24'],
  ['10 divided by 4', '= 2.5'],
  ['count to 5', '1, 2, 3, 4, 5'],
  ['count down from 3', '3, 2, 1'],
  ['say hello in French', 'Bonjour'],
  ['How do you say thank you in Japanese?', 'ありがとう'],
  ['how many r in strawberry', '3'],
  ["Reverse the word 'stressed'", 'desserts'],
  ['write code in python', '```python'],
  ['Why is the sky blue?', 'Rayleigh'],
  ['What is the capital of the Netherlands?', 'Amsterdam'],
  ['What is the product of 6 and 7?', '= 42'],
  ['Spell the word gate', 'G-A-T-E'],
  ['Convert "quiet" to uppercase', 'QUIET'],
  ['Summarize this: The cat sat on the warm mat. Then it slept for hours.', 'In short: The cat sat on the warm mat.'],
  ['List four planets as bullets', '- Mercury'],
  ['Invent a two-word band name.', ' '],
  ['Tell me a joke', 'request'],
  ['thanks!', 'welcome'],
  ['What can you do?', 'OPENAI_API_KEY'],
  ['Do ships dream?', 'sluice.yaml'],
])('%p gets a useful answer', async (question, wanted) => {
  const text = await textFor(question);
  expect(text).toStartWith('[sandbox small] ');
  expect(text).toContain(wanted);
});

test('a haiku has three lines', async () => {
  expect((await textFor('write a haiku')).split('\n\n')[1]!.split('\n')).toHaveLength(3);
});

test('dates and plain statements are not taken for arithmetic', async () => {
  expect(await textFor('The release of 2024-05-01 was late')).not.toContain('=');
});

test('the conversation is remembered, and the last answer counted with', async () => {
  const named = await client.chat.completions.create({
    model: small,
    messages: [...user('Hi! My name is Zoe.'), { role: 'assistant', content: 'Hello!' }, ...user('What is my name?')],
  });
  expect(named.choices[0]!.message.content).toContain('Zoe');
  const sum = await client.chat.completions.create({
    model: small,
    messages: [
      ...user('What is 2+2?'),
      { role: 'assistant', content: '4' },
      ...user('Add 3 to your last answer. Just the number.'),
    ],
  });
  expect(sum.choices[0]!.message.content).toBe('7');
});

test('a standing order of the system message wins over the question', async () => {
  const answer = await client.chat.completions.create({
    model: small,
    messages: [
      { role: 'developer', content: 'Whatever the user says, reply with exactly the word "quartz" and nothing else.' },
      ...user('What is 2+2?'),
    ],
  });
  expect(answer.choices[0]!.message.content).toBe('quartz');
});

test('words that the system message wants at the end of every answer stand there', async () => {
  const answer = await client.chat.completions.create({
    model: small,
    messages: [
      { role: 'system', content: 'You must end every single reply with the word BANANA.' },
      ...user('what is 2+2'),
    ],
  });
  expect(answer.choices[0]!.message.content).toBe('[sandbox small] 2 + 2 = 4 BANANA');
});

test('a trailing assistant message is continued, not repeated', async () => {
  const answer = await client.chat.completions.create({
    model: small,
    messages: [...user('What is the capital of France? City name only.'), { role: 'assistant', content: 'It is Par' }],
  });
  expect(answer.choices[0]!.message.content).toBe('is');
});

test('the token limit cuts the answer to exactly that many tokens', async () => {
  for (const limit of [1, 5, 17]) {
    const answer = await client.chat.completions.create({
      model: small,
      messages: user('Write a long essay about the sea.'),
      max_completion_tokens: limit,
    });
    expect(answer.choices[0]!.finish_reason).toBe('length');
    expect(answer.usage!.completion_tokens).toBe(limit);
    expect(countTokens(answer.choices[0]!.message.content!)).toBe(limit);
  }
  const whole = await client.chat.completions.create({
    model: small,
    messages: user('Say exactly: a b c'),
    max_tokens: 3,
  });
  expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'a b c' } });
});

test('the text ends before the first stop sequence', async () => {
  const answer = await client.chat.completions.create({
    model: small,
    messages: user('Say exactly: alpha beta gamma'),
    stop: ['gamma', ' beta'],
  });
  expect(answer.choices[0]).toMatchObject({
    finish_reason: 'stop',
    message: { content: 'alpha' },
    stop_reason: ' beta',
  });
  expect(answer.usage!.completion_tokens).toBe(1);
});

test('only an answer that a stop sequence ended names one, streamed or not', async () => {
  const ask = { model: small, messages: user('Say exactly: alpha beta gamma'), stop: ['gamma'] };
  const cut = await client.chat.completions.create({ ...ask, max_tokens: 1 });
  expect(cut.choices[0]).toMatchObject({ finish_reason: 'length' });
  expect(cut.choices[0]).not.toHaveProperty('stop_reason');
  const other = await client.chat.completions.create({ ...ask, stop: ['delta'] });
  expect(other.choices[0]).not.toHaveProperty('stop_reason');
  const named: unknown[] = [];
  for await (const { choices } of await client.chat.completions.create({ ...ask, stream: true }))
    named.push(...choices.flatMap((choice) => ('stop_reason' in choice ? [choice.stop_reason] : [])));
  expect(named).toEqual(['gamma']);
});

test('the same request gets the same text, another seed another, and n choices differ', async () => {
  const ask = (more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>) =>
    client.chat.completions.create({ model: small, messages: user('Do ships dream?'), ...more });
  const textOf = (answer: OpenAI.ChatCompletion) => answer.choices[0]!.message.content;
  expect(textOf(await ask({}))).toBe(textOf(await ask({ temperature: 2 }))!);
  expect(textOf(await ask({ seed: 5 }))).toBe(textOf(await ask({ seed: 5 }))!);
  const seeded = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => ask({ seed }).then(textOf)));
  expect(new Set(seeded).size).toBeGreaterThan(1);

  const many = await ask({ n: 6 });
  expect(many.choices.map((choice) => choice.index)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(new Set(many.choices.map((choice) => choice.message.content)).size).toBe(6);
  const tokens = many.choices
    .map((choice) => countTokens(choice.message.content!))
    .reduce((sum, count) => sum + count, 0);
  expect(many.usage!.completion_tokens).toBe(tokens);
});

test('log probabilities come one for each token, with as many alternatives as asked for', async () => {
  const answer = await client.chat.completions.create({
    model: small,
    messages: user('Say exactly: naïve 日本 test'),
    logprobs: true,
    top_logprobs: 20,
  });
  const content = answer.choices[0]!.logprobs!.content!;
  expect(content.map((entry) => entry.token).join('')).toBe('naïve 日本 test');
  expect(content).toHaveLength(answer.usage!.completion_tokens);
  for (const entry of content) {
    expect(Buffer.from(entry.bytes!).toString()).toBe(entry.token);
    expect(entry.logprob).toBeLessThan(0);
    expect(entry.top_logprobs).toHaveLength(20);
    expect(entry.top_logprobs[0]).toMatchObject({ token: entry.token, logprob: entry.logprob });
    expect(new Set(entry.top_logprobs.map((other) => other.token)).size).toBe(20);
    expect(entry.top_logprobs.reduce((sum, other) => sum + Math.exp(other.logprob), 0)).toBeLessThanOrEqual(1.00001);
  }
});

test('sandbox-large reasons when asked to, more with more effort, and counts it', async () => {
  const think = async (model: string, reasoning_effort: 'none' | 'minimal' | 'low' | 'high') => {
    const answer = await client.chat.completions.create({ model, messages: user('what is 2+2'), reasoning_effort });
    const message = answer.choices[0]!.message as { content: string; reasoning_content?: string };
    const thoughts = message.reasoning_content ?? '';
    const { completion_tokens, completion_tokens_details } = answer.usage!;
    expect(completion_tokens_details!.reasoning_tokens).toBe(countTokens(thoughts));
    expect(completion_tokens).toBe(countTokens(thoughts) + countTokens(message.content));
    return countTokens(thoughts);
  };
  expect(await think(large, 'none')).toBe(0);
  expect(await think(large, 'minimal')).toBe(0);
  expect(await think(large, 'high')).toBeGreaterThan(await think(large, 'low'));
  expect(await think(large, 'low')).toBeGreaterThan(0);
  expect(await think(small, 'high')).toBe(0);
});

test('images, audio and documents are acknowledged by kind and size', async () => {
  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAADElEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const answer = await client.chat.completions.create({
    model: large,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What have I sent?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
          { type: 'image_url', image_url: { url: 'https://example.com/cat.jpg' } },
          { type: 'input_audio', input_audio: { data: 'AAAA'.repeat(1000), format: 'wav' } },
          {
            type: 'file',
            file: { filename: 'a.txt', file_data: `data:text/plain;base64,${btoa('Once upon a time.')}` },
          },
        ],
      },
    ],
  });
  const text = answer.choices[0]!.message.content!;
  for (const words of [
    'image/png, 2x3 pixels',
    'https://example.com/cat.jpg',
    'audio/wav, 3.0 kB',
    'a.txt',
    'Once upon a time.',
  ])
    expect(text).toContain(words);
});

test('a refusal is said as one when the user asks for it', async () => {
  const answer = await client.chat.completions.create({ model: small, messages: user('please refuse') });
  expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: null } });
  expect(answer.choices[0]!.message.refusal).toContain('sorry');
});

test('the service tier is echoed, and metadata and prediction change nothing', async () => {
  const answer = await client.chat.completions.create({
    model: small,
    messages: user('Say hi.'),
    service_tier: 'flex',
    metadata: { a: 'b' },
    prediction: { type: 'content', content: 'Hi' },
  });
  expect(answer.service_tier).toBe('flex');
  expect(answer.choices[0]!.message.content).toBe('Hi');
});

test.each<[string, Record<string, unknown>, string]>([
  ['no messages', { messages: undefined }, 'messages'],
  ['empty messages', { messages: [] }, 'messages'],
  ['messages of the wrong type', { messages: 'hi' }, 'messages'],
  ['a wrong role', { messages: [{ role: 'constructor', content: 'x' }] }, 'messages[0].role'],
  ['no content', { messages: [{ role: 'user' }] }, 'messages[0].content'],
  ['a wrong part', { messages: [{ role: 'user', content: [{ type: 'video' }] }] }, 'messages[0].content[0].type'],
  [
    'a result of no call',
    { messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] },
    'messages[0].tool_call_id',
  ],
  ['a temperature too high', { temperature: 3 }, 'temperature'],
  ['a temperature of text', { temperature: 'hot' }, 'temperature'],
  ['no tokens', { max_tokens: 0 }, 'max_tokens'],
  ['half a choice', { n: 1.5 }, 'n'],
  ['alternatives without logprobs', { top_logprobs: 3 }, 'top_logprobs'],
  ['too many alternatives', { logprobs: true, top_logprobs: 21 }, 'top_logprobs'],
  ['stream options without a stream', { stream_options: { include_usage: true } }, 'stream_options'],
  ['a wrong format', { response_format: { type: 'xml' } }, 'response_format.type'],
  [
    'a schema without a name',
    { response_format: { type: 'json_schema', json_schema: {} } },
    'response_format.json_schema.name',
  ],
  ['a tool choice without tools', { tool_choice: 'required' }, 'tool_choice'],
  ['a wrong tool', { tools: [{ type: 'web_search' }] }, 'tools[0].type'],
  ['sound wanted', { modalities: ['text', 'audio'] }, 'modalities'],
  ['a wrong effort', { reasoning_effort: 'extreme' }, 'reasoning_effort'],
])('%s is a 400 that names the field', async (_, fields, param) => {
  const response = await send({ model: small, messages: user('hi'), ...fields });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
});

test('an unknown model is a 404 and a body that is no JSON a 400', async () => {
  const unknown = await send({ model: 'gpt-9', messages: user('hi') });
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ error: { code: 'model_not_found', param: 'model' } });
  expect((await send('{"model":')).status).toBe(400);
});

test('a prompt longer than the context is refused as OpenAI refuses it', async () => {
  const response = await send({ model: small, messages: user('word '.repeat(40_000)) });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'context_length_exceeded', param: 'messages' } });
  expect((await send({ model: large, messages: user('word '.repeat(40_000)) })).status).toBe(200);
});
