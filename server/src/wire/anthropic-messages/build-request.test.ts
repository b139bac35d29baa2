import { expect, test } from 'bun:test';
import type { Message, Part } from '../../core/chat-request.ts';
import { buildRequest } from './build-request.ts';
import { countTokensBody, parseCountRequest } from './count-tokens.ts';
import { parseRequest } from './parse-request.ts';
import { build, requestOf } from './test-support.ts';

const text = (value: string): Part => ({ type: 'text', text: value });
const user = (value: string): Message => ({ role: 'user', parts: [text(value)] });
const assistant = (value: string): Message => ({ role: 'assistant', parts: [text(value)] });
const fields = (built: { losses: { field: string }[] }) => built.losses.map((loss) => loss.field);
const rebuild = (body: object, upstream = 'claude-sonnet-4-6') => buildRequest(parseRequest(body), { upstream }, {});

const whole = {
  model: 'claude-sonnet-4-6',
  max_tokens: 4096,
  system: [
    { type: 'text', text: 'Long rules.', cache_control: { type: 'ephemeral', ttl: '1h' } },
    { type: 'text', text: 'Short rule.' },
  ],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        { type: 'image', source: { type: 'url', url: 'https://a.example/i.webp' } },
        {
          type: 'document',
          source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
          title: 'T',
          context: 'C',
          citations: { enabled: true },
          cache_control: { type: 'ephemeral' },
        },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grüße 🌊' } },
        { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'a block' }] } },
        { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'x' }] },
        { type: 'container_upload', file_id: 'file_9' },
        { type: 'text', text: 'What is it?' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'EqQBsig==' },
        { type: 'redacted_thinking', data: 'EmwKdata==' },
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } },
        { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
        {
          type: 'text',
          text: 'Cited.',
          citations: [
            {
              type: 'char_location',
              cited_text: 'c',
              document_index: 0,
              document_title: null,
              start_char_index: 0,
              end_char_index: 1,
            },
          ],
        },
        { type: 'tool_use', id: 'toolu_1', name: 'look', input: { deep: { list: [1, null, 'ü'] } } },
        {
          type: 'tool_use',
          id: 'toolu_2',
          name: 'look',
          input: {},
          caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' },
        },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'toolu_1',
          content: [
            { type: 'text', text: 'see' },
            { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'BBBB' } },
          ],
          is_error: false,
          cache_control: { type: 'ephemeral', ttl: '5m' },
        },
        { type: 'tool_result', tool_use_id: 'toolu_2', content: [{ type: 'tool_reference', tool_name: 'look' }] },
        { type: 'text', text: 'Go on.' },
      ],
    },
    { role: 'assistant', content: 'Prefill:' },
  ],
  tools: [
    {
      name: 'look',
      description: 'Looks.',
      input_schema: { type: 'object', properties: {} },
      strict: true,
      input_examples: [{}],
      cache_control: { type: 'ephemeral' },
    },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
  ],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  thinking: { type: 'enabled', budget_tokens: 2048, display: 'summarized' },
  output_config: {
    effort: 'high',
    format: { type: 'json_schema', schema: { type: 'object' } },
    task_budget: { type: 'tokens', total: 9 },
  },
  stop_sequences: ['END'],
  metadata: { user_id: 'u-1' },
  service_tier: 'standard_only',
  stream: true,
  context_management: { edits: [] },
  mcp_servers: [{ type: 'url', name: 'm', url: 'https://m.example' }],
  container: 'container_1',
  cache_control: { type: 'ephemeral' },
};

test('a body with nearly everything comes out as it went in, without a loss', () => {
  const { body, losses } = rebuild(whole);
  expect(body).toEqual(whole);
  expect(losses).toEqual([]);
});

test('sampling comes out as it went in', () => {
  const body = { ...whole, thinking: undefined, temperature: 0.3, top_k: 5, stream: undefined };
  expect(rebuild(body).body).toEqual(JSON.parse(JSON.stringify({ ...body })));
});

