import { expect, test } from 'bun:test';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import { tryParseJson } from '../../core/json.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseChunks, recordedBodies, recordedStreams, recording, recordings } from './test-support.ts';

const errorIn = (events: ChatEvent[]) => events.find((event) => event.type === 'error')?.error;
const answerOf = (name: string) => collectAnswer(parseAnswer(recording(name).body));

// One of the recorded streams lacks closing braces.
const isSound = (chunks: string[]) => chunks.every((data) => tryParseJson(data) !== undefined);
const good = recordings.filter(({ name }) => name !== 'mid-stream-error');

test.each(good.map((each) => [each.name, each] as const))(
  '%s is the same answer whole and streamed',
  (_, { body, chunks }) => {
    expect(collectAnswer(parseChunks(chunks))).toEqual(collectAnswer(parseAnswer(body)));
  },
);

test.each(good.map((each) => [each.name, each] as const))(
  '%s is the same answer when only finished items come',
  (_, each) => {
    const terse = each.chunks.filter((line) =>
      /"type":"response\.(created|output_item\.done|completed|incomplete)"/.test(line),
    );
    expect(collectAnswer(parseChunks(terse))).toEqual(collectAnswer(parseAnswer(each.body)));
  },
);

test.each(good.map((each) => [each.name, each] as const))(
  '%s is the same answer when only its end comes',
  (_, each) => {
    const terse = each.chunks.filter((line) => /"type":"response\.(created|completed|incomplete)"/.test(line));
    expect(collectAnswer(parseChunks(terse))).toEqual(collectAnswer(parseAnswer(each.body)));
  },
);

test('every recorded stream ends in a finish or an error, with usage unless it failed', () => {
  for (const { name, chunks } of recordedStreams) {
    const events = parseChunks(chunks);
    const failed = errorIn(events) !== undefined;
    expect([name, failed]).toEqual([name, name.includes('openai-error') || !isSound(chunks)]);
    if (!failed) expect(events[0]?.type).toBe('start');
    if (!failed) expect(events.slice(-2).map((event) => event.type)).toEqual(['usage', 'finish']);
  }
});

test('a recorded stream says what its own last event holds', () => {
  for (const { name, chunks } of recordedStreams.filter((each) => isSound(each.chunks))) {
    const last = JSON.parse(chunks.at(-1)!);
    if (last.type !== 'response.completed' || last.response.output.length === 0) continue;
    const told = collectAnswer(parseChunks(chunks)).choices[0]!;
    const whole = collectAnswer(parseAnswer(last.response)).choices[0]!;
    expect(told.finish).toEqual(whole.finish);
    // OpenAI encrypts anew for its last event, so that only lengths of the signatures can be told apart.
    const shape = told.parts.map((part) => (part.type === 'reasoning' ? { ...part, signature: undefined } : part));
    expect([name, shape]).toEqual([
      name,
      whole.parts.map((part) => (part.type === 'reasoning' ? { ...part, signature: undefined } : part)),
    ]);
  }
});

test('recorded bodies are answers, and an error body is an error', () => {
  for (const { name, body } of recordedBodies) {
    const events = parseAnswer(body);
    expect([name, events.at(-1)?.type]).toEqual([name, name.includes('openai-error') ? 'error' : 'finish']);
  }
});

test('a tool call finishes with tool-calls and its native word', () => {
  expect(answerOf('tool-call').choices[0]).toEqual({
    index: 0,
    parts: [
      { type: 'tool-call', id: 'call_T1aBcDeFgHiJkLmNoPqRsTuV', name: 'get_weather', arguments: '{"city":"Lisbon"}' },
    ],
    finish: { reason: 'tool-calls', native: 'completed' },
  });
});

test('parallel calls keep their ids and order beside the text', () => {
  expect(answerOf('parallel-tool-calls').choices[0]?.parts.map((part) => part.type)).toEqual([
    'text',
    'tool-call',
    'tool-call',
  ]);
});

test('empty arguments become an empty object, streamed too', () => {
  const item = {
    type: 'function_call',
    id: 'fc_1',
    call_id: 'call_1',
    name: 'now',
    arguments: '',
    status: 'completed',
  };
  const whole = collectAnswer(parseAnswer({ id: 'resp_1', status: 'completed', output: [item] }));
  const streamed = collectAnswer(
    parseChunks([
      JSON.stringify({ type: 'response.created', response: { id: 'resp_1' } }),
      JSON.stringify({ type: 'response.output_item.added', output_index: 0, item }),
      JSON.stringify({ type: 'response.function_call_arguments.done', output_index: 0, arguments: '' }),
      JSON.stringify({ type: 'response.output_item.done', output_index: 0, item }),
      JSON.stringify({ type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [item] } }),
    ]),
  );
  expect(whole.choices[0]?.parts).toEqual([{ type: 'tool-call', id: 'call_1', name: 'now', arguments: '{}' }]);
  expect(streamed).toEqual(whole);
});

