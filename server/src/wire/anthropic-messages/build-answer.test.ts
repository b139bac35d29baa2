import { expect, test } from 'bun:test';
import type { AnswerPart, ChatAnswer } from '../../core/chat-answer.ts';
import { collectAnswer } from '../../core/chat-answer.ts';
import { usageOf } from '../../core/usage.ts';
import { buildAnswer } from './build-answer.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseRequest } from './parse-request.ts';
import { answers, contextOf, recordedJson } from './test-support.ts';

const answerOf = (parts: AnswerPart[], given: Partial<ChatAnswer> = {}): ChatAnswer => ({
  choices: [{ index: 0, parts, finish: { reason: 'stop' } }],
  usage: usageOf({ input: 5, cacheRead: 7, cacheWrite: 2, cacheWrite1h: 1, output: 4, reasoning: 2 }),
  ...given,
});

for (const name of answers) {
  test(`the recording ${name} comes out as it went in`, () => {
    const body = recordedJson(name);
    const built = buildAnswer(collectAnswer(parseAnswer(body)), contextOf());
    const { usage, stop_details, ...rest } = body;
    expect(built).toMatchObject(rest);
    const { server_tool_use: _, ...figures } = usage as Record<string, unknown>;
    expect(built.usage).toMatchObject(figures);
    const explanation = (details: unknown) => (details as { explanation?: string } | null | undefined)?.explanation;
    expect(explanation(built.stop_details) === explanation(stop_details)).toBe(true);
  });
}

test('usage leaves cached tokens out of input_tokens and splits writes by life', () => {
  expect(buildAnswer(answerOf([]), contextOf()).usage).toMatchObject({
    input_tokens: 5,
    cache_read_input_tokens: 7,
    cache_creation_input_tokens: 3,
    cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 1 },
    output_tokens: 4,
    output_tokens_details: { thinking_tokens: 2 },
  });
});

test('an id of another provider is replaced, the model is echoed', () => {
  const built = buildAnswer(answerOf([], { id: 'chatcmpl-1' }), contextOf());
  expect(built).toMatchObject({ id: 'msg_new1', model: 'claude/big', type: 'message', role: 'assistant' });
  expect(buildAnswer(answerOf([], { id: 'msg_01', model: 'gpt-5' }), contextOf())).toMatchObject({
    id: 'msg_01',
    model: 'gpt-5',
  });
});

test('foreign signatures survive a turn: out with the answer, back with the next request', () => {
  const parts: AnswerPart[] = [
    { type: 'reasoning', text: 'Hm.', signature: { origin: 'openai', on: 'thought', value: 'enc==' } },
    { type: 'text', text: 'So.', signature: { origin: 'gemini', on: 'text', value: 'txt==' } },
    {
      type: 'tool-call',
      id: 'c1',
      name: 'go',
      arguments: '{"a":1}',
      signature: { origin: 'gemini', on: 'call', value: 'sig==' },
    },
  ];
  const { content } = buildAnswer(answerOf(parts), contextOf());
  const request = parseRequest({ model: 'm', max_tokens: 9, messages: [{ role: 'assistant', content }] });
  expect<AnswerPart[]>(request.messages[0]!.parts).toEqual(parts);
});

test('a refusal of another provider is stop_reason refusal with its words', () => {
  const built = buildAnswer(answerOf([{ type: 'refusal', text: 'I will not.' }]), contextOf());
  expect(built).toMatchObject({
    content: [],
    stop_reason: 'refusal',
    stop_details: { type: 'refusal', category: null, explanation: 'I will not.' },
  });
});

test('empty arguments become {}, and arguments that are no object are wrapped with a loss', () => {
  const context = contextOf();
  const { content } = buildAnswer(
    answerOf([
      { type: 'tool-call', id: 'a', name: 'go', arguments: '' },
      { type: 'tool-call', id: 'b', name: 'go', arguments: '{"cut' },
    ]),
    context,
  );
  expect(content).toMatchObject([{ input: {} }, { input: { invalid_json: '{"cut' } }]);
  expect(context.losses.map((loss) => loss.field)).toEqual(['tool_calls[].function.arguments']);
});

test('a web citation of another provider cuts the text into a cited block and the rest', () => {
  const text = 'Héllo 🌊 world. Cited here. Rest.';
  const start = text.indexOf('Cited');
  const citation = { url: 'https://a.example', title: 'A', start, end: start + 'Cited here.'.length };
  const { content } = buildAnswer(answerOf([{ type: 'text', text, citations: [citation] }]), contextOf());
  expect(content).toEqual([
    { type: 'text', text: 'Héllo 🌊 world. ' },
    {
      type: 'text',
      text: 'Cited here.',
      citations: [
        {
          type: 'web_search_result_location',
          url: 'https://a.example',
          title: 'A',
          cited_text: '',
          encrypted_index: '',
        },
      ],
    },
    { type: 'text', text: ' Rest.' },
  ]);
});

test('two citations of one span share its block, and offsets count the text before this part', () => {
  const one = { url: 'https://a.example', start: 3, end: 6 };
  const parts: AnswerPart[] = [
    { type: 'text', text: 'abc' },
    { type: 'tool-call', id: 'x', name: 'go', arguments: '{}' },
    {
      type: 'text',
      text: 'def ghi',
      citations: [one, { ...one, url: 'https://b.example' }, { url: 'https://c.example' }],
    },
  ];
  const content = buildAnswer(answerOf(parts), contextOf()).content as { text: string; citations: { url: string }[] }[];
  expect(content.slice(2).map((block) => [block.text, block.citations?.map(({ url }) => url)])).toEqual([
    ['def', ['https://a.example', 'https://b.example']],
    [' ghi', ['https://c.example']],
  ]);
});

test('what the dialect has no place for is reported: choices, log probabilities, media, items of other wires', () => {
  const context = contextOf();
  const built = buildAnswer(
    {
      ...answerOf([]),
      choices: [
        {
          index: 0,
          logprobs: [{ token: 'a', logprob: -1, top: [] }],
          parts: [
            { type: 'media', mediaType: 'audio/wav', data: 'AAAA', transcript: 'Spoken.' },
            { type: 'media', mediaType: 'image/png', data: 'AAAA' },
            { type: 'opaque', wire: 'openai-responses', what: 'web_search_call', value: {} },
            { type: 'text', text: '', citations: [{ quote: 'no address' }] },
          ],
        },
        { index: 1, parts: [] },
      ],
    },
    context,
  );
  expect(built.content).toEqual([{ type: 'text', text: 'Spoken.' }]);
  expect(built.stop_reason).toBe('end_turn');
  expect(context.losses.map((loss) => loss.field)).toEqual([
    'n',
    'logprobs',
    'audio',
    'images',
    'web_search_call',
    'annotations',
  ]);
});