test('modes of thinking come out as they went in, those of the future too', () => {
  for (const thinking of [{ type: 'adaptive' }, { type: 'disabled' }, { type: 'between_tools' }]) {
    expect(rebuild({ ...whole, thinking }).body.thinking).toEqual(thinking as never);
  }
});

test('a tool result that somebody changed is sent as changed, not as it was kept', () => {
  const request = parseRequest(whole);
  const results = request.messages.find(({ role }) => role === 'tool')!.parts;
  const second = results[1]!;
  if (second.type === 'tool-result') second.parts = [{ type: 'text', text: '[removed]' }];
  const { body } = buildRequest(request, { upstream: 'claude-sonnet-4-6' }, {});
  expect(JSON.stringify(body)).not.toContain('tool_reference');
  expect(JSON.stringify(body)).toContain('[removed]');
});

test('system and developer messages anywhere reach the top-level system in order, with all their text', () => {
  const { body, losses } = build({
    messages: [
      { role: 'system', parts: [text('One.'), text(' ')] },
      user('Hi'),
      { role: 'developer', parts: [text('Two.')] },
      assistant('Yes?'),
      { role: 'system', parts: [{ type: 'text', text: 'Three.', cache: { ttl: '1h' } }] },
      user('Go'),
    ],
  });
  expect(body.system).toEqual([
    { type: 'text', text: 'One.' },
    { type: 'text', text: 'Two.' },
    { type: 'text', text: 'Three.', cache_control: { type: 'ephemeral', ttl: '1h' } },
  ]);
  expect(body.messages).toEqual([
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Yes?' },
    { role: 'user', content: 'Go' },
  ]);
  expect(losses).toEqual([]);
});

test('turns of one role are merged, a prefill stays last, and an assistant first gets a user turn before it', () => {
  const { body } = build({ messages: [user('a'), user('b'), assistant('c'), assistant('d')] });
  expect(body.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'c' },
        { type: 'text', text: 'd' },
      ],
    },
  ]);
  const opened = build({ messages: [assistant('Welcome.'), user('Hi')] });
  expect((opened.body.messages as Message[]).map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  expect(fields(opened)).toEqual(['messages[0]']);
  expect(build({ messages: [{ role: 'system', parts: [text('Only me.')] }] }).body).toMatchObject({
    system: 'Only me.',
    messages: [{ role: 'user', content: 'Continue.' }],
  });
});

test('no empty text block is sent, whatever form the emptiness has', () => {
  const { body } = build({
    messages: [
      user('Hi'),
      { role: 'assistant', parts: [text(''), text(' \n'), { type: 'tool-call', id: 'a', name: 'go', arguments: '' }] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'a', parts: [{ type: 'text', text: '' }] }] },
      { role: 'user', parts: [] },
      user(' '),
    ],
  });
  expect(body.messages).toEqual([
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'go', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a' }] },
  ]);
});

test('parallel results become one user turn, ahead of its text and in the order of the calls', () => {
  const call = (id: string): Part => ({ type: 'tool-call', id, name: 'go', arguments: '{}' });
  const result = (callId: string): Message => ({
    role: 'tool',
    parts: [{ type: 'tool-result', callId, parts: [{ type: 'text' as const, text: callId }] }],
  });
  const { body } = build({
    messages: [
      user('Hi'),
      { role: 'assistant', parts: [call('a'), call('functions.go:1'), call('c')] },
      result('c'),
      user('And?'),
      result('functions.go:1'),
      result('a'),
    ],
  });
  const turns = body.messages as { role: string; content: { tool_use_id?: string; id?: string; text?: string }[] }[];
  expect(turns[1]!.content.map(({ id }) => id)).toEqual(['a', 'functions_2ego_3a1', 'c']);
  expect(turns[2]!.content.map((block) => block.tool_use_id ?? block.text)).toEqual([
    'a',
    'functions_2ego_3a1',
    'c',
    'And?',
  ]);
  expect(turns.length).toBe(3);
});

