import { expect, test } from 'bun:test';
import type { SluiceError } from '../../core/sluice-error.ts';
import { parseRequest } from './parse-request.ts';

const parse = (fields: object) => parseRequest({ model: 'm', input: 'hi', ...fields });
const messagesOf = (input: unknown) => parse({ input }).messages;

function refusalOf(run: () => unknown): { code: string; param: string | undefined; message: string } {
  try {
    run();
  } catch (thrown) {
    const { code, facts, message } = thrown as SluiceError;
    return { code, param: facts.param, message };
  }
  throw new Error('nothing was thrown');
}

test('a string is one user message, and instructions stand before it as a system message', () => {
  const request = parse({ instructions: 'Be brief.' });
  expect(request).toEqual({
    dialect: 'openai-responses',
    model: 'm',
    messages: [
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
    ],
    tools: [],
    stop: [],
    n: 1,
    stream: false,
    includeUsage: true,
    extensions: {},
  });
});

test('messages keep their roles and places, with or without a type', () => {
  expect(
    messagesOf([
      { role: 'developer', content: 'a' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'b' }] },
      { role: 'user', content: 'c' },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'd', annotations: [] }],
      },
      { role: 'system', content: 'e' },
    ]),
  ).toEqual(
    ['developer', 'user', 'user', 'assistant', 'system'].map((role, index) => ({
      role,
      parts: [{ type: 'text', text: 'abcde'[index] }],
    })) as never,
  );
});

test('every kind of content part is read', () => {
  const [message] = messagesOf([
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'look', prompt_cache_breakpoint: { mode: 'explicit' } },
        { type: 'input_text', text: '' },
        { type: 'input_image', image_url: 'https://x.test/a.png', detail: 'low' },
        { type: 'input_image', image_url: 'data:image/png;base64,iVBO' },
        { type: 'input_image', file_id: 'file-1', detail: 'auto' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' },
        { type: 'input_file', filename: 'a.csv', file_data: 'YSxi' },
        { type: 'input_file', file_url: 'https://x.test/a.pdf' },
        { type: 'input_file', file_id: 'file-2' },
        { type: 'input_audio', input_audio: { data: 'UklG', format: 'mp3' } },
        { type: 'input_hologram', data: 1 },
      ],
    },
  ]);
  expect(message!.parts).toEqual([
    { type: 'text', text: 'look', cache: {} },
    { type: 'image', source: { kind: 'url', url: 'https://x.test/a.png' }, detail: 'low' },
    { type: 'image', source: { kind: 'base64', data: 'iVBO', mediaType: 'image/png' } },
    { type: 'image', source: { kind: 'file-id', id: 'file-1' }, detail: 'auto' },
    { type: 'document', source: { kind: 'base64', data: 'JVBE', mediaType: 'application/pdf' }, filename: 'a.pdf' },
    { type: 'document', source: { kind: 'base64', data: 'YSxi', mediaType: 'text/csv' }, filename: 'a.csv' },
    { type: 'document', source: { kind: 'url', url: 'https://x.test/a.pdf' } },
    { type: 'document', source: { kind: 'file-id', id: 'file-2' } },
    { type: 'audio', source: { kind: 'base64', data: 'UklG', mediaType: 'audio/mpeg' }, format: 'mp3' },
    {
      type: 'opaque',
      wire: 'openai-responses',
      what: 'content.input_hologram',
      value: { type: 'input_hologram', data: 1 },
    },
  ]);
});

