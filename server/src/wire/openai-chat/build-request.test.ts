import { expect, test } from 'bun:test';
import type { ChatRequest, Message, Part, TextPart } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireModel, WireQuirks } from '../wire.ts';
import { buildRequest } from './build-request.ts';
import { parseRequest } from './parse-request.ts';
import { request } from './testing.ts';

function build(fields: Partial<ChatRequest>, quirks: WireQuirks = {}, model: Partial<WireModel> = {}) {
  const { body, losses } = buildRequest(request(fields), { upstream: 'm', ...model }, quirks);
  return { body, messages: body.messages as JsonObject[], lost: losses.map(({ field }) => field) };
}
const user = (...parts: Part[]): Message => ({ role: 'user', parts });
const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts });
const tool = (...parts: Part[]): Message => ({ role: 'tool', parts });
const text = (words: string): TextPart => ({ type: 'text', text: words });

test('a request of this dialect comes out as it went in', () => {
  const body = {
    model: 'm',
    messages: [
      { role: 'developer', content: 'Be brief.' },
      { role: 'system', content: [{ type: 'text', text: 'A', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      {
        role: 'user',
        name: 'ada',
        content: [
          { type: 'text', text: 'See' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'high' } },
          { type: 'image_url', image_url: { url: 'https://a.example/b.png' } },
          { type: 'input_audio', input_audio: { data: 'BBBB', format: 'wav' } },
          { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,CCCC' } },
          { type: 'file', file: { file_id: 'file-1' } },
          { type: 'input_smell', smell: 'tar' },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { id: 'c2', type: 'custom', custom: { name: 'g', input: 'x' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'one' },
      { role: 'tool', tool_call_id: 'c2', content: 'two' },
      { role: 'assistant', content: 'Done', audio: { id: 'audio_1' } },
      { role: 'assistant', content: null, refusal: 'No.' },
      { role: 'user', content: 'More' },
    ],
    tools: [
      { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } },
      { type: 'custom', custom: { name: 'g' } },
    ],
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: {
        mode: 'auto',
        tools: [
          { type: 'function', function: { name: 'f' } },
          { type: 'custom', custom: { name: 'g' } },
        ],
      },
    },
    parallel_tool_calls: false,
    max_tokens: 10,
    temperature: 0,
    top_p: 1,
    top_k: 5,
    min_p: 0.1,
    stop: ['a', 'b'],
    seed: 1,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    logit_bias: { '1': 2 },
    logprobs: true,
    top_logprobs: 2,
    n: 3,
    service_tier: 'priority',
    metadata: { a: 'b' },
    user: 'u',
    prompt_cache_key: 'k',
    modalities: ['text', 'audio'],
    audio: { voice: 'alloy', format: 'mp3' },
    verbosity: 'high',
    store: false,
    reasoning_effort: 'low',
    response_format: { type: 'json_schema', json_schema: { name: 's', schema: { type: 'object' }, strict: true } },
    stream: true,
    stream_options: { include_obfuscation: false, include_usage: true },
    prediction: { type: 'content', content: 'x' },
    web_search_options: { search_context_size: 'low' },
    safety_identifier: 'other',
  };
  const built = buildRequest(parseRequest(body), { upstream: 'm' }, {});
  expect(built.body).toEqual(body);
  expect(built.losses).toEqual([]);
});

test('the limit goes into the field that the provider knows', () => {
  expect(build({ maxOutputTokens: 5 }).body).toMatchObject({ max_tokens: 5 });
  const { body } = build({ maxOutputTokens: 5 }, { maxTokensField: 'max_completion_tokens' });
  expect(body).toMatchObject({ max_completion_tokens: 5 });
  expect(body.max_tokens).toBeUndefined();
});

test('developer becomes system where it is unknown', () => {
  const messages: Message[] = [{ role: 'developer', parts: [text('A')] }, user(text('B'))];
  expect(build({ messages }).messages[0]!.role).toBe('developer');
  expect(build({ messages }, { noDeveloperRole: true }).messages[0]).toEqual({ role: 'system', content: 'A' });
});

test('ids of calls and of their results are mapped alike, and always the same way', () => {
  const messages = [
    user(text('go')),
    assistant(
      { type: 'tool-call', id: 'toolu_01ABC', name: 'f', arguments: '{}' },
      { type: 'tool-call', id: 'toolu_01ABD', name: 'f', arguments: '{}' },
      { type: 'tool-call', id: 'abcDEF123', name: 'f', arguments: '{}' },
    ),
    tool({ type: 'tool-result', callId: 'toolu_01ABD', parts: [text('2')] }),
    tool({ type: 'tool-result', callId: 'toolu_01ABC', parts: [text('1')] }),
  ];
  const once = build({ messages }, { toolCallId: 'alphanumeric-9' });
  const ids = (once.messages[1]!.tool_calls as { id: string }[]).map(({ id }) => id);
  for (const id of ids) expect(id).toMatch(/^[0-9A-Za-z]{9}$/);
  expect(ids[2]).toBe('abcDEF123');
  expect(new Set(ids).size).toBe(3);
  expect([once.messages[2]!.tool_call_id, once.messages[3]!.tool_call_id]).toEqual([ids[1]!, ids[0]!]);
  expect(build({ messages }, { toolCallId: 'alphanumeric-9' }).messages).toEqual(once.messages);
});

test('ten thousand ids stay apart in nine letters', () => {
  const parts = Array.from(
    { length: 10_000 },
    (_, at): Part => ({
      type: 'tool-call',
      id: `call_${at}`,
      name: 'f',
      arguments: '{}',
    }),
  );
  const { messages } = build({ messages: [assistant(...parts)] }, { toolCallId: 'alphanumeric-9' });
  expect(new Set((messages[0]!.tool_calls as { id: string }[]).map(({ id }) => id)).size).toBe(10_000);
});

test('fields that the provider refuses become losses under the names the caller used', () => {
  const refused = [
    'seed',
    'n',
    'logprobs',
    'top_logprobs',
    'logit_bias',
    'top_k',
    'metadata',
    'cache_control',
    'messages[].name',
    'store',
    'prediction',
  ];
  const { body, messages, lost } = build(
    {
      seed: 1,
      n: 2,
      logprobs: { top: 1 },
      logitBias: { a: 1 },
      topK: 3,
      metadata: { a: 'b' },
      store: true,
      extensions: { 'openai-chat': { prediction: {} } },
      messages: [{ role: 'user', name: 'ada', parts: [{ type: 'text', text: 'x', cache: {} }] }],
    },
    { unsupportedFields: refused },
  );
  expect(lost.toSorted()).toEqual(refused.toSorted());
  expect(Object.keys(body)).toEqual(['model', 'messages']);
  expect(messages).toEqual([{ role: 'user', content: 'x' }]);
});

test('extensions of another dialect are losses', () => {
  const { body, lost } = build({ dialect: 'gemini', extensions: { gemini: { cachedContent: 'x' } } });
  expect(body.cachedContent).toBeUndefined();
  expect(lost).toEqual(['cachedContent']);
});

test('empty text never reaches a provider, and a message without parts is dropped', () => {
  const { messages } = build({
    messages: [
      user(),
      user(text('')),
      user(text(' '), text('hi')),
      assistant(text('')),
      assistant(text('a'), text('\n\n'), text('b')),
    ],
  });
  expect(messages).toEqual([
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'a\n\nb' },
  ]);
  expect(() => build({ messages: [user(text(' '))] })).toThrow('Nothing in `messages` can be sent');
});

test('an image in a tool result arrives as an image, after all results of the turn', () => {
  const image: Part = { type: 'image', source: { kind: 'base64', data: 'AAAA', mediaType: 'image/png' } };
  const { messages } = build({
    dialect: 'anthropic-messages',
    messages: [
      assistant(
        { type: 'tool-call', id: 'c1', name: 'f', arguments: '' },
        { type: 'tool-call', id: 'c2', name: 'f', arguments: '{}' },
      ),
      tool(
        { type: 'tool-result', callId: 'c1', parts: [{ type: 'text', text: 'shot' }, image] },
        { type: 'tool-result', callId: 'c2', parts: [] },
      ),
      user(text('And now?')),
    ],
  });
  expect(messages).toEqual([
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } },
        { id: 'c2', type: 'function', function: { name: 'f', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'shot' },
    { role: 'tool', tool_call_id: 'c2', content: '' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Result of tool call c1:' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        { type: 'text', text: 'And now?' },
      ],
    },
  ]);
});

test('invalid argument JSON is passed on as the model wrote it', () => {
  const { messages } = build({ messages: [assistant({ type: 'tool-call', id: 'c', name: 'f', arguments: '{"a":' })] });
  expect(messages[0]!.tool_calls).toEqual([{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":' } }]);
});

test('a failed tool, a video by id and an image by id are recorded as lost', () => {
  const { lost } = build({
    messages: [
      user(
        text('x'),
        { type: 'image', source: { kind: 'file-id', id: 'f' } },
        { type: 'video', source: { kind: 'file-id', id: 'f' } },
        { type: 'opaque', wire: 'anthropic-messages', what: 'server_tool_use', value: {} },
      ),
      tool({ type: 'tool-result', callId: 'c', isError: true, parts: [text('boom')] } as Part),
    ],
  });
  expect(lost).toEqual([
    'messages[].content[].image file_id',
    'messages[].content[].video_url',
    'server_tool_use',
    'messages[].is_error',
  ]);
});

test('images by address are refused where the provider takes only content', () => {
  const messages = [user({ type: 'image', source: { kind: 'url', url: 'https://a.example/x.png' } })];
  expect(() => build({ messages }, { imageUrls: false })).toThrow('data: URL');
  expect(build({ messages }, { imageUrls: true }).lost).toEqual([]);
});

test('a text document is read as text', () => {
  const data = Buffer.from('Tide at 6 ⚓').toString('base64');
  const { messages } = build({
    messages: [
      user({ type: 'document', source: { kind: 'base64', data, mediaType: 'text/plain' }, filename: 'tide.txt' }),
    ],
  });
  expect(messages[0]!.content).toBe('tide.txt\n\nTide at 6 ⚓');
});

test('tools of other providers are lost, and so is a choice that no tool is left for', () => {
  const { body, lost } = build({
    tools: [{ type: 'native', wire: 'anthropic-messages', what: 'web_search', value: {} }],
    toolChoice: { type: 'required' },
    parallelToolCalls: true,
  });
  expect(body.tools).toBeUndefined();
  expect(body.tool_choice).toBeUndefined();
  expect(body.parallel_tool_calls).toBeUndefined();
  expect(lost).toEqual(['web_search tool', 'tool_choice']);
});

test('the whole matrix of tool choices is written', () => {
  const tools: ChatRequest['tools'] = ['f', 'g'].map((name) => ({ type: 'function', name }));
  const choice = (toolChoice: ChatRequest['toolChoice'], quirks?: WireQuirks) =>
    build({ tools, toolChoice }, quirks).body;
  expect(choice({ type: 'auto' }).tool_choice).toBe('auto');
  expect(choice({ type: 'none' }).tool_choice).toBe('none');
  expect(choice({ type: 'required' }).tool_choice).toBe('required');
  expect(choice({ type: 'tool', name: 'g' }).tool_choice).toEqual({ type: 'function', function: { name: 'g' } });
  const narrowed = choice({ type: 'allowed', names: ['g'], required: true }, { unsupportedFields: ['allowed_tools'] });
  expect(narrowed.tool_choice).toBe('required');
  expect(narrowed.tools).toEqual([
    { type: 'function', function: { name: 'g', parameters: { type: 'object', properties: {} } } },
  ]);
});

test('structured output is asked for as the provider can, and strict is never ignored', () => {
  const responseFormat = { type: 'json-schema', name: 's', schema: { type: 'object' } } as const;
  const asObject = build({ responseFormat }, { jsonSchema: 'json_object' });
  expect(asObject.body.response_format).toEqual({ type: 'json_object' });
  expect(asObject.messages[0]!.content).toContain('{"type":"object"}');
  expect(asObject.lost).toEqual(['response_format.json_schema']);
  const inWords = build({ responseFormat }, { jsonSchema: 'none' });
  expect(inWords.body.response_format).toBeUndefined();
  expect(inWords.messages[0]!.role).toBe('system');
  for (const jsonSchema of ['json_object', 'none'] as const)
    expect(() => build({ responseFormat: { ...responseFormat, strict: true } }, { jsonSchema })).toThrow('strict');
  expect(build({ responseFormat: { type: 'json' } }).body.response_format).toEqual({ type: 'json_object' });
});

const anthropicThought: Part = {
  type: 'reasoning',
  text: 'hm',
  signature: { origin: 'anthropic', on: 'thought', value: 'sig==' },
};

test('past thinking goes back in the field of the provider', () => {
  const messages = [user(text('q')), assistant({ type: 'reasoning', text: 'hm' }, text('a'))];
  for (const field of ['reasoning_content', 'reasoning'] as const)
    expect(build({ messages }, { reasoningField: field }).messages[1]).toEqual({
      role: 'assistant',
      content: 'a',
      [field]: 'hm',
    });
  const none = build({ messages });
  expect(none.messages[1]).toEqual({ role: 'assistant', content: 'a' });
  expect(none.lost).toEqual(['messages[].reasoning_content']);
});

test('signed thinking of another vendor is left out with its text, once in the losses', () => {
  const messages = [user(text('q')), assistant(anthropicThought, anthropicThought, text('a'))];
  const { messages: built, lost } = build({ messages }, { reasoningField: 'reasoning_content' });
  expect(built[1]).toEqual({ role: 'assistant', content: 'a' });
  expect(lost).toEqual(['thinking signature']);
});

test('reasoning_details carries every signature byte for byte', () => {
  const call: Part = {
    type: 'tool-call',
    id: 'c1',
    name: 'f',
    arguments: '{}',
    signature: { origin: 'gemini', on: 'call', value: 'sigC' },
  };
  const messages = [
    user(text('q')),
    assistant(anthropicThought, { type: 'reasoning', text: '', redacted: 'blob' }, call),
  ];
  const { messages: built, lost } = build({ messages }, { reasoningField: 'reasoning_details' });
  expect(built[1]!.reasoning_details).toEqual([
    { type: 'reasoning.text', text: 'hm', signature: 'sig==', format: 'anthropic-claude-v1', index: 0 },
    { type: 'reasoning.encrypted', data: 'blob', format: 'anthropic-claude-v1', index: 1 },
    { type: 'reasoning.encrypted', data: 'sigC', id: 'c1', format: 'google-gemini-v1', index: 2 },
  ]);
  expect(built[1]!.tool_calls).toEqual([
    {
      id: 'c1',
      type: 'function',
      function: { name: 'f', arguments: '{}' },
      extra_content: { google: { thought_signature: 'sigC' } },
    },
  ]);
  expect(lost).toEqual([]);
});

test('a thinking budget becomes an effort and a loss, or goes whole to OpenRouter', () => {
  const reasoning = { enabled: true, budgetTokens: 10_000 };
  const { body, lost } = build({ reasoning });
  expect(body.reasoning_effort).toBe('medium');
  expect(lost).toEqual(['reasoning.budget_tokens']);
  expect(build({ reasoning }, { reasoningField: 'reasoning_details' }).body.reasoning).toEqual({ max_tokens: 10_000 });
  expect(build({ reasoning: { enabled: false } }, {}, { reasoning: true }).body.reasoning_effort).toBe('none');
  expect(build({ reasoning: { enabled: false } }, {}, { reasoning: false }).lost).toEqual([]);
  expect(build({ reasoning: { effort: 'high' } }, {}, { reasoning: false }).lost).toEqual(['reasoning_effort']);
});

test('a model with a fixed temperature is sent none, and the loss is said', () => {
  const { body, lost } = build({ temperature: 0.3, topP: 0.5 }, {}, { temperature: false });
  expect(body.temperature).toBeUndefined();
  expect(lost).toEqual(['temperature', 'top_p']);
});

test('a service tier of another vendor is lost', () => {
  expect(build({ dialect: 'anthropic-messages', serviceTier: 'standard_only' }).lost).toEqual(['service_tier']);
  expect(build({ dialect: 'anthropic-messages', serviceTier: 'auto' }).body.service_tier).toBe('auto');
});

test('a stream always asks for usage unless the provider refuses', () => {
  expect(build({ stream: true }).body.stream_options).toEqual({ include_usage: true });
  const { body, lost } = build({ stream: true }, { unsupportedFields: ['stream_options'] });
  expect(body.stream_options).toBeUndefined();
  expect(lost).toEqual([]);
});

test('parts of messages that the provider refuses are lost or said in another way', () => {
  const unsupportedFields = ['strict', 'image_url', 'input_audio', 'file', 'messages[].refusal', 'messages[].audio'];
  const { body, messages, lost } = build(
    {
      tools: [{ type: 'function', name: 'f', strict: true }],
      messages: [
        user(
          text('x'),
          { type: 'image', source: { kind: 'base64', data: 'AAAA', mediaType: 'image/png' } },
          { type: 'audio', source: { kind: 'base64', data: 'AAAA', mediaType: 'audio/wav' } },
          { type: 'document', source: { kind: 'base64', data: 'AAAA', mediaType: 'application/pdf' } },
        ),
        assistant({ type: 'refusal', text: 'No.' }, { type: 'audio', source: { kind: 'file-id', id: 'audio_1' } }),
      ],
    },
    { unsupportedFields },
  );
  expect(messages).toEqual([
    { role: 'user', content: 'x' },
    { role: 'assistant', content: 'No.' },
  ]);
  expect(JSON.stringify(body.tools)).not.toContain('strict');
  expect(lost).toEqual([
    'messages[].content[].image_url',
    'messages[].content[].input_audio',
    'messages[].content[].file',
    'messages[].content[].audio',
    'tools[].function.strict',
  ]);
});

test('sound and video by address go out as vLLM and OpenRouter take them', () => {
  const { messages, lost } = build({
    messages: [
      user(
        { type: 'audio', source: { kind: 'url', url: 'https://a.example/a.mp3' } },
        { type: 'video', source: { kind: 'base64', data: 'AAAA', mediaType: 'video/mp4' } },
      ),
    ],
  });
  expect(messages[0]!.content).toEqual([
    { type: 'audio_url', audio_url: { url: 'https://a.example/a.mp3' } },
    { type: 'video_url', video_url: { url: 'data:video/mp4;base64,AAAA' } },
  ]);
  expect(lost).toEqual([]);
});
