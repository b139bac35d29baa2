import { expect, test } from 'bun:test';
import type { ChatRequest, Message, Part, ToolChoice } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { buildRequest } from './build-request.ts';

const claude = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const newClaude = 'us.anthropic.claude-sonnet-4-6';
const oldClaude = 'anthropic.claude-3-5-sonnet-20241022-v2:0';
const nova = 'amazon.nova-2-lite-v1:0';
const gptOss = 'openai.gpt-oss-120b-1:0';

const text = (value: string): Part => ({ type: 'text', text: value });
const user = (...parts: (Part | string)[]): Message => message('user', parts);
const assistant = (...parts: (Part | string)[]): Message => message('assistant', parts);
const tool = (...parts: Part[]): Message => message('tool', parts);
const message = (role: Message['role'], parts: (Part | string)[]): Message => ({
  role,
  parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)),
});
const call = (id: string, name: string, args = '{}'): Part => ({ type: 'tool-call', id, name, arguments: args });
const result = (callId: string, ...parts: string[]): Part => ({
  type: 'tool-result',
  callId,
  parts: parts.map((part) => ({ type: 'text', text: part })),
});
const weather = { type: 'function' as const, name: 'weather', parameters: { type: 'object', properties: {} } };

const request = (over: Partial<ChatRequest> = {}): ChatRequest => ({
  dialect: 'openai-chat',
  model: 'm',
  messages: [user('Hi')],
  tools: [],
  stop: [],
  n: 1,
  stream: false,
  includeUsage: false,
  extensions: {},
  ...over,
});

function build(over: Partial<ChatRequest>, upstream = claude, model = {}) {
  const { body, losses } = buildRequest(request(over), { upstream, ...model }, {});
  return { body, messages: body.messages as JsonObject[], losses: losses.map(({ field }) => field) };
}
const thrown = (over: Partial<ChatRequest>) => {
  try {
    build(over);
  } catch (error) {
    if (error instanceof SluiceError) return error;
  }
  throw new Error('nothing was thrown');
};

test('a plain request holds its messages and nothing else', () => {
  expect(build({})).toEqual({
    body: { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] },
    messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
    losses: [],
  });
});

test('system and developer text anywhere goes to system, in order; a moved one is reported', () => {
  const { body, losses } = build({
    messages: [message('system', ['A']), message('developer', ['B']), user('Hi'), message('system', ['C', '  '])],
  });
  expect(body.system).toEqual([{ text: 'A' }, { text: 'B' }, { text: 'C' }]);
  expect(losses).toEqual(['messages[].role']);
});

test('turns of one role in a row are merged, blank text never leaves and empty turns vanish', () => {
  const { messages } = build({
    messages: [user('a'), user('  ', 'b'), assistant(''), user('c'), assistant('d'), user('e')],
  });
  expect(messages).toEqual([
    { role: 'user', content: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] },
    { role: 'assistant', content: [{ text: 'd' }] },
    { role: 'user', content: [{ text: 'e' }] },
  ]);
});

test('a conversation that the assistant begins gets a user turn before it, and says so', () => {
  const { messages, losses } = build({ messages: [assistant('Hello'), user('Hi')] });
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  expect(losses).toEqual(['messages[0].role']);
});

test('a request with no content at all is refused', () => {
  expect(thrown({ messages: [user(' ')] })).toMatchObject({ code: 'invalid_request', facts: { param: 'messages' } });
});

test('N parallel results become one user turn in order, before what the user says', () => {
  const { messages } = build({
    tools: [weather],
    messages: [
      user('go'),
      assistant('ok', call('a', 'weather', '{"x":1}'), call('b', 'weather', '')),
      tool(result('a', 'one')),
      user('and?'),
      tool({ ...(result('b') as Extract<Part, { type: 'tool-result' }>), isError: true }),
    ],
  });
  expect(messages.slice(1)).toEqual([
    {
      role: 'assistant',
      content: [
        { text: 'ok' },
        { toolUse: { toolUseId: 'a', name: 'weather', input: { x: 1 } } },
        { toolUse: { toolUseId: 'b', name: 'weather', input: {} } },
      ],
    },
    {
      role: 'user',
      content: [
        { toolResult: { toolUseId: 'a', content: [{ text: 'one' }] } },
        { toolResult: { toolUseId: 'b', content: [{ json: {} }], status: 'error' } },
        { text: 'and?' },
      ],
    },
  ]);
});