test('what the assistant did in a row is one message, and results in a row are one', () => {
  const messages = messagesOf([
    { role: 'user', content: 'hi' },
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [
        { type: 'summary_text', text: 'a' },
        { type: 'summary_text', text: 'b' },
      ],
      encrypted_content: 'enc',
    },
    { role: 'assistant', content: 'Let me look.' },
    { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '{"a":1}', status: 'completed' },
    { type: 'function_call', call_id: 'c2', name: 'g', arguments: '' },
    { type: 'function_call_output', call_id: 'c1', output: '1' },
    {
      type: 'function_call_output',
      call_id: 'c2',
      output: [{ type: 'input_image', image_url: 'data:image/png;base64,iVBO' }],
    },
    { type: 'function_call', call_id: 'c3', name: 'f', arguments: 'not json' },
    { type: 'function_call_output', call_id: 'c3', output: '' },
  ]);
  expect(messages.slice(1)).toEqual([
    {
      role: 'assistant',
      parts: [
        {
          type: 'reasoning',
          text: 'a\n\nb',
          summary: true,
          id: 'rs_1',
          signature: { origin: 'openai', on: 'thought', value: 'enc' },
        },
        { type: 'text', text: 'Let me look.' },
        { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}' },
        { type: 'tool-call', id: 'c2', name: 'g', arguments: '{}' },
      ],
    },
    {
      role: 'tool',
      parts: [
        { type: 'tool-result', callId: 'c1', parts: [{ type: 'text', text: '1' }] },
        {
          type: 'tool-result',
          callId: 'c2',
          parts: [{ type: 'image', source: { kind: 'base64', data: 'iVBO', mediaType: 'image/png' } }],
        },
      ],
    },
    { role: 'assistant', parts: [{ type: 'tool-call', id: 'c3', name: 'f', arguments: 'not json' }] },
    { role: 'tool', parts: [{ type: 'tool-result', callId: 'c3', parts: [] }] },
  ]);
});

test('carried signatures return to the thought, the text and the call they came from', () => {
  const carried = (encrypted: string) => ({ type: 'reasoning', id: 'rs_9', summary: [], encrypted_content: encrypted });
  const [message] = messagesOf([
    { ...carried('sluice.anthropic.thought.A=='), summary: [{ type: 'summary_text', text: 'why' }] },
    carried('sluice.redacted.R.R=='),
    carried('sluice.item.rs_true.gAAA.b'),
    carried('sluice.item..gAAA'),
    { role: 'assistant', content: 'x' },
    carried('sluice.gemini.text.T'),
    carried('sluice.gemini.call.C'),
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
    { type: 'function_call', call_id: 'd', name: 'f', arguments: '{}' },
  ]);
  expect(message!.parts).toEqual([
    { type: 'reasoning', text: 'why', summary: true, signature: { origin: 'anthropic', on: 'thought', value: 'A==' } },
    { type: 'reasoning', text: '', redacted: 'R.R==' },
    { type: 'reasoning', text: '', id: 'rs_true', signature: { origin: 'openai', on: 'thought', value: 'gAAA.b' } },
    { type: 'reasoning', text: '', signature: { origin: 'openai', on: 'thought', value: 'gAAA' } },
    { type: 'text', text: 'x', signature: { origin: 'gemini', on: 'text', value: 'T' } },
    { type: 'tool-call', id: 'c', name: 'f', arguments: '{}', signature: { origin: 'gemini', on: 'call', value: 'C' } },
    { type: 'tool-call', id: 'd', name: 'f', arguments: '{}' },
  ]);
});

test('native items stay whole, and the results of native calls with them', () => {
  const items = [
    { type: 'web_search_call', id: 'ws_1', status: 'completed' },
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}', caller: { type: 'program', caller_id: 'p' } },
    { type: 'function_call_output', call_id: 'c', output: '1' },
    { type: 'custom_tool_call_output', call_id: 'x', output: 'y' },
    { type: 'function_call_output', call_id: 'z', output: [{ type: 'input_hologram' }] },
  ];
  expect(messagesOf(items)).toEqual([
    {
      role: 'assistant',
      parts: items.slice(0, 2).map((value) => ({ type: 'opaque', wire: 'openai-responses', what: value.type, value })),
    },
    {
      role: 'tool',
      parts: items.slice(2).map((value) => ({ type: 'opaque', wire: 'openai-responses', what: value.type, value })),
    },
  ] as never);
});

