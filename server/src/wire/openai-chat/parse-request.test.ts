import { expect, test } from 'bun:test';
import { SluiceError } from '../../core/sluice-error.ts';
import { isLegacy } from './legacy-functions.ts';
import { parseRequest } from './parse-request.ts';

const body = (fields: Record<string, unknown> = {}) => ({
  model: 'test/model',
  messages: [{ role: 'user', content: 'Hello' }],
  ...fields,
});
const parseMessage = (message: unknown) => parseRequest(body({ messages: [message] })).messages[0]!;

function refusal(fields: Record<string, unknown>): { param: string | undefined; message: string } {
  try {
    parseRequest(body(fields));
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'invalid_request')
      return { param: error.facts.param, message: error.message };
    throw error;
  }
  throw new Error('The body was accepted.');
}

test('a plain request says what it needs and nothing more', () => {
  expect(parseRequest(body())).toEqual({
    dialect: 'openai-chat',
    model: 'test/model',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
    tools: [],
    stop: [],
    n: 1,
    stream: false,
    includeUsage: false,
    extensions: {},
  });
});

test('every scalar field reaches its place', () => {
  const request = parseRequest(
    body({
      max_completion_tokens: 100,
      max_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      min_p: 0.1,
      stop: 'END',
      seed: 7,
      frequency_penalty: 1,
      presence_penalty: -1,
      logit_bias: { '50256': -100 },
      logprobs: true,
      top_logprobs: 3,
      n: 2,
      service_tier: 'flex',
      metadata: { team: 'harbour' },
      user: 'u1',
      prompt_cache_key: 'k',
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy', format: 'wav' },
      verbosity: 'low',
      store: true,
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
      reasoning_effort: 'high',
      parallel_tool_calls: false,
    }),
  );
  expect(request).toMatchObject({
    maxOutputTokens: 100,
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    minP: 0.1,
    stop: ['END'],
    seed: 7,
    frequencyPenalty: 1,
    presencePenalty: -1,
    logitBias: { '50256': -100 },
    logprobs: { top: 3 },
    n: 2,
    serviceTier: 'flex',
    metadata: { team: 'harbour' },
    endUser: 'u1',
    promptCacheKey: 'k',
    modalities: ['text', 'audio'],
    audioOutput: { voice: 'alloy', format: 'wav' },
    verbosity: 'low',
    store: true,
    stream: true,
    includeUsage: true,
    reasoning: { effort: 'high' },
    parallelToolCalls: false,
    extensions: { 'openai-chat': { stream_options: { include_obfuscation: false } } },
  });
});

test('null means that the caller said nothing', () => {
  const request = parseRequest(
    body({
      temperature: null,
      stop: null,
      tools: null,
      response_format: null,
      stream_options: null,
      user: null,
      x: null,
    }),
  );
  expect(request).toEqual(parseRequest(body()));
});

test('unknown fields and those only this wire knows ride along as extensions', () => {
  const fields = {
    prediction: { type: 'content', content: 'x' },
    web_search_options: {},
    transforms: ['middle-out'],
    response_format: { type: 'grammar', grammar: 'root' },
    reasoning_effort: 'default',
    safety_identifier: 's',
    user: 'u',
  };
  const { extensions, endUser } = parseRequest(body(fields));
  const { user, ...kept } = fields;
  expect(extensions).toEqual({ 'openai-chat': kept });
  expect(endUser).toBe(user);
});

test('a safety identifier alone is the end user', () => {
  const request = parseRequest(body({ safety_identifier: 's' }));
  expect(request.endUser).toBe('s');
  expect(request.extensions).toEqual({});
});

test("OpenRouter's reasoning object is understood", () => {
  expect(parseRequest(body({ reasoning: { max_tokens: 2000, exclude: true, enabled: true } })).reasoning).toEqual({
    budgetTokens: 2000,
    include: false,
    enabled: true,
  });
  expect(parseRequest(body({ include_reasoning: true })).reasoning).toEqual({ include: true });
});

