import { expect, test } from 'bun:test';
import type { ChatRequest, Part } from './chat-request.ts';
import { countInputTokens, countTokens, estimateInputTokens, likelyInputTokens } from './count-tokens.ts';

function requestOf(...parts: Part[]): ChatRequest {
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
  };
}
const textOf = (text: string) => requestOf({ type: 'text', text });

const prose =
  'The quick brown fox doesn’t jump over the lazy dog; it walks, in 1984, at 7.30 a.m. “Why?” asked the owl. ';
const texts: Record<string, string> = {
  prose: prose.repeat(20),
  contractions: "don't can't it's we're I'm they'll you've ".repeat(20),
  'single-token words': 'internationalization administration responsibilities '.repeat(20),
  code: 'export const sum = (left: number, right: number): number => left + right; // adds\n\n'.repeat(20),
  json: JSON.stringify({ id: 'call_1', arguments: { city: 'Paris', days: [1, 2, 3], metric: true } }).repeat(20),
  markup: '<div class="card"><p>Hello &amp; welcome</p></div>\n'.repeat(20),
  Chinese: '中华人民共和国成立于一九四九年。这个网关把每个请求送到最便宜的模型。'.repeat(20),
  Japanese: 'これは日本語の文章です。ありがとうございます。よろしくお願いします。'.repeat(20),
  Korean: '안녕하세요. 이것은 한국어 문장입니다. 감사합니다. '.repeat(20),
  Russian: 'Правительство Российской Федерации утвердило государственную программу. '.repeat(20),
  Arabic: 'هذا نص باللغة العربية يستخدم لاختبار التقدير. '.repeat(20),
  Thai: 'นี่คือข้อความภาษาไทยที่ใช้สำหรับการนับจำนวนโทเค็น '.repeat(5),
  emoji: '😀👍🏽🎉 '.repeat(50),
  spaces: ' '.repeat(5_000),
  'one letter': 'a'.repeat(5_000),
  rule: '='.repeat(5_000),
  digits: '1234567890 '.repeat(50),
  base64: Buffer.from(prose.repeat(5)).toString('base64'),
};

test.each(Object.keys(texts))('the estimate of %s is never above the exact count', async (kind) => {
  const text = texts[kind]!;
  expect(estimateInputTokens(textOf(text))).toBeLessThanOrEqual(await countTokens(text));
});

test('the estimate of prose is more than half of the exact count, the likely figure is near it', async () => {
  const text = texts.prose!;
  const exact = await countTokens(text);
  expect(estimateInputTokens(textOf(text))).toBeGreaterThan(exact / 2);
  expect(likelyInputTokens(textOf(text))).toBeGreaterThan(exact * 0.85);
  expect(likelyInputTokens(textOf(text))).toBeLessThan(exact * 1.3);
});

test('o200k tokens are counted exactly', async () => {
  expect(await countTokens('')).toBe(0);
  expect(await countTokens('hello world')).toBe(2);
  expect(await countTokens('Hello, how are you?')).toBe(6);
  expect(await countTokens('tiktoken is great!')).toBe(6);
});

test('text that looks like a control token is counted as text', async () => {
  expect(await countTokens('a<|endoftext|>b')).toBe(9);
});

test('a long text counted in slices has the tokens of its parts', async () => {
  const sentence = 'plain words follow each other here ';
  const once = await countTokens(sentence.repeat(10));
  const twice = await countTokens(sentence.repeat(20));
  expect(await countTokens(sentence.repeat(2_000))).toBe(once + (twice - once) * 199);
});

test('an unbroken run of letters is counted without holding the process', async () => {
  const startedAt = performance.now();
  const tokens = await countTokens('abcxyzq'.repeat(30_000));
  expect(tokens).toBeGreaterThan(50_000);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});

test('tools, tool calls and results count, earlier thinking only in the likely figure', () => {
  const base = estimateInputTokens(requestOf());
  expect(base).toBe(0);
  const call: Part = { type: 'tool-call', id: '1', name: 'get_weather', arguments: '{"city":"Paris"}' };
  const result: Part = { type: 'tool-result', callId: '1', parts: [{ type: 'text', text: 'sunny and warm' }] };
  expect(estimateInputTokens(requestOf(call, result))).toBe(2 + 2 + 3);
  const thinking = requestOf({ type: 'reasoning', text: 'one two three four' });
  expect(estimateInputTokens(thinking)).toBe(0);
  expect(likelyInputTokens(thinking)).toBeGreaterThan(4);
  const withTool = requestOf();
  withTool.tools = [{ type: 'function', name: 'search', description: 'Finds pages', parameters: { type: 'object' } }];
  expect(estimateInputTokens(withTool)).toBe(3);
  expect(likelyInputTokens(withTool)).toBeGreaterThan(likelyInputTokens(requestOf()));
});

test('media count fixed figures, or by their bytes when those are here', () => {
  const image: Part = { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } };
  expect(estimateInputTokens(requestOf(image, image))).toBe(32);
  const pdf = (data: string): Part => ({
    type: 'document',
    source: { kind: 'base64', data, mediaType: 'application/pdf' },
  });
  expect(likelyInputTokens(requestOf(pdf('A'.repeat(500_000))))).toBe(4 + 10_000);
});

test('the whole input is counted exactly, with 4 for each message', async () => {
  const request = textOf('hello world');
  expect(await countInputTokens(request)).toBe(6);
  request.messages.push({ role: 'assistant', parts: [{ type: 'text', text: 'hello world' }] });
  expect(await countInputTokens(request)).toBe(12);
});