test('functions, native tools and held-back functions', () => {
  const closed = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  };
  const open = { type: 'object', properties: { a: { type: 'string' } } };
  const { tools } = parse({
    tools: [
      { type: 'function', name: 'f', description: 'd', parameters: closed },
      { type: 'function', name: 'g', parameters: open },
      { type: 'function', name: 'h', parameters: closed, strict: false },
      { type: 'function', name: 'i', parameters: null, strict: true },
      { type: 'web_search', search_context_size: 'low' },
      { type: 'custom', name: 'python' },
      { type: 'function', name: 'j', parameters: closed, allowed_callers: ['programmatic'] },
    ],
  });
  expect(tools.slice(0, 4)).toEqual([
    { type: 'function', name: 'f', description: 'd', parameters: closed, strict: true },
    { type: 'function', name: 'g', parameters: open },
    { type: 'function', name: 'h', parameters: closed, strict: false },
    { type: 'function', name: 'i', strict: true },
  ]);
  expect(tools.slice(4).map((tool) => tool.type === 'native' && tool.what)).toEqual([
    'web_search',
    'custom',
    'function',
  ]);
});

test.each([
  ['auto', { type: 'auto' }],
  ['none', { type: 'none' }],
  ['required', { type: 'required' }],
  [
    { type: 'function', name: 'f' },
    { type: 'tool', name: 'f' },
  ],
  [
    { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
    { type: 'allowed', names: ['f'], required: true },
  ],
] as const)('tool_choice %p', (given, read) => {
  expect(parse({ tool_choice: given }).toolChoice).toEqual(read as never);
});

test('a choice of native tools rides along as it is', () => {
  for (const choice of [
    { type: 'web_search_preview' },
    { type: 'custom', name: 'python' },
    { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'mcp', server_label: 's' }] },
  ]) {
    const request = parse({ tool_choice: choice });
    expect(request.toolChoice).toBeUndefined();
    expect(request.extensions).toEqual({ 'openai-responses': { tool_choice: choice } });
  }
});

test('all other fields find their place', () => {
  const request = parse({
    text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
    reasoning: { effort: 'high', summary: 'detailed', context: 'all_turns' },
    include: ['reasoning.encrypted_content', 'message.output_text.logprobs', 'web_search_call.results'],
    top_logprobs: 3,
    max_output_tokens: 100,
    temperature: 0.5,
    top_p: 0.9,
    parallel_tool_calls: false,
    metadata: { a: 'b' },
    user: 'u',
    safety_identifier: 's',
    prompt_cache_key: 'k',
    service_tier: 'flex',
    store: true,
    stream: true,
    truncation: 'auto',
    previous_response_id: 'resp_1',
    max_tool_calls: 4,
    prompt: { id: 'pmpt_1' },
    brand_new: { x: 1 },
  });
  expect(request).toMatchObject({
    responseFormat: { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true },
    verbosity: 'low',
    reasoning: { effort: 'high', summary: 'detailed', include: true, includeEncrypted: true },
    logprobs: { top: 3 },
    maxOutputTokens: 100,
    temperature: 0.5,
    topP: 0.9,
    parallelToolCalls: false,
    metadata: { a: 'b' },
    endUser: 's',
    promptCacheKey: 'k',
    serviceTier: 'flex',
    store: true,
    stream: true,
  });
  expect(request.extensions['openai-responses']).toEqual({
    reasoning: { context: 'all_turns' },
    include: ['web_search_call.results'],
    truncation: 'auto',
    previous_response_id: 'resp_1',
    max_tool_calls: 4,
    prompt: { id: 'pmpt_1' },
    brand_new: { x: 1 },
  });
});

test('nulls and defaults say nothing', () => {
  const request = parse({
    ...{ instructions: null, tools: null, tool_choice: null, text: { format: null }, reasoning: { effort: null } },
    ...{ include: null, truncation: 'disabled', background: false, previous_response_id: null, conversation: null },
    ...{ stream_options: { include_obfuscation: false }, metadata: {}, temperature: null, stream: null, user: null },
  });
  expect(request).toEqual(parse({}));
});

test('the body is never changed', () => {
  const body = {
    model: 'm',
    input: [
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sluice.gemini.call.C' },
      { role: 'assistant', content: 'x' },
    ],
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }],
    stream_options: { include_obfuscation: true },
  };
  const before = structuredClone(body);
  parseRequest(body);
  expect(body).toEqual(before);
});

const item = (value: object) => ({ input: [value] });