test('an image and a document inside a tool result arrive as such', () => {
  const { messages } = build({
    messages: [
      user('go'),
      assistant(call('a', 'shot')),
      tool({
        type: 'tool-result',
        callId: 'a',
        parts: [
          { type: 'text', text: 'see' },
          { type: 'image', source: { kind: 'base64', data: 'AAAA', mediaType: 'image/jpeg' } },
          {
            type: 'document',
            filename: 'r.pdf',
            source: { kind: 'base64', data: 'BBBB', mediaType: 'application/pdf' },
          },
        ],
      }),
    ],
  });
  expect(messages[2]!.content).toEqual([
    {
      toolResult: {
        toolUseId: 'a',
        content: [
          { text: 'see' },
          { image: { format: 'jpeg', source: { bytes: 'AAAA' } } },
          { document: { format: 'pdf', name: 'r', source: { bytes: 'BBBB' } } },
        ],
      },
    },
  ]);
});

test('an id outside of the alphabet is mapped alike on the call and on its result', () => {
  const { messages } = build({
    messages: [user('x'), assistant(call('call:1/é', 't')), tool(result('call:1/é', 'r'))],
  });
  const used = (messages[1]!.content as { toolUse: { toolUseId: string } }[])[0]!.toolUse.toolUseId;
  expect(used).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  expect(messages[2]!.content).toEqual([{ toolResult: { toolUseId: used, content: [{ text: 'r' }] } }]);
});

test('arguments that are not an object are wrapped and reported', () => {
  for (const args of ['{"a":', '[1]', 'null', '"x"']) {
    const { messages, losses } = build({ messages: [user('x'), assistant(call('a', 't', args))] });
    expect(messages[1]!.content).toEqual([{ toolUse: { toolUseId: 'a', name: 't', input: { invalid_json: args } } }]);
    expect(losses).toEqual(['tool_calls[].function.arguments']);
  }
});

const choices: [ToolChoice | undefined, JsonObject | undefined][] = [
  [undefined, undefined],
  [{ type: 'auto' }, { auto: {} }],
  [{ type: 'required' }, { any: {} }],
  [{ type: 'tool', name: 'weather' }, { tool: { name: 'weather' } }],
  [{ type: 'allowed', names: ['weather'], required: true }, { any: {} }],
  [{ type: 'allowed', names: ['weather'], required: false }, { auto: {} }],
];
for (const [toolChoice, expected] of choices) {
  test(`tool_choice ${JSON.stringify(toolChoice)} is ${JSON.stringify(expected)}`, () => {
    const { body, losses } = build({ tools: [weather], toolChoice });
    expect((body.toolConfig as JsonObject).toolChoice).toEqual(expected);
    expect(losses).toEqual([]);
  });
}

test('only the allowed tools are offered', () => {
  const { body } = build({
    tools: [weather, { type: 'function', name: 'clock', description: 'Tells the time', strict: true }],
    toolChoice: { type: 'allowed', names: ['clock'], required: false },
  });
  expect((body.toolConfig as JsonObject).tools).toEqual([
    {
      toolSpec: {
        name: 'clock',
        description: 'Tells the time',
        inputSchema: { json: { type: 'object', properties: {} } },
        strict: true,
      },
    },
  ]);
});

test('tool_choice none leaves the tools out when the history has none', () => {
  const { body, losses } = build({ tools: [weather], toolChoice: { type: 'none' } });
  expect(body.toolConfig).toBeUndefined();
  expect(losses).toEqual([]);
});

test('tool_choice none keeps the tools when the history holds calls, and says so', () => {
  const messages = [user('x'), assistant(call('a', 'weather')), tool(result('a', 'r'))];
  const { body, losses } = build({ tools: [weather], toolChoice: { type: 'none' }, messages });
  expect(body.toolConfig).toEqual({
    tools: [{ toolSpec: { name: 'weather', inputSchema: { json: weather.parameters } } }],
  });
  expect(losses).toEqual(['tool_choice']);
});

test('a history with tools but a request without gets specs from the names used', () => {
  const messages = [
    user('x'),
    assistant(call('a', 'weather'), call('b', 'clock'), call('c', 'clock')),
    tool(result('a', 'r')),
  ];
  const { body, losses } = build({ messages });
  expect((body.toolConfig as { tools: { toolSpec: JsonObject }[] }).tools.map(({ toolSpec }) => toolSpec.name)).toEqual(
    ['weather', 'clock'],
  );
  expect(losses).toEqual([]);
});