test('arguments of calls that interleave reach the right call', () => {
  const call = (index: number, type: string, rest: object) => JSON.stringify({ type, output_index: index, ...rest });
  const item = (id: string) => ({ item: { type: 'function_call', call_id: id, name: id, arguments: '' } });
  const events = parseChunks([
    call(0, 'response.output_item.added', item('a')),
    call(1, 'response.output_item.added', item('b')),
    call(1, 'response.function_call_arguments.delta', { delta: '{"b"' }),
    call(0, 'response.function_call_arguments.delta', { delta: '{"a":1}' }),
    call(1, 'response.function_call_arguments.delta', { delta: ':2}' }),
    call(1, 'response.output_item.done', item('b')),
    call(0, 'response.output_item.done', item('a')),
    JSON.stringify({ type: 'response.completed', response: { status: 'completed', output: [] } }),
  ]);
  const parts = collectAnswer(events).choices[0]!.parts;
  expect(parts.map((part) => part.type === 'tool-call' && part.arguments)).toEqual(['{"a":1}', '{"b":2}']);
});

test('reasoning keeps its encrypted content and id, and joins its summaries', () => {
  const [reasoning] = answerOf('reasoning-encrypted').choices[0]!.parts;
  expect(reasoning).toMatchObject({ type: 'reasoning', summary: true, id: 'rs_6841c0de07' });
  expect(reasoning).toHaveProperty(
    'signature.value',
    (recording('reasoning-encrypted').body.output as { encrypted_content: string }[])[0]!.encrypted_content,
  );
  expect(reasoning).toHaveProperty(
    'text',
    '**Choosing a tool**\n\nThe weather has to be looked up.\n\n**Naming the city**\n\nIt is Lisbon.',
  );
});

test('the thinking of open models is told as it is, without a summary beside it', () => {
  const item = {
    type: 'reasoning',
    id: 'rs_1',
    content: [{ type: 'reasoning_text', text: 'Think.' }],
    summary: [{ type: 'summary_text', text: 'Thought.' }],
  };
  const whole = collectAnswer(parseAnswer({ status: 'completed', output: [item] }));
  expect(whole.choices[0]?.parts).toEqual([{ type: 'reasoning', text: 'Think.', id: 'rs_1' }]);
  const streamed = parseChunks([
    JSON.stringify({
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, content: [], summary: [] },
    }),
    JSON.stringify({ type: 'response.reasoning_text.delta', output_index: 0, content_index: 0, delta: 'Thi' }),
    JSON.stringify({ type: 'response.reasoning_text.delta', output_index: 0, content_index: 0, delta: 'nk.' }),
    JSON.stringify({ type: 'response.output_item.done', output_index: 0, item }),
    JSON.stringify({ type: 'response.completed', response: { status: 'completed', output: [item] } }),
  ]);
  expect(collectAnswer(streamed).choices).toEqual(whole.choices);
});

test('a refusal is a refusal', () => {
  expect(answerOf('refusal').choices[0]).toMatchObject({
    parts: [{ type: 'refusal', text: "I'm sorry, but I can't help with that." }],
    finish: { reason: 'refusal', native: 'completed' },
  });
});

test('an incomplete answer says why', () => {
  expect(answerOf('max-tokens').choices[0]?.finish).toEqual({ reason: 'length', native: 'max_output_tokens' });
  expect(answerOf('content-filter').choices[0]?.finish).toEqual({ reason: 'content-filter', native: 'content_filter' });
});

test('usage counts cached tokens once', () => {
  expect(answerOf('cached-usage').usage).toMatchObject({ input: 134, cacheRead: 2048, cacheWrite: 128, output: 3 });
  expect(answerOf('reasoning-encrypted').usage).toMatchObject({ input: 72, output: 104, reasoning: 64 });
});

test('citations stand at UTF-16 offsets, emoji before them or not, also when two texts run together', () => {
  const parts = answerOf('web-search-citations').choices[0]!.parts;
  expect(parts[0]).toMatchObject({ type: 'opaque', wire: 'openai-responses', what: 'web_search_call' });
  const text = parts[1]!;
  if (text.type !== 'text') throw new Error('no text');
  const [citation] = text.citations!;
  expect(text.text.slice(citation!.start, citation!.end)).toBe('The river is the Tagus.');

  const cite = { type: 'url_citation', url: 'https://x.test', title: 'x', start_index: 1, end_index: 2 };
  const content = (words: string) => ({ type: 'output_text', text: words, annotations: [cite] });
  const two = { type: 'message', role: 'assistant', content: [content('🌊a'), content('🌊b')] };
  const joined = collectAnswer(parseAnswer({ status: 'completed', output: [two] })).choices[0]!.parts[0]!;
  if (joined.type !== 'text') throw new Error('no text');
  expect(joined.citations!.map(({ start, end }) => joined.text.slice(start, end))).toEqual(['a', 'b']);
});

