import { expect, test } from 'bun:test';
import { SluiceError } from '../../core/sluice-error.ts';
import { parseCountRequest, parseRequest } from './parse-request.ts';

const hello = { model: 'claude/big', max_tokens: 64, messages: [{ role: 'user', content: 'Hello' }] };
const parse = (given: object) => parseRequest({ ...hello, ...given });
const partsOf = (role: string, content: unknown) => parse({ messages: [{ role, content }] }).messages;

function fault(body: unknown): [string | undefined, string] {
  try {
    parseRequest(body);
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'invalid_request') return [error.facts.param, error.message];
    throw error;
  }
  throw new Error('the body was accepted');
}

test('the smallest body becomes a request', () => {
  expect(parseRequest(hello)).toEqual({
    dialect: 'anthropic-messages',
    model: 'claude/big',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
    tools: [],
    stop: [],
    n: 1,
    maxOutputTokens: 64,
    stream: false,
    includeUsage: true,
    extensions: {},
  });
});

test('each bad field is named, in a sentence that says what it must be', () => {
  const text = { type: 'text', text: 'x' };
  const cases: [object, string, string][] = [
    [{ model: undefined }, 'model', '`model` is required.'],
    [{ model: '' }, 'model', '`model` must be the name of a model.'],
    [{ max_tokens: undefined }, 'max_tokens', '`max_tokens` is required.'],
    [{ max_tokens: 1.5 }, 'max_tokens', '`max_tokens` must be a whole number of at least 0.'],
    [{ max_tokens: '64' }, 'max_tokens', '`max_tokens` must be a whole number of at least 0.'],
    [{ temperature: 1.2 }, 'temperature', '`temperature` must be a number from 0 to 1.'],
    [{ top_p: -0.1 }, 'top_p', '`top_p` must be a number from 0 to 1.'],
    [{ top_k: 'x' }, 'top_k', '`top_k` must be a whole number of at least 0.'],
    [{ stop_sequences: ['a', 3] }, 'stop_sequences[1]', '`stop_sequences[1]` must be a string.'],
    [{ stream: 'yes' }, 'stream', '`stream` must be true or false.'],
    [{ system: 3 }, 'system', '`system` must be a string or a list of text blocks.'],
    [{ system: [{ type: 'image' }] }, 'system[0].type', '`system[0].type` must be `text`.'],
    [{ messages: [] }, 'messages', '`messages` must be a list of at least one message.'],
    [{ messages: ['x'] }, 'messages[0]', '`messages[0]` must be an object with `role` and `content`.'],
    [
      { messages: [{ role: 'tool', content: '' }] },
      'messages[0].role',
      '`messages[0].role` must be `user`, `assistant` or `system`.',
    ],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content', '`messages[0].content` is required.'],
    [
      { messages: [{ role: 'user', content: [text, { type: 'text' }] }] },
      'messages[0].content[1].text',
      '`messages[0].content[1].text` is required.',
    ],
    [
      { messages: [{ role: 'user', content: [{}] }] },
      'messages[0].content[0].type',
      '`messages[0].content[0].type` is required.',
    ],
    [
      { messages: [{ role: 'user', content: [7] }] },
      'messages[0].content[0]',
      '`messages[0].content[0]` must be a content block.',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'image' }] }] },
      'messages[0].content[0].source',
      '`messages[0].content[0].source` is required.',
    ],
    [
      {
        messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png' } }] }],
      },
      'messages[0].content[0].source.data',
      '`messages[0].content[0].source.data` is required.',
    ],
    [
      { messages: [{ role: 'user', content: [{ ...text, cache_control: { type: 'ephemeral', ttl: '2h' } }] }] },
      'messages[0].content[0].cache_control.ttl',
      '`messages[0].content[0].cache_control.ttl` must be `5m` or `1h`.',
    ],
    [
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'b', input: [] }] }] },
      'messages[0].content[0].input',
      '`messages[0].content[0].input` must be a JSON object.',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'tool_result', content: 'x' }] }] },
      'messages[0].content[0].tool_use_id',
      '`messages[0].content[0].tool_use_id` is required.',
    ],
    [{ tools: [{ name: 'a' }] }, 'tools[0].input_schema', '`tools[0].input_schema` is required.'],
    [{ tools: [{ input_schema: {} }] }, 'tools[0].name', '`tools[0].name` is required.'],
    [{ tool_choice: { type: 'tool' } }, 'tool_choice.name', '`tool_choice.name` is required when `type` is `tool`.'],
    [
      { tool_choice: { type: 'some' } },
      'tool_choice.type',
      '`tool_choice.type` must be `auto`, `any`, `tool` or `none`.',
    ],
    [{ thinking: { type: 'enabled' } }, 'thinking.budget_tokens', '`thinking.budget_tokens` is required.'],
    [
      { thinking: { type: 'enabled', budget_tokens: 100 } },
      'thinking.budget_tokens',
      '`thinking.budget_tokens` must be a whole number of at least 1024.',
    ],
    [
      { output_config: { effort: 'huge' } },
      'output_config.effort',
      '`output_config.effort` must be `low`, `medium`, `high`, `xhigh` or `max`.',
    ],
    [
      { output_config: { format: { type: 'json_schema' } } },
      'output_config.format.schema',
      '`output_config.format.schema` is required.',
    ],
    [{ metadata: { user_id: 5 } }, 'metadata.user_id', '`metadata.user_id` must be a string.'],
  ];
  for (const [given, param, message] of cases) expect(fault({ ...hello, ...given })).toEqual([param, message]);
  expect(fault([])).toEqual([undefined, 'The body must be a JSON object.']);
});