test('a wrong type or range is a 400 that names the field', () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ model: 3 }, 'model'],
    [{ model: '' }, 'model'],
    [{ messages: [] }, 'messages'],
    [{ messages: 'hi' }, 'messages'],
    [{ messages: ['hi'] }, 'messages[0]'],
    [{ messages: [{ content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [{ messages: [{ role: 'user', content: [{ text: 'x' }] }] }, 'messages[0].content[0].type'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      'messages[0].content[0].image_url.url',
    ],
    [{ messages: [{ role: 'user', content: [{ type: 'file', file: {} }] }] }, 'messages[0].content[0].file'],
    [
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: { ttl: '2d' } }] }] },
      'messages[0].content[0].cache_control.ttl',
    ],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [
      {
        messages: [
          { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }] },
        ],
      },
      'messages[0].tool_calls[0].function.arguments',
    ],
    [
      { messages: [{ role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'f' } }] }] },
      'messages[0].tool_calls[0].id',
    ],
    [{ temperature: 2.1 }, 'temperature'],
    [{ temperature: '1' }, 'temperature'],
    [{ top_p: -0.1 }, 'top_p'],
    [{ n: 0 }, 'n'],
    [{ n: 1.5 }, 'n'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ top_logprobs: 3 }, 'top_logprobs'],
    [{ logprobs: true, top_logprobs: 21 }, 'top_logprobs'],
    [{ stop: 5 }, 'stop'],
    [{ logit_bias: { a: 101 } }, 'logit_bias.a'],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [{ reasoning_effort: 'lots' }, 'reasoning_effort'],
    [{ stream: 'yes' }, 'stream'],
    [{ stream_options: { include_usage: 1 } }, 'stream_options.include_usage'],
    [{ tools: {} }, 'tools'],
    [{ tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    [{ tools: [{ type: 'function', function: { name: 'f', parameters: 'x' } }] }, 'tools[0].function.parameters'],
    [{ tools: [{ function: { name: 'f' } }] }, 'tools[0].type'],
    [{ tool_choice: 'maybe' }, 'tool_choice'],
    [{ tool_choice: { type: 'function', function: {} } }, 'tool_choice.function.name'],
    [
      { tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'x', tools: [] } } },
      'tool_choice.allowed_tools.mode',
    ],
    [{ response_format: 'json' }, 'response_format'],
    [{ response_format: { type: 'json_schema', json_schema: {} } }, 'response_format.json_schema.name'],
    [{ modalities: ['smell'] }, 'modalities[0]'],
    [{ audio: { voice: 'alloy' } }, 'audio.format'],
  ];
  for (const [fields, param] of cases) {
    const refused = refusal(fields);
    expect(refused.param).toBe(param);
    expect(refused.message).toStartWith(`\`${param}\` must `.slice(0, param.length + 3));
  }
  expect(refusal({ temperature: 3 }).message).toBe('`temperature` must be a number from 0 to 2.');
  expect(() => parseRequest([])).toThrow('The body must be a JSON object.');
});

test('system and developer messages keep their role, place and name', () => {
  const { messages } = parseRequest(
    body({
      messages: [
        { role: 'system', content: 'A' },
        { role: 'user', content: 'hi', name: 'ada' },
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'B' },
            { type: 'text', text: 'C' },
          ],
        },
      ],
    }),
  );
  expect(messages.map(({ role, name, parts }) => [role, name, parts.length])).toEqual([
    ['system', undefined, 1],
    ['user', 'ada', 1],
    ['developer', undefined, 2],
  ]);
});

test('content may be null, empty or missing', () => {
  for (const content of [null, '', [], undefined]) expect(parseMessage({ role: 'user', content }).parts).toEqual([]);
});