test('a tool_choice that names no tool is refused', () => {
  expect(thrown({ tools: [weather], toolChoice: { type: 'tool', name: 'nope' } }).facts.param).toBe('tool_choice');
});

test('parallel_tool_calls false goes to Claude itself from 4.5 on, and is a loss elsewhere', () => {
  const off = { tools: [weather], parallelToolCalls: false };
  expect(build({ ...off, toolChoice: { type: 'required' } }).body).toMatchObject({
    additionalModelRequestFields: { tool_choice: { type: 'any', disable_parallel_tool_use: true } },
    toolConfig: { tools: [{}] },
  });
  expect(
    (build({ ...off, toolChoice: { type: 'required' } }).body.toolConfig as JsonObject).toolChoice,
  ).toBeUndefined();
  expect(build({ ...off, toolChoice: { type: 'tool', name: 'weather' } }).body.additionalModelRequestFields).toEqual({
    tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
  });
  expect(build(off, oldClaude).losses).toEqual(['parallel_tool_calls']);
  expect(build(off, nova).losses).toEqual(['parallel_tool_calls']);
  expect(build({ parallelToolCalls: false }).losses).toEqual([]);
});

test('cache markers become cache points after their block, with the hour where it was asked', () => {
  const { body } = build({
    tools: [{ ...weather, cache: {} }],
    messages: [
      { role: 'system', parts: [{ type: 'text', text: 'S', cache: { ttl: '1h' } }] },
      user({ type: 'text', text: 'a', cache: { ttl: '5m' } }, 'b'),
    ],
  });
  const point = { cachePoint: { type: 'default' } };
  expect(body.system).toEqual([{ text: 'S' }, { cachePoint: { type: 'default', ttl: '1h' } }]);
  expect(body.messages).toEqual([{ role: 'user', content: [{ text: 'a' }, point, { text: 'b' }] }]);
  expect((body.toolConfig as { tools: unknown[] }).tools[1]).toEqual(point);
  expect(build({ messages: [user({ type: 'text', text: 'a', cache: {} })] }, gptOss).losses).toEqual(['cache_control']);
});

test('inference settings and stop sequences', () => {
  const { body, losses } = build({ maxOutputTokens: 50, temperature: 0.5, stop: ['x'] });
  expect(body.inferenceConfig).toEqual({ maxTokens: 50, temperature: 0.5, stopSequences: ['x'] });
  expect(body.additionalModelResponseFieldPaths).toEqual(['/stop_sequence', '/delta/stop_sequence']);
  expect(losses).toEqual([]);
});

test('a temperature out of range is refused, one that the model cannot take is reported', () => {
  expect(thrown({ temperature: 1.2 })).toMatchObject({ code: 'invalid_request', facts: { param: 'temperature' } });
  const fixed = build({ temperature: 0.5, topP: 0.9, topK: 4 }, newClaude, { temperature: false });
  expect(fixed.losses).toEqual(['temperature', 'top_p', 'top_k']);
  expect(fixed.body.inferenceConfig).toBeUndefined();
  expect(build({ temperature: 0.5, topP: 0.9 }).losses).toEqual(['top_p']);
  expect(build({ temperature: 0.5, topP: 0.9 }, nova).body.inferenceConfig).toEqual({ temperature: 0.5, topP: 0.9 });
});

test('top_k goes where the family wants it', () => {
  expect(build({ topK: 5 }).body.additionalModelRequestFields).toEqual({ top_k: 5 });
  expect(build({ topK: 5 }, nova).body.additionalModelRequestFields).toEqual({ inferenceConfig: { topK: 5 } });
});