test.each([
  [{ model: undefined }, 'model'],
  [{ model: 3 }, 'model'],
  [{ input: 3 }, 'input'],
  [{ input: undefined }, 'input'],
  [{ input: [] }, 'input'],
  [{ temperature: 2.5 }, 'temperature'],
  [{ temperature: '1' }, 'temperature'],
  [{ top_p: -1 }, 'top_p'],
  [{ top_logprobs: 21 }, 'top_logprobs'],
  [{ max_output_tokens: 0 }, 'max_output_tokens'],
  [{ max_output_tokens: 1.5 }, 'max_output_tokens'],
  [{ metadata: { a: 1 } }, 'metadata.a'],
  [{ reasoning: { effort: 'huge' } }, 'reasoning.effort'],
  [{ text: { verbosity: 'loud' } }, 'text.verbosity'],
  [{ text: { format: { type: 'xml' } } }, 'text.format.type'],
  [{ text: { format: { type: 'json_schema', schema: {} } } }, 'text.format.name'],
  [{ include: 'x' }, 'include'],
  [{ include: [1] }, 'include[0]'],
  [{ background: true }, 'background'],
  [{ tools: {} }, 'tools'],
  [{ tools: [{ type: 'function' }] }, 'tools[0].name'],
  [{ tools: [{ name: 'f' }] }, 'tools[0].type'],
  [{ tools: [{ type: 'function', name: 'f', parameters: 'x' }] }, 'tools[0].parameters'],
  [{ tools: [{ type: 'function', name: 'f', strict: 'x' }] }, 'tools[0].strict'],
  [{ tool_choice: 'any' }, 'tool_choice'],
  [{ tool_choice: { type: 'function' } }, 'tool_choice.name'],
  [item({ role: 'critic', content: 'x' }), 'input[0].role'],
  [item({ role: 'user', content: 3 }), 'input[0].content'],
  [item({ role: 'user', content: [{ type: 'input_text' }] }), 'input[0].content[0].text'],
  [item({ role: 'user', content: [{ text: 'x' }] }), 'input[0].content[0].type'],
  [item({ role: 'user', content: [{ type: 'input_image' }] }), 'input[0].content[0]'],
  [item({ role: 'user', content: [{ type: 'input_image', image_url: 'data:x' }] }), 'input[0].content[0].image_url'],
  [
    item({ role: 'user', content: [{ type: 'input_image', image_url: 'https://x.test', detail: 'x' }] }),
    'input[0].content[0].detail',
  ],
  [item({ role: 'user', content: [{ type: 'input_file' }] }), 'input[0].content[0]'],
  [item({ role: 'user', content: [{ type: 'input_audio' }] }), 'input[0].content[0].input_audio'],
  [item({ type: 'function_call', name: 'f', arguments: '{}' }), 'input[0].call_id'],
  [item({ type: 'function_call', call_id: 'c', name: 'f', arguments: {} }), 'input[0].arguments'],
  [item({ type: 'function_call_output', call_id: 'c' }), 'input[0].output'],
  [item({ type: 'reasoning', summary: 'x' }), 'input[0].summary'],
  [item({ type: 'item_reference', id: 'msg_1' }), 'input[0]'],
  [item({ id: 'msg_1' }), 'input[0]'],
  [{ input: ['x'] }, 'input[0]'],
])('%j is refused, naming the field', (fields, param) => {
  const refused = refusalOf(() => parse(fields));
  expect(refused).toMatchObject({ code: 'invalid_request', param });
  expect(refused.message).toMatch(/^[`A-Z].*[.]$/);
});

test('what is no object is refused', () => {
  for (const body of [null, undefined, 3, 'x', []]) {
    expect(refusalOf(() => parseRequest(body))).toMatchObject({ code: 'invalid_request' });
  }
});

test('a prompt, a conversation or an earlier response can stand for the input', () => {
  for (const fields of [{ prompt: { id: 'p' } }, { conversation: 'conv_1' }, { previous_response_id: 'resp_1' }]) {
    expect(parse({ input: undefined, ...fields }).messages).toEqual([]);
  }
});