test('arguments that are no JSON object are wrapped, with a loss', () => {
  const parts: Part[] = ['{"cut', '[1]'].map((args, index) => ({
    type: 'tool-call',
    id: `c${index}`,
    name: 'go',
    arguments: args,
  }));
  const built = build({ messages: [user('Hi'), { role: 'assistant', parts }] });
  expect(built.body.messages).toMatchObject([
    {},
    { content: [{ input: { invalid_json: '{"cut' } }, { input: { invalid_json: '[1]' } }] },
  ]);
  expect(fields(built)).toEqual(['tool_calls[].function.arguments']);
});

test('signatures of Anthropic go back byte for byte, thinking of other vendors is left out with a loss', () => {
  const value = 'EqQB+/=\u00e9 odd bytes';
  const built = build({
    messages: [
      user('Hi'),
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Mine.', signature: { origin: 'anthropic', on: 'thought', value } },
          { type: 'reasoning', text: 'Theirs.', signature: { origin: 'openai', on: 'thought', value: 'x' } },
          { type: 'reasoning', text: 'Unsigned.' },
          { type: 'reasoning', text: '', redacted: 'EmwK==' },
          {
            type: 'tool-call',
            id: 'a',
            name: 'go',
            arguments: '{}',
            signature: { origin: 'gemini', on: 'call', value: 'x' },
          },
        ],
      },
    ],
  });
  expect((built.body.messages as { content: unknown }[])[1]!.content).toEqual([
    { type: 'thinking', thinking: 'Mine.', signature: value },
    { type: 'redacted_thinking', data: 'EmwK==' },
    { type: 'tool_use', id: 'a', name: 'go', input: {} },
  ]);
  expect(fields(built)).toEqual(['thinking signature']);
});

