import { expect, test } from 'bun:test';
import { type ChatAnswer, collectAnswer } from '../../core/chat-answer.ts';
import type { JsonObject } from '../../core/json.ts';
import { usageOf } from '../../core/usage.ts';
import { buildAnswer } from './build-answer.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseRequest } from './parse-request.ts';
import { withPreviousResponse } from './stored-items.ts';
import { contextFor, recordings } from './test-support.ts';

const text: ChatAnswer = {
  id: 'chatcmpl-1',
  choices: [{ index: 0, parts: [{ type: 'text', text: 'Hi.' }], finish: { reason: 'stop' } }],
  usage: usageOf({ input: 1, output: 2 }),
};

test.each(recordings.filter(({ name }) => name !== 'mid-stream-error').map((each) => [each.name, each] as const))(
  '%s is written as it was read',
  (_, { body }) => {
    // Only what the request said can be repeated, so the settings are read back out of the recorded answer.
    const asked = ['tools', 'max_output_tokens', 'top_logprobs', 'prompt_cache_key', 'store', 'reasoning'] as const;
    const request = parseRequest({
      model: 'm',
      input: 'x',
      ...Object.fromEntries(asked.map((field) => [field, body[field]])),
    });
    const built = buildAnswer(collectAnswer(parseAnswer(body)), contextFor(request));
    const plain = (response: JsonObject) => ({
      ...response,
      completed_at: typeof response.completed_at,
      output: (response.output as JsonObject[]).map((item) =>
        item.type === 'reasoning'
          ? { ...item, summary: (item.summary as JsonObject[]).map((part) => part.text).join('\n\n') }
          : { ...item, id: String(item.id).split('_')[0] },
      ),
    });
    expect(plain(built)).toEqual(plain(body));
  },
);

test('an answer repeats the request, with OpenAI’s defaults for what was not said', () => {
  const body = {
    model: 'm',
    input: 'x',
    instructions: 'Be brief.',
    tools: [
      { type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: false },
      { type: 'web_search' },
    ],
    tool_choice: { type: 'function', name: 'f' },
    text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
    reasoning: { effort: 'low', summary: 'auto' },
    metadata: { a: 'b' },
    temperature: 0.2,
    truncation: 'auto',
    parallel_tool_calls: false,
    conversation: 'conv_1',
    store: false,
    safety_identifier: 's',
  };
  const request = withPreviousResponse(parseRequest(body), 'resp_0');
  expect(buildAnswer(text, contextFor(request))).toEqual({
    ...body,
    input: undefined,
    id: 'resp_2',
    object: 'response',
    created_at: 1_781_000_009,
    completed_at: 1_781_000_009,
    status: 'completed',
    background: false,
    error: null,
    incomplete_details: null,
    frequency_penalty: 0,
    presence_penalty: 0,
    max_output_tokens: null,
    max_tool_calls: null,
    model: 'asked',
    conversation: { id: 'conv_1' },
    previous_response_id: 'resp_0',
    prompt_cache_key: null,
    prompt_cache_retention: null,
    service_tier: 'default',
    text: { ...body.text, format: { ...body.text.format, description: null } },
    top_logprobs: 0,
    top_p: 1,
    user: null,
    usage: {
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 3,
    },
    output: [
      {
        id: 'msg_1',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hi.', annotations: [], logprobs: [] }],
      },
    ],
  } as never);
});

test('every field that the official schema requires is there', () => {
  const required = [
    ...['id', 'object', 'created_at', 'completed_at', 'status', 'incomplete_details', 'model', 'previous_response_id'],
    ...[
      'instructions',
      'output',
      'error',
      'tools',
      'tool_choice',
      'truncation',
      'parallel_tool_calls',
      'text',
      'top_p',
    ],
    ...[
      'presence_penalty',
      'frequency_penalty',
      'top_logprobs',
      'temperature',
      'reasoning',
      'usage',
      'max_output_tokens',
    ],
    ...['max_tool_calls', 'store', 'background', 'service_tier', 'metadata', 'safety_identifier', 'prompt_cache_key'],
  ];
  const response = buildAnswer(text, contextFor());
  expect(required.filter((field) => response[field] === undefined)).toEqual([]);
});

test('other choices, unknown tiers and uncitable citations', () => {
  const context = contextFor();
  const response = buildAnswer(
    {
      ...text,
      serviceTier: 'standard',
      choices: [
        { index: 0, parts: [{ type: 'text', text: 'a', citations: [{ quote: 'q' }] }] },
        { index: 1, parts: [] },
      ],
    },
    context,
  );
  expect(response.service_tier).toBe('default');
  expect(context.losses.map(({ field }) => field)).toEqual(['n', 'citations']);
});

test('tokens go to the text that they make up', () => {
  const token = (words: string) => ({ token: words, logprob: -1, top: [] });
  const response = buildAnswer(
    {
      ...text,
      choices: [
        {
          index: 0,
          parts: [
            { type: 'text', text: 'ab' },
            { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
            { type: 'text', text: 'c' },
          ],
          logprobs: [token('a'), token('b'), token('c')],
        },
      ],
    },
    contextFor(),
  );
  const contents = (response.output as JsonObject[]).flatMap(
    (item) => (item.content as JsonObject[] | undefined) ?? [],
  );
  expect(contents.map((content) => (content.logprobs as unknown[]).length)).toEqual([2, 1]);
});

test('signatures of other vendors come back from the answer that carried them', () => {
  const parts: ChatAnswer['choices'][0]['parts'] = [
    { type: 'reasoning', text: 'why', signature: { origin: 'anthropic', on: 'thought', value: 'A.b==' } },
    { type: 'reasoning', text: '', redacted: 'R==' },
    { type: 'text', text: 'x', signature: { origin: 'gemini', on: 'text', value: 'T' } },
    { type: 'tool-call', id: 'c', name: 'f', arguments: '{}', signature: { origin: 'gemini', on: 'call', value: 'C' } },
  ];
  const { output } = buildAnswer({ ...text, choices: [{ index: 0, parts }] }, contextFor());
  const [message] = parseRequest({ model: 'm', input: output }).messages;
  expect(message?.parts).toEqual([{ ...parts[0], summary: true }, ...parts.slice(1)] as never);
});