test('the body is never changed, and a frozen one is fine', () => {
  const freeze = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  const body = {
    ...hello,
    system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    tools: [{ name: 'a', input_schema: { type: 'object' }, defer_loading: true }],
    messages: [
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'x', content: [{ type: 'search_result', title: 'T' }] }],
      },
    ],
  };
  const before = JSON.stringify(body);
  parseRequest(freeze(body));
  expect(JSON.stringify(body)).toBe(before);
});

test('system text and system turns keep their order and markers', () => {
  const { messages } = parse({
    system: [{ type: 'text', text: 'A', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    messages: [
      { role: 'user', content: 'B' },
      { role: 'system', content: 'C' },
    ],
  });
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'system']);
  expect(messages[0]!.parts).toEqual([{ type: 'text', text: 'A', cache: { ttl: '1h' } }]);
});

test('media come from addresses, bytes, files and text', () => {
  const [message] = partsOf('user', [
    {
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: 'AAAA' },
      cache_control: { type: 'ephemeral' },
    },
    { type: 'image', source: { type: 'url', url: 'https://a.example/i.png' } },
    { type: 'image', source: { type: 'file', file_id: 'file_1' } },
    {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
      title: 'T',
      context: 'C',
      citations: { enabled: true },
    },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grüße 🌊' } },
    { type: 'document', source: { type: 'url', url: 'https://a.example/d.pdf' } },
    { type: 'document', source: { type: 'content', content: 'plain' } },
    { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'block' }] } },
  ]);
  expect(message!.parts).toMatchObject([
    { type: 'image', source: { kind: 'base64', data: 'AAAA', mediaType: 'image/png' }, cache: {} },
    { type: 'image', source: { kind: 'url', url: 'https://a.example/i.png' } },
    { type: 'image', source: { kind: 'file-id', id: 'file_1' } },
    { type: 'document', source: { mediaType: 'application/pdf' }, filename: 'T', context: 'C', citations: true },
    { type: 'document', source: { data: Buffer.from('Grüße 🌊').toString('base64'), mediaType: 'text/plain' } },
    { type: 'document', source: { kind: 'url', mediaType: 'application/pdf' } },
    { type: 'document', source: { data: Buffer.from('plain').toString('base64') } },
    { type: 'opaque', wire: 'anthropic-messages', what: 'document' },
  ]);
});

test('tool results stand in a tool message ahead of the rest of the turn, images inside them as images', () => {
  const messages = partsOf('user', [
    { type: 'text', text: 'Here.' },
    { type: 'tool_result', tool_use_id: 'a', content: 'plain', is_error: true },
    {
      type: 'tool_result',
      tool_use_id: 'b',
      content: [
        { type: 'text', text: 'see' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      ],
    },
    { type: 'tool_result', tool_use_id: 'c' },
  ]);
  expect(messages).toMatchObject([
    {
      role: 'tool',
      parts: [
        { callId: 'a', isError: true, parts: [{ type: 'text', text: 'plain' }] },
        { callId: 'b', parts: [{ type: 'text' }, { type: 'image', source: { data: 'AAAA' } }] },
        { callId: 'c', parts: [] },
      ],
    },
    { role: 'user', parts: [{ type: 'text', text: 'Here.' }] },
  ]);
});

test('a search result inside a tool result is readable text for other wires and is marked for their loss report', () => {
  const content = [
    {
      type: 'search_result',
      source: 'https://a.example',
      title: 'Tides',
      content: [{ type: 'text', text: 'High at six.' }],
    },
    { type: 'tool_reference', tool_name: 'weather' },
  ];
  const request = parse({
    messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content }] }],
  });
  expect(request.messages[0]!.parts[0]).toMatchObject({
    parts: [
      { text: 'Tides, https://a.example\nHigh at six.' },
      { text: '{"type":"tool_reference","tool_name":"weather"}' },
    ],
  });
  expect(Object.keys(request.extensions['anthropic-messages']!)).toEqual(['messages[].content[].tool_result.content']);
});