test('images and documents are checked by media type; sound, video and foreign files are refused', () => {
  const send = (part: Part, quirks = {}) =>
    (build({ messages: [{ role: 'user', parts: [part] }] }, {}, quirks).body.messages as { content: object[] }[])[0]!
      .content[0];
  expect(send({ type: 'image', source: { kind: 'base64', data: 'AA', mediaType: 'image/JPG' } })).toEqual({
    type: 'image',
    source: { type: 'base64', media_type: 'image/jpeg', data: 'AA' },
  });
  expect(send({ type: 'image', source: { kind: 'url', url: 'data:image/gif;base64,R0lG' } })).toMatchObject({
    source: { type: 'base64', media_type: 'image/gif', data: 'R0lG' },
  });
  expect(
    send({
      type: 'document',
      source: { kind: 'base64', data: Buffer.from('a,b ü').toString('base64'), mediaType: 'text/csv' },
    }),
  ).toEqual({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b ü' } });
  const refused: [Part, object?][] = [
    [{ type: 'image', source: { kind: 'base64', data: 'AA', mediaType: 'image/tiff' } }],
    [{ type: 'image', source: { kind: 'file-id', id: 'file-1' } }],
    [{ type: 'image', source: { kind: 'url', url: 'ftp://a.example' } }],
    [{ type: 'image', source: { kind: 'url', url: 'https://a.example' } }, { imageUrls: false }],
    [{ type: 'audio', source: { kind: 'base64', data: 'AA', mediaType: 'audio/wav' } }],
    [{ type: 'video', source: { kind: 'url', url: 'https://a.example' } }],
    [{ type: 'document', source: { kind: 'base64', data: 'AA', mediaType: 'application/msword' } }],
  ];
  for (const [part, quirks] of refused) {
    expect(() => send(part, quirks)).toThrow(expect.objectContaining({ code: 'unsupported_capability' }));
  }
});

test('max_tokens is the caller`s, else the model`s, else 4096', () => {
  expect(build({ maxOutputTokens: 5 }, { maxOutputTokens: 100 }).body.max_tokens).toBe(5);
  expect(build({}, { maxOutputTokens: 100 }).body.max_tokens).toBe(100);
  expect(build({}).body.max_tokens).toBe(4096);
});

test('a temperature above 1 is refused with its range, never clamped', () => {
  expect(() => build({ temperature: 1.3 })).toThrow('`temperature` is 1.3, but this model takes 0 to 1.');
});

test('sampling follows what the model takes', () => {
  expect(build({ temperature: 0.2, topP: 0.9 }, { upstream: 'claude-3-5-haiku-20241022' }).body).toMatchObject({
    temperature: 0.2,
    top_p: 0.9,
  });
  const one = build({ temperature: 0.2, topP: 0.9 }, { upstream: 'claude-sonnet-4-5' });
  expect([one.body.temperature, one.body.top_p, fields(one)]).toEqual([0.2, undefined, ['top_p']]);
  const none = build({ temperature: 0.2, topP: 1, topK: 3 }, { upstream: 'claude-opus-4-8' });
  expect([none.body.temperature, none.body.top_p, fields(none)]).toEqual([
    undefined,
    undefined,
    ['temperature', 'top_k'],
  ]);
  const thinks = build({ temperature: 0.2, topK: 3, reasoning: { effort: 'low' } }, { maxOutputTokens: 8000 });
  expect([thinks.body.temperature, fields(thinks)]).toEqual([undefined, ['temperature', 'top_k']]);
  expect(fields(build({ temperature: 0.5 }, { upstream: 'other', temperature: false }))).toEqual(['temperature']);
});

test('what Anthropic has no place for is reported by the caller`s own names', () => {
  const built = build({
    n: 3,
    seed: 1,
    minP: 0.1,
    frequencyPenalty: 1,
    presencePenalty: -1,
    logitBias: { '5': 1 },
    logprobs: { top: 2 },
    metadata: { a: 'b' },
    serviceTier: 'flex',
    promptCacheKey: 'k',
    verbosity: 'low',
    store: true,
    audioOutput: { voice: 'v', format: 'wav' },
    modalities: ['text', 'audio'],
    stop: ['\n', 'END'],
    responseFormat: { type: 'json' },
    tools: [{ type: 'native', wire: 'openai-responses', what: 'web_search', value: {} }],
    messages: [
      {
        role: 'user',
        name: 'Ann',
        parts: [text('Hi'), { type: 'opaque', wire: 'openai-responses', what: 'web_search_call', value: {} }],
      },
    ],
    extensions: { 'openai-chat': { prediction: {} } },
  });
  expect(fields(built).sort()).toEqual(
    [
      'audio',
      'frequency_penalty',
      'logit_bias',
      'logprobs',
      'messages[].name',
      'metadata',
      'min_p',
      'modalities',
      'n',
      'prediction',
      'presence_penalty',
      'prompt_cache_key',
      'response_format',
      'seed',
      'service_tier',
      'stop',
      'store',
      'verbosity',
      'web_search tool',
      'web_search_call',
    ].sort(),
  );
  expect(Object.keys(built.body).sort()).toEqual(['max_tokens', 'messages', 'model', 'stop_sequences']);
  expect(() => build({ modalities: ['audio'] })).toThrow(expect.objectContaining({ code: 'unsupported_capability' }));
});

test('defaults that change nothing are no losses', () => {
  expect(
    build(
      { frequencyPenalty: 0, presencePenalty: 0, logitBias: {}, store: false, topP: 1, temperature: 1 },
      { upstream: 'claude-opus-5' },
    ).losses,
  ).toEqual([]);
});

test('tool choice is a full matrix with parallel calls, and allowed tools are the only ones sent', () => {
  const tools = ['a', 'b'].map((name) => ({ type: 'function' as const, name }));
  const choose = (given: object) => build({ tools, ...given }).body;
  expect(choose({}).tool_choice).toBeUndefined();
  expect(choose({ toolChoice: { type: 'auto' } }).tool_choice).toEqual({ type: 'auto' });
  expect(choose({ toolChoice: { type: 'none' }, parallelToolCalls: false }).tool_choice).toEqual({ type: 'none' });
  expect(choose({ toolChoice: { type: 'required' } }).tool_choice).toEqual({ type: 'any' });
  expect(choose({ toolChoice: { type: 'tool', name: 'a' }, parallelToolCalls: false }).tool_choice).toEqual({
    type: 'tool',
    name: 'a',
    disable_parallel_tool_use: true,
  });
  expect(choose({ parallelToolCalls: false }).tool_choice).toEqual({ type: 'auto', disable_parallel_tool_use: true });
  const allowed = choose({ toolChoice: { type: 'allowed', names: ['b'], required: true } });
  expect(allowed).toMatchObject({ tools: [{ name: 'b' }], tool_choice: { type: 'any' } });
  expect((allowed.tools as unknown[]).length).toBe(1);
  expect(choose({ tools: [], toolChoice: { type: 'auto' } }).tool_choice).toBeUndefined();
  expect(() => choose({ tools: [], toolChoice: { type: 'required' } })).toThrow('no tool is left');
});

test('a schema without a type is an object schema, and a tool without one takes nothing', () => {
  const { body } = build({
    tools: [
      { type: 'function', name: 'a' },
      { type: 'function', name: 'b', parameters: { properties: { x: {} } } },
    ],
  });
  expect((body.tools as { input_schema: object }[]).map((tool) => tool.input_schema)).toEqual([
    { type: 'object', properties: {} },
    { type: 'object', properties: { x: {} } },
  ]);
});

test('a strict schema is honoured or refused, never ignored', () => {
  const responseFormat = { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true } as const;
  expect(build({ responseFormat }).body.output_config).toEqual({
    format: { type: 'json_schema', schema: { type: 'object' } },
  });
  expect(() => build({ responseFormat }, { upstream: 'claude-3-opus-20240229' })).toThrow('JSON schema');
  expect(() => build({ responseFormat }, {}, { jsonSchema: 'none' })).toThrow('JSON schema');
  const loose = build({ responseFormat: { ...responseFormat, strict: false } }, { upstream: 'claude-sonnet-4-0' });
  expect(fields(loose)).toEqual(['response_format']);
  const tools = [{ type: 'function' as const, name: 'a', strict: true }];
  expect(fields(build({ tools }, { upstream: 'claude-sonnet-4-20250514' }))).toEqual(['tools[].function.strict']);
});

test('fields that a provider refuses become losses', () => {
  const built = build({ serviceTier: 'default', stop: ['x'] }, {}, { unsupportedFields: ['service_tier', 'top_k'] });
  expect(built.body).not.toHaveProperty('service_tier');
  expect(fields(built)).toEqual(['service_tier']);
});

test('fields of this dialect that other wires cannot carry are seen in the extension, and lost here only for images', () => {
  const image = {
    type: 'image',
    source: { type: 'url', url: 'https://a.example' },
    transformations: { oversized_image: 'error' },
  };
  const built = rebuild({ ...whole, messages: [{ role: 'user', content: [image] }] });
  expect(fields(built)).toEqual(['messages[].content[].image.*']);
});

test('the count_tokens body holds what counts and nothing of limits and sampling', () => {
  const { max_tokens: _, ...body } = whole;
  const counted = countTokensBody(parseCountRequest({ ...body, temperature: 0.5 }), { upstream: 'claude-sonnet-4-6' });
  const { stream, stop_sequences, metadata, service_tier, container, ...rest } = body;
  expect(counted).toEqual(rest);
  expect(countTokensBody(requestOf({ temperature: 2 }), { upstream: 'm' })).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'Hello' }],
  });
});