const reasoningCases: [string, ChatRequest['reasoning'], string, JsonObject | undefined, string[]][] = [
  ['a budget', { budgetTokens: 2000 }, claude, { thinking: { type: 'enabled', budget_tokens: 2000 } }, []],
  ['an effort', { effort: 'low' }, claude, { thinking: { type: 'enabled', budget_tokens: 2048 } }, []],
  [
    'an effort',
    { effort: 'high' },
    newClaude,
    { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
    [],
  ],
  ['a budget', { budgetTokens: 2000 }, newClaude, { thinking: { type: 'enabled', budget_tokens: 2000 } }, []],
  [
    'a budget',
    { budgetTokens: 2000 },
    'us.anthropic.claude-opus-4-8',
    { thinking: { type: 'adaptive' } },
    ['thinking.budget_tokens'],
  ],
  ['adaptive', { adaptive: true, enabled: true }, newClaude, { thinking: { type: 'adaptive' } }, []],
  ['off', { enabled: false }, newClaude, { thinking: { type: 'disabled' } }, []],
  ['off', { effort: 'none' }, claude, undefined, []],
  ['an effort', { effort: 'high' }, oldClaude, undefined, ['reasoning_effort']],
  ['an effort', { effort: 'medium' }, gptOss, { reasoning_effort: 'medium' }, []],
  ['off', { enabled: false }, gptOss, undefined, ['thinking']],
  ['an effort', { effort: 'high' }, nova, { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } }, []],
  ['nothing said', {}, claude, undefined, []],
];
for (const [what, reasoning, upstream, fields, lost] of reasoningCases) {
  test(`thinking (${what}) for ${upstream} is ${JSON.stringify(fields)}`, () => {
    const { body, losses } = build({ reasoning }, upstream);
    expect(body.additionalModelRequestFields).toEqual(fields as JsonObject);
    expect(losses).toEqual(lost);
  });
}

test('a thinking budget stays within the output limit, or is reported when there is no room', () => {
  const effort = { reasoning: { effort: 'high' as const } };
  expect(build({ ...effort, maxOutputTokens: 4000 }).body.additionalModelRequestFields).toEqual({
    thinking: { type: 'enabled', budget_tokens: 3200 },
  });
  expect(build({ ...effort, maxOutputTokens: 500 }).losses).toEqual(['reasoning_effort']);
});

test('while Claude thinks, temperature and top_k are reported; a forced tool wins over thinking', () => {
  const thinking = { reasoning: { budgetTokens: 2000 }, temperature: 0.3, topK: 3 };
  expect(build(thinking).losses).toEqual(['temperature', 'top_k']);
  const forced = build({ ...thinking, tools: [weather], toolChoice: { type: 'required' } });
  expect(forced.losses).toEqual(['thinking']);
  expect(forced.body.inferenceConfig).toEqual({ temperature: 0.3 });
});

test('signed thinking goes back byte for byte, hidden thinking too, foreign thinking does not', () => {
  const value = 'EpcB+/=signed';
  const signed: Part = { type: 'reasoning', text: 'hm', signature: { origin: 'anthropic', on: 'thought', value } };
  const foreign: Part = {
    type: 'reasoning',
    text: 'secret',
    signature: { origin: 'gemini', on: 'thought', value: 'g' },
  };
  const hidden: Part = { type: 'reasoning', text: '', redacted: 'UkVE' };
  const { messages, losses } = build({
    messages: [user('x'), assistant(signed, hidden, foreign, foreign, 'so'), user('y')],
  });
  expect(messages[1]!.content).toEqual([
    { reasoningContent: { reasoningText: { text: 'hm', signature: value } } },
    { reasoningContent: { redactedContent: 'UkVE' } },
    { text: 'so' },
  ]);
  expect(losses).toEqual(['thinking signature']);
});

test('a JSON schema is sent as Converse documents it', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
  const { body } = build({ responseFormat: { type: 'json-schema', name: 'thing', schema, strict: true } });
  expect(body.outputConfig).toEqual({
    textFormat: { type: 'json_schema', structure: { jsonSchema: { name: 'thing', schema: JSON.stringify(schema) } } },
  });
  expect(build({ responseFormat: { type: 'json' } }).losses).toEqual(['response_format']);
  expect(() =>
    buildRequest(
      request({ responseFormat: { type: 'json-schema', name: 't', schema } }),
      { upstream: claude },
      { jsonSchema: 'none' },
    ),
  ).toThrow('JSON schema');
});

test('documents get clean and unique names', () => {
  const document = (filename?: string): Part => ({
    type: 'document',
    source: { kind: 'base64', data: 'AA', mediaType: 'text/plain' },
    ...(filename !== undefined && { filename }),
  });
  const { messages } = build({
    messages: [
      user('x', document('a_b  c.v1.txt'), document('a_b c.v1.txt'), document('é'), document(), document('notes.md')),
    ],
  });
  const documents = (messages[0]!.content as { document?: { name: string; format: string } }[]).slice(1);
  expect(documents.map(({ document }) => [document?.name, document?.format])).toEqual([
    ['a-b c-v1', 'txt'],
    ['a-b c-v1 (2)', 'txt'],
    ['document', 'txt'],
    ['document (2)', 'txt'],
    ['notes', 'md'],
  ]);
});