test('media parts are read by address and by content', () => {
  const pdf = Buffer.from('%PDF').toString('base64');
  const { parts } = parseMessage({
    role: 'user',
    content: [
      { type: 'image_url', image_url: { url: 'https://a.example/x.png', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'image_url', image_url: 'https://a.example/y.png' },
      { type: 'input_audio', input_audio: { data: 'BBBB', format: 'mp3' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` } },
      { type: 'file', file: { filename: 'b.pdf', file_data: pdf } },
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'file', file: { filename: 'c.pdf', file_data: 'https://a.example/c.pdf' } },
      { type: 'video_url', video_url: { url: 'https://a.example/v.mp4' } },
      { type: 'input_smell', smell: 'tar' },
    ],
  });
  expect(parts).toEqual([
    { type: 'image', source: { kind: 'url', url: 'https://a.example/x.png' }, detail: 'low' },
    { type: 'image', source: { kind: 'base64', data: 'AAAA', mediaType: 'image/png' } },
    { type: 'image', source: { kind: 'url', url: 'https://a.example/y.png' } },
    { type: 'audio', source: { kind: 'base64', data: 'BBBB', mediaType: 'audio/mpeg' }, format: 'mp3' },
    { type: 'document', source: { kind: 'base64', data: pdf, mediaType: 'application/pdf' }, filename: 'a.pdf' },
    { type: 'document', source: { kind: 'base64', data: pdf, mediaType: 'application/pdf' }, filename: 'b.pdf' },
    { type: 'document', source: { kind: 'file-id', id: 'file-1' } },
    { type: 'document', source: { kind: 'url', url: 'https://a.example/c.pdf' }, filename: 'c.pdf' },
    { type: 'video', source: { kind: 'url', url: 'https://a.example/v.mp4' } },
    { type: 'opaque', wire: 'openai-chat', what: 'input_smell', value: { type: 'input_smell', smell: 'tar' } },
  ]);
});

test('cache markers stay on their block with their life', () => {
  const request = parseRequest(
    body({
      tools: [{ type: 'function', function: { name: 'f' }, cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'A', cache_control: { type: 'ephemeral' } }] },
        { role: 'user', content: 'hi', cache_control: { type: 'ephemeral', ttl: '5m' } },
        { role: 'user', content: [{ type: 'text', text: 'B', prompt_cache_breakpoint: { mode: 'explicit' } }] },
      ],
    }),
  );
  expect(request.messages.map(({ parts }) => parts[0])).toEqual([
    { type: 'text', text: 'A', cache: {} },
    { type: 'text', text: 'hi', cache: { ttl: '5m' } },
    { type: 'text', text: 'B', cache: {} },
  ]);
  expect(request.tools).toEqual([{ type: 'function', name: 'f', cache: { ttl: '1h' } }]);
});

test('an assistant message brings its thinking, text, refusal, sound and calls', () => {
  const { parts } = parseMessage({
    role: 'assistant',
    content: [
      { type: 'text', text: 'Look' },
      { type: 'refusal', refusal: 'no' },
    ],
    reasoning_content: 'hm',
    audio: { id: 'audio_1' },
    annotations: [],
    tool_calls: [
      { id: 'c1', type: 'function', function: { name: 'f', arguments: '' } },
      { id: 'c2', type: 'function', function: { name: 'g', arguments: '{broken' } },
      { id: 'c3', type: 'custom', custom: { name: 'h', input: 'x' } },
    ],
  });
  expect(parts).toEqual([
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'Look' },
    { type: 'refusal', text: 'no' },
    { type: 'audio', source: { kind: 'file-id', id: 'audio_1' } },
    { type: 'tool-call', id: 'c1', name: 'f', arguments: '{}' },
    { type: 'tool-call', id: 'c2', name: 'g', arguments: '{broken' },
    {
      type: 'opaque',
      wire: 'openai-chat',
      what: 'custom_tool_call',
      value: { id: 'c3', type: 'custom', custom: { name: 'h', input: 'x' } },
    },
  ]);
});

test('signatures are read back from every place they travel in', () => {
  const { parts } = parseMessage({
    role: 'assistant',
    content: 'Signed text',
    reasoning_content: 'A.Sum.',
    reasoning_details: [
      { type: 'reasoning.text', text: 'A.', signature: 'sigA', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.encrypted', data: 'hidden', format: 'anthropic-claude-v1', index: 1 },
      { type: 'reasoning.summary', summary: 'Sum.', id: 'rs_1', format: 'openai-responses-v1', index: 2 },
      { type: 'reasoning.encrypted', data: 'enc', id: 'rs_1', format: 'openai-responses-v1', index: 2 },
      { type: 'reasoning.encrypted', data: 'sluice.gemini.text.sigT', format: 'google-gemini-v1', index: 3 },
      { type: 'reasoning.encrypted', data: 'sigD', id: 'c2', format: 'google-gemini-v1', index: 4 },
      { type: 'reasoning.encrypted', data: 'x', format: 'xai-responses-v1', index: 5 },
    ],
    tool_calls: [
      {
        id: 'c1',
        type: 'function',
        function: { name: 'f', arguments: '{}' },
        extra_content: { google: { thought_signature: 'sigC' } },
      },
      { id: 'c2', type: 'function', function: { name: 'f', arguments: '{}' } },
      {
        id: 'c3',
        type: 'function',
        function: { name: 'f', arguments: '{}' },
        extra_content: { google: { thought_signature: 'sluice.anthropic.call.sigE' } },
      },
    ],
  });
  expect(parts).toEqual([
    { type: 'reasoning', text: 'A.', signature: { origin: 'anthropic', on: 'thought', value: 'sigA' } },
    { type: 'reasoning', text: '', redacted: 'hidden' },
    {
      type: 'reasoning',
      text: 'Sum.',
      summary: true,
      signature: { origin: 'openai', on: 'thought', value: 'enc' },
      id: 'rs_1',
    },
    {
      type: 'opaque',
      wire: 'openai-chat',
      what: 'reasoning_details',
      value: { type: 'reasoning.encrypted', data: 'x', format: 'xai-responses-v1', index: 5 },
    },
    { type: 'text', text: 'Signed text', signature: { origin: 'gemini', on: 'text', value: 'sigT' } },
    {
      type: 'tool-call',
      id: 'c1',
      name: 'f',
      arguments: '{}',
      signature: { origin: 'gemini', on: 'call', value: 'sigC' },
    },
    {
      type: 'tool-call',
      id: 'c2',
      name: 'f',
      arguments: '{}',
      signature: { origin: 'gemini', on: 'call', value: 'sigD' },
    },
    {
      type: 'tool-call',
      id: 'c3',
      name: 'f',
      arguments: '{}',
      signature: { origin: 'anthropic', on: 'call', value: 'sigE' },
    },
  ]);
});

test('tool results hold text and pictures', () => {
  const message = parseMessage({
    role: 'tool',
    tool_call_id: 'c1',
    content: [
      { type: 'text', text: 'see' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    ],
  });
  expect(message).toEqual({
    role: 'tool',
    parts: [
      {
        type: 'tool-result',
        callId: 'c1',
        parts: [
          { type: 'text', text: 'see' },
          { type: 'image', source: { kind: 'base64', data: 'AAAA', mediaType: 'image/png' } },
        ],
      },
    ],
  });
});

test('the deprecated functions become tools, and their messages calls and results that fit together', () => {
  const request = parseRequest(
    body({
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
        { role: 'function', name: 'f', content: 'done' },
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } },
        { role: 'function', name: 'f', content: 'again' },
      ],
    }),
  );
  expect(request.tools).toEqual([{ type: 'function', name: 'f', parameters: { type: 'object' } }]);
  expect(request.toolChoice).toEqual({ type: 'tool', name: 'f' });
  expect(request.parallelToolCalls).toBe(false);
  expect(isLegacy(request)).toBe(true);
  expect(Object.keys(request.extensions['openai-chat'] ?? {})).toEqual([]);
  const [, first, firstResult, second, secondResult] = request.messages.map(({ parts }) => parts[0]!);
  expect(first).toMatchObject({ type: 'tool-call', name: 'f', arguments: '{"a":1}' });
  expect(firstResult).toMatchObject({ callId: (first as { id: string }).id, name: 'f' });
  expect(second).toMatchObject({ arguments: '{}' });
  expect(secondResult).toMatchObject({ callId: (second as { id: string }).id });
  expect((first as { id: string }).id).not.toBe((second as { id: string }).id);
  expect(isLegacy(parseRequest(body({ tools: [] })))).toBe(false);
});

test('the whole matrix of tool choices is read', () => {
  const choice = (tool_choice: unknown) => parseRequest(body({ tool_choice })).toolChoice;
  expect(choice('auto')).toEqual({ type: 'auto' });
  expect(choice('none')).toEqual({ type: 'none' });
  expect(choice('required')).toEqual({ type: 'required' });
  expect(choice('any')).toEqual({ type: 'required' });
  expect(choice({ type: 'function', function: { name: 'f' } })).toEqual({ type: 'tool', name: 'f' });
  expect(choice({ type: 'custom', custom: { name: 'g' } })).toEqual({ type: 'tool', name: 'g' });
  expect(
    choice({
      type: 'allowed_tools',
      allowed_tools: {
        mode: 'required',
        tools: [
          { type: 'function', function: { name: 'f' } },
          { type: 'custom', name: 'g' },
        ],
      },
    }),
  ).toEqual({ type: 'allowed', names: ['f', 'g'], required: true });
});

test('custom and unknown tools stay whole for this wire', () => {
  const custom = { type: 'custom', custom: { name: 'sql', format: { type: 'text' } } };
  expect(parseRequest(body({ tools: [custom] })).tools).toEqual([
    { type: 'native', wire: 'openai-chat', what: 'custom', value: custom },
  ]);
});

test('an unknown field of a message is remembered for the loss report', () => {
  const { extensions } = parseRequest(body({ messages: [{ role: 'assistant', content: 'x', prefix: true }] }));
  expect(extensions).toEqual({ 'openai-chat': { 'messages[].prefix': true } });
});

test('the body is not changed', () => {
  const original = body({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }], cache_control: { type: 'ephemeral' } }],
    tools: [{ type: 'function', function: { name: 'f' } }],
  });
  const copy = structuredClone(original);
  parseRequest(original);
  expect(original).toEqual(copy);
});