test('thinking blocks keep text and signature; a carried call signature goes to its call', () => {
  const [message] = partsOf('assistant', [
    { type: 'thinking', thinking: 'Hm.', signature: 'EqQB' },
    { type: 'redacted_thinking', data: 'EmwK' },
    { type: 'thinking', thinking: '', signature: 'sluice.gemini.call.abc' },
    { type: 'tool_use', id: 'a', name: 'go', input: {} },
    { type: 'tool_use', id: 'b', name: 'go', input: {} },
  ]);
  expect(message!.parts).toEqual([
    { type: 'reasoning', text: 'Hm.', signature: { origin: 'anthropic', on: 'thought', value: 'EqQB' } },
    { type: 'reasoning', text: '', redacted: 'EmwK' },
    {
      type: 'tool-call',
      id: 'a',
      name: 'go',
      arguments: '{}',
      signature: { origin: 'gemini', on: 'call', value: 'abc' },
    },
    { type: 'tool-call', id: 'b', name: 'go', arguments: '{}' },
  ]);
});

test('thinking, effort and formats are read in all their forms', () => {
  expect(parse({ thinking: { type: 'enabled', budget_tokens: 2048, display: 'omitted' } }).reasoning).toEqual({
    enabled: true,
    budgetTokens: 2048,
    include: false,
  });
  expect(parse({ thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } }).reasoning).toEqual({
    enabled: true,
    adaptive: true,
    effort: 'xhigh',
  });
  expect(parse({ thinking: { type: 'disabled' } }).reasoning).toEqual({ enabled: false });
  expect(parse({ thinking: { type: 'between_tools' } })).toMatchObject({
    extensions: { 'anthropic-messages': { thinking: { type: 'between_tools' } } },
  });
  const format = { type: 'json_schema', schema: { type: 'object' } };
  const wanted = { type: 'json-schema', name: 'output', schema: { type: 'object' }, strict: true } as const;
  expect(parse({ output_config: { format } }).responseFormat).toEqual(wanted);
  expect(parse({ output_format: format }).responseFormat).toEqual(wanted);
});

test('tools of the provider stay whole, custom ones become functions, and the choice is read as a full matrix', () => {
  const request = parse({
    tools: [
      { type: 'custom', name: 'a', description: 'A', input_schema: { type: 'object' }, strict: true },
      { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
    ],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
  });
  expect(request.tools).toEqual([
    { type: 'function', name: 'a', description: 'A', parameters: { type: 'object' }, strict: true },
    {
      type: 'native',
      wire: 'anthropic-messages',
      what: 'web_search_20250305',
      value: { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
    },
  ]);
  expect([request.toolChoice, request.parallelToolCalls]).toEqual([{ type: 'required' }, false]);
  const choices = [{ type: 'auto' }, { type: 'none' }, { type: 'tool', name: 'a' }];
  expect(choices.map((tool_choice) => parse({ tool_choice }).toolChoice)).toEqual(choices as never);
});

test('unknown fields ride in the extension of this dialect, metadata beyond the user id with them', () => {
  const request = parse({
    mcp_servers: [{ url: 'https://m.example' }],
    cache_control: { type: 'ephemeral' },
    speed: null,
    metadata: { user_id: 'u-1', team: 'x' },
    service_tier: 'standard_only',
  });
  expect(request).toMatchObject({
    endUser: 'u-1',
    serviceTier: 'standard_only',
    extensions: {
      'anthropic-messages': {
        mcp_servers: [{ url: 'https://m.example' }],
        cache_control: { type: 'ephemeral' },
        metadata: { team: 'x' },
      },
    },
  });
  expect(request.extensions['anthropic-messages']).not.toHaveProperty('speed');
});

test('count_tokens bodies need no max_tokens', () => {
  const { max_tokens: _, ...body } = hello;
  expect(parseCountRequest(body).maxOutputTokens).toBeUndefined();
  expect(() => parseRequest(body)).toThrow('`max_tokens` is required.');
});