test('media that Bedrock would have to fetch or does not know is refused', () => {
  const image = (source: Extract<Part, { type: 'image' }>['source']) => ({
    messages: [user({ type: 'image', source })],
  });
  expect(thrown(image({ kind: 'url', url: 'https://example.com/a.png' })).code).toBe('unsupported_capability');
  expect(thrown(image({ kind: 'file-id', id: 'file-1' })).code).toBe('unsupported_capability');
  expect(thrown(image({ kind: 'base64', data: 'AA', mediaType: 'image/tiff' })).code).toBe('unsupported_capability');
  expect(build(image({ kind: 'url', url: 's3://b/a.png' })).messages[0]!.content).toEqual([
    { image: { format: 'png', source: { s3Location: { uri: 's3://b/a.png' } } } },
  ]);
});

test('audio and video go by format', () => {
  const { messages } = build({
    messages: [
      user(
        { type: 'audio', format: 'wav', source: { kind: 'base64', data: 'AA', mediaType: 'audio/wav' } },
        { type: 'video', source: { kind: 'base64', data: 'BB', mediaType: 'video/3gpp' } },
      ),
    ],
  });
  expect(messages[0]!.content).toEqual([
    { audio: { format: 'wav', source: { bytes: 'AA' } } },
    { video: { format: 'three_gp', source: { bytes: 'BB' } } },
  ]);
});

test('what Converse has no place for is reported, field by field', () => {
  const { body, losses } = build({
    n: 2,
    seed: 1,
    minP: 0.1,
    frequencyPenalty: 1,
    presencePenalty: 1,
    logitBias: { '1': 2 },
    logprobs: { top: 2 },
    endUser: 'u',
    promptCacheKey: 'k',
    modalities: ['text', 'audio'],
    audioOutput: { voice: 'v', format: 'wav' },
    verbosity: 'low',
    store: true,
    serviceTier: 'scale',
    metadata: { key: 'näh' },
    tools: [{ type: 'native', wire: 'openai-chat', what: 'web_search', value: {} }],
    messages: [{ role: 'user', name: 'Ann', parts: [text('Hi')] }],
  });
  expect(losses.sort()).toEqual(
    [
      'messages[].name',
      'web_search tool',
      'service_tier',
      'metadata',
      'n',
      'seed',
      'min_p',
      'frequency_penalty',
      'presence_penalty',
      'logit_bias',
      'logprobs',
      'user',
      'prompt_cache_key',
      'modalities',
      'audio',
      'verbosity',
      'store',
    ].sort(),
  );
  expect(Object.keys(body)).toEqual(['messages']);
});

test('tier, metadata and Converse fields of the caller are carried; other extensions are reported', () => {
  const { body, losses } = build({
    serviceTier: 'priority',
    metadata: { team: 'a-1' },
    topK: 2,
    extensions: {
      'openai-chat': {
        guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' },
        performanceConfig: { latency: 'optimized' },
        additionalModelRequestFields: { anthropic_beta: ['x'] },
        prediction: {},
      },
    },
  });
  expect(body).toMatchObject({
    serviceTier: { type: 'priority' },
    requestMetadata: { team: 'a-1' },
    guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' },
    performanceConfig: { latency: 'optimized' },
    additionalModelRequestFields: { top_k: 2, anthropic_beta: ['x'] },
  });
  expect(losses).toEqual(['prediction']);
});

test('an answer of this wire goes back as the same blocks', () => {
  const opaque: Part = {
    type: 'opaque',
    wire: 'bedrock-converse',
    what: 'server_tool_use',
    value: { toolUse: { name: 'g' } },
  };
  const foreign: Part = { type: 'opaque', wire: 'gemini', what: 'executable_code', value: {} };
  const { messages, losses } = build({ messages: [user('x'), assistant(opaque, foreign), user('y')] });
  expect(messages[1]!.content).toEqual([{ toolUse: { name: 'g' } }]);
  expect(losses).toEqual(['executable_code']);
});