test('log probabilities come with their tokens', () => {
  expect(answerOf('logprobs').choices[0]?.logprobs?.map(({ token, top }) => [token, top.length])).toEqual([
    ['Hi', 2],
    [' there', 2],
  ]);
});

test('native items come whole, a program’s call with them, and a call of a program ends nothing', () => {
  expect(answerOf('custom-tool-call').choices[0]?.parts).toEqual([
    {
      type: 'opaque',
      wire: 'openai-responses',
      what: 'custom_tool_call',
      value: (recording('custom-tool-call').body.output as unknown[])[0],
    },
  ]);
  const item = {
    type: 'function_call',
    call_id: 'c',
    name: 'f',
    arguments: '{}',
    caller: { type: 'program', caller_id: 'p' },
  };
  expect(collectAnswer(parseAnswer({ status: 'completed', output: [item] })).choices[0]).toEqual({
    index: 0,
    parts: [{ type: 'opaque', wire: 'openai-responses', what: 'function_call', value: item }],
    finish: { reason: 'stop', native: 'completed' },
  });
});

test('an error in the stream is told once, with its code', () => {
  const events = parseChunks(recording('mid-stream-error').chunks);
  expect(events.filter((event) => event.type === 'error')).toHaveLength(1);
  expect(errorIn(events)?.code).toBe('upstream_overloaded');
  expect(events.find((event) => event.type === 'usage')).toBeDefined();
  expect(errorIn(parseAnswer(recording('mid-stream-error').body))?.code).toBe('upstream_overloaded');
});

test.each([
  ['rate_limit_exceeded', 'upstream_rate_limited'],
  ['insufficient_quota', 'quota_exhausted'],
  ['invalid_prompt', 'upstream_rejected'],
  ['context_length_exceeded', 'context_window_exceeded'],
  ['bio_policy', 'content_blocked'],
  ['image_content_policy_violation', 'content_blocked'],
  ['server_error', 'upstream_overloaded'],
] as const)('the code %s is our %s, in a flat error event and in a failed answer', (code, ours) => {
  const flat = parseChunks([JSON.stringify({ type: 'error', sequence_number: 3, code, message: 'no', param: null })]);
  expect(errorIn(flat)?.code).toBe(ours);
  const failed = JSON.stringify({
    type: 'response.failed',
    response: { status: 'failed', output: [], error: { code, message: 'no' } },
  });
  expect(errorIn(parseChunks([failed]))).toMatchObject({ code: ours, message: 'no' });
});

test('a stream cut anywhere before its end is an error and never a finish', () => {
  const { chunks } = recording('reasoning-encrypted');
  for (let length = 0; length < chunks.length; length++) {
    const events = parseChunks(chunks.slice(0, length));
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'upstream_invalid_answer' } });
    expect(events.some((event) => event.type === 'finish')).toBe(false);
  }
});

test('events that are unknown, empty or odd are skipped; broken JSON is an error', () => {
  const { chunks, body } = recording('text');
  const odd = [
    '{"type":"response.new_thing","output_index":7}',
    '{"type":"keepalive","sequence_number":3}',
    '{}',
    '[]',
    'null',
  ];
  const mixed = chunks.flatMap((line, index) => [line, odd[index % odd.length]!]);
  expect(collectAnswer([...parseChunks([...mixed.slice(0, -1), '[DONE]'])])).toEqual(collectAnswer(parseAnswer(body)));
  expect(errorIn(parseChunks([chunks[0]!, '{"type":"resp']))?.code).toBe('upstream_invalid_answer');
});

test('items with missing or wrong fields never crash', () => {
  const values = [
    null,
    1,
    'x',
    [],
    {},
    { type: 'message' },
    { type: 'function_call' },
    { type: 'reasoning', summary: 3 },
  ];
  for (const value of values) {
    expect(() => parseAnswer({ output: [value] })).not.toThrow();
    for (const type of [
      'response.output_item.added',
      'response.output_item.done',
      'response.output_text.delta',
      'response.failed',
    ]) {
      expect(() => parseChunks([JSON.stringify({ type, item: value, delta: value, response: value })])).not.toThrow();
    }
  }
});

test('what is no answer is refused', () => {
  for (const body of [null, 'x', {}, { output: 'x' }, []]) {
    expect(() => parseAnswer(body)).toThrow(expect.objectContaining({ code: 'upstream_invalid_answer' }));
  }
  expect(errorIn(parseAnswer({ status: 'queued', output: [] }))?.code).toBe('upstream_invalid_answer');
});
