import { expect, test } from 'bun:test';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatRequest, Message, Part } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireModel, WireQuirks } from '../wire.ts';
import { buildAnswer } from './build-answer.ts';
import { buildRequest } from './build-request.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseRequest } from './parse-request.ts';
import { storedItems } from './stored-items.ts';
import { contextFor, recording } from './test-support.ts';

const user: Message = { role: 'user', parts: [{ type: 'text', text: 'hi' }] };

/** A request as another dialect would parse it. */
const foreign = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  dialect: 'openai-chat',
  model: 'asked',
  messages: [user],
  tools: [],
  stop: [],
  n: 1,
  stream: false,
  includeUsage: false,
  extensions: {},
  ...fields,
});

const build = (fields: Partial<ChatRequest>, model: Partial<WireModel> = {}, quirks: WireQuirks = {}) =>
  buildRequest(foreign(fields), { upstream: 'gpt-x', ...model }, quirks);
const lossesOf = (...given: Parameters<typeof build>) => build(...given).losses.map(({ field }) => field);
const inputOf = (messages: Message[], fields: Partial<ChatRequest> = {}) =>
  build({ messages, ...fields }).body.input as JsonObject[];
const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts });

test('the smallest request stores nothing', () => {
  expect(build({})).toEqual({
    body: {
      model: 'gpt-x',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
      store: false,
    },
    losses: [],
  });
});

test('a body of this dialect comes out equal, but for what is said in other words', () => {
  const body = {
    model: 'gpt-x',
    instructions: 'Be brief.',
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'd' }] },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'look', prompt_cache_breakpoint: { mode: 'explicit' } },
          { type: 'input_image', detail: 'low', image_url: 'https://x.test/a.png' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' },
          { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
          { type: 'input_hologram', data: 1 },
        ],
      },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'a' }], encrypted_content: 'enc' },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
      { type: 'function_call_output', call_id: 'c1', output: '1' },
      { type: 'custom_tool_call_output', call_id: 'x', output: 'y' },
      {
        type: 'message',
        role: 'assistant',
        content: [
          {
            type: 'output_text',
            text: '🌊 is wet',
            annotations: [{ type: 'url_citation', url: 'https://x.test', title: 'x', start_index: 2, end_index: 4 }],
          },
          { type: 'refusal', refusal: 'no' },
        ],
      },
    ],
    tools: [
      { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false },
      { type: 'web_search' },
    ],
    tool_choice: { type: 'web_search' },
    parallel_tool_calls: false,
    max_output_tokens: 100,
    temperature: 0.5,
    top_p: 0.9,
    top_logprobs: 2,
    text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
    reasoning: { context: 'all_turns', effort: 'high', summary: 'detailed' },
    include: ['web_search_call.results', 'message.output_text.logprobs', 'reasoning.encrypted_content'],
    metadata: { a: 'b' },
    safety_identifier: 's',
    prompt_cache_key: 'k',
    service_tier: 'flex',
    store: false,
    stream: true,
    truncation: 'auto',
    max_tool_calls: 3,
    frequency_penalty: 0.5,
    brand_new: { x: 1 },
  };
  const built = buildRequest(parseRequest(body), { upstream: 'gpt-x' }, {});
  expect(built).toEqual({ body, losses: [] });
});

test('what the API has no field for is a loss, by the caller’s name', () => {
  expect(
    lossesOf({
      stop: ['x'],
      seed: 1,
      topK: 1,
      minP: 0.1,
      frequencyPenalty: 1,
      presencePenalty: 1,
      logitBias: { a: 1 },
      n: 2,
      modalities: ['text', 'audio'],
      audioOutput: { voice: 'v', format: 'wav' },
      serviceTier: 'standard_only',
      dialect: 'anthropic-messages',
      reasoning: { budgetTokens: 20_000 },
      messages: [{ ...user, name: 'ann' }],
      tools: [{ type: 'native', wire: 'anthropic-messages', what: 'web_search', value: {} }],
      extensions: { 'openai-chat': { prediction: {}, prompt_cache_retention: '24h' } },
    }).sort(),
  ).toEqual(
    [
      ...['audio', 'budget_tokens', 'frequency_penalty', 'logit_bias', 'messages[].name', 'min_p', 'modalities', 'n'],
      ...['prediction', 'presence_penalty', 'seed', 'service_tier', 'stop', 'top_k', 'web_search tool'],
    ].sort(),
  );
});

test('system and developer messages keep every text at its place', () => {
  const system = (text: string): Message => ({ role: 'system', parts: [{ type: 'text', text }] });
  const developer: Message = { role: 'developer', parts: [{ type: 'text', text: 'd' }] };
  const { body } = build({ messages: [system('a'), system('b'), user, developer, system('c')] });
  expect(body.instructions).toBe('a');
  expect((body.input as JsonObject[]).map(({ role }) => role)).toEqual(['system', 'user', 'developer', 'system']);
  const plain = build({ messages: [developer, user] }, {}, { noDeveloperRole: true }).body.input as JsonObject[];
  expect(plain.map(({ role }) => role)).toEqual(['system', 'user']);
});

test('no empty text and no message without parts goes out', () => {
  const empty: Part = { type: 'text', text: '' };
  const input = inputOf([
    { role: 'user', parts: [empty] },
    { role: 'user', parts: [empty, { type: 'text', text: 'x' }] },
    assistant(empty),
    { role: 'tool', parts: [{ type: 'tool-result', callId: 'c', parts: [empty] }] },
  ]);
  expect(input).toEqual([
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }] },
    { type: 'function_call_output', call_id: 'c', output: '' },
  ]);
});

test('tool results go out in order, with their images', () => {
  const input = inputOf([
    assistant(
      { type: 'tool-call', id: 'a', name: 'f', arguments: '' },
      { type: 'tool-call', id: 'b', name: 'f', arguments: 'not json' },
    ),
    {
      role: 'tool',
      parts: [
        { type: 'tool-result', callId: 'a', parts: [{ type: 'text', text: '1' }] },
        {
          type: 'tool-result',
          callId: 'b',
          parts: [
            { type: 'text', text: 'see' },
            { type: 'image', source: { kind: 'base64', data: 'iVBO', mediaType: 'image/png' } },
          ],
        },
      ],
    },
  ]);
  expect(input).toEqual([
    { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
    { type: 'function_call', call_id: 'b', name: 'f', arguments: 'not json' },
    { type: 'function_call_output', call_id: 'a', output: '1' },
    {
      type: 'function_call_output',
      call_id: 'b',
      output: [
        { type: 'input_text', text: 'see' },
        { type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,iVBO' },
      ],
    },
  ]);
});

test.each([
  [{ type: 'auto' }, 'auto'],
  [{ type: 'none' }, 'none'],
  [{ type: 'required' }, 'required'],
  [
    { type: 'tool', name: 'f' },
    { type: 'function', name: 'f' },
  ],
  [
    { type: 'allowed', names: ['f'], required: false },
    { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
  ],
] as const)('the tool choice %j', (toolChoice, built) => {
  const tools = [{ type: 'function' as const, name: 'f' }];
  expect(build({ toolChoice: toolChoice as ChatRequest['toolChoice'], tools }).body.tool_choice).toEqual(
    built as never,
  );
});

test('a function that is not said to be strict is not made strict', () => {
  const { body } = build({ tools: [{ type: 'function', name: 'f' }] });
  expect(body.tools).toEqual([
    { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false },
  ]);
  const own = buildRequest(
    parseRequest({ model: 'm', input: 'x', tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }] }),
    { upstream: 'm' },
    {},
  );
  expect(own.body.tools).toEqual([{ type: 'function', name: 'f', parameters: { type: 'object' } }]);
});

const signed: Part = {
  type: 'reasoning',
  text: 'why',
  signature: { origin: 'openai', on: 'thought', value: 'enc' },
  id: 'rs_1',
};
const call: Part = { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' };

test('OpenAI’s own thinking goes back byte for byte; that of others does not', () => {
  expect(inputOf([assistant(signed, call)])[0]).toEqual({
    type: 'reasoning',
    id: 'rs_1',
    summary: [{ type: 'summary_text', text: 'why' }],
    encrypted_content: 'enc',
  });
  const others: Part[] = [
    { type: 'reasoning', text: 'a', signature: { origin: 'anthropic', on: 'thought', value: 's' } },
    { type: 'reasoning', text: '', redacted: 'r' },
    { ...call, signature: { origin: 'gemini', on: 'call', value: 's' } },
  ];
  const built = build({ messages: [assistant(...others)] });
  expect(built.body.input).toEqual([{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }]);
  expect(built.losses.map(({ field }) => field)).toEqual(['thinking signature']);
});

test('thinking that nothing of its turn follows, or that the model cannot read, stays behind', () => {
  const dangling = build({ messages: [assistant(signed), user] });
  expect(dangling.body.input).toHaveLength(1);
  expect(dangling.losses.map(({ field }) => field)).toEqual(['reasoning']);
  expect(build({ messages: [assistant(signed, call)] }, { reasoning: false }).body.input).toHaveLength(1);
  expect(build({ messages: [assistant(signed), assistant(call)] }).body.input).toHaveLength(2);
});

test('thinking without encrypted content goes back by its id only where OpenAI holds it', () => {
  const item = { type: 'reasoning', id: 'rs_1', summary: [] };
  const next = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
  const input = (store: boolean) =>
    buildRequest(parseRequest({ model: 'm', input: [item, next], store }), { upstream: 'm' }, {});
  expect(input(true).body.input).toEqual([item, next]);
  expect(input(false).body.input).toEqual([next]);
  expect(input(false).losses.map(({ field }) => field)).toEqual(['reasoning']);
});

test('encrypted reasoning is asked for when the model reasons and nothing is stored', () => {
  const asks = (...given: Parameters<typeof build>) => build(...given).body.include !== undefined;
  expect(asks({}, { reasoning: true })).toBe(true);
  expect(asks({ store: true }, { reasoning: true })).toBe(false);
  expect(asks({ store: true, reasoning: { includeEncrypted: true } }, { reasoning: true })).toBe(true);
  expect(asks({})).toBe(false);
  expect(asks({ reasoning: { effort: 'low' } })).toBe(true);
  expect(asks({ reasoning: { effort: 'none' } })).toBe(false);
  expect(asks({ messages: [assistant(signed, call)] })).toBe(true);
  expect(asks({ reasoning: { includeEncrypted: true } }, { reasoning: false })).toBe(false);
});

test('reasoning: effort, budgets, summaries, and models that do not reason', () => {
  const reasoning = (asked: ChatRequest['reasoning']) => build({ reasoning: asked }).body.reasoning;
  expect(reasoning({ enabled: false })).toEqual({ effort: 'none' });
  expect(reasoning({ enabled: true, budgetTokens: 2000 })).toEqual({ effort: 'low' });
  expect(reasoning({ budgetTokens: 10_000, include: true })).toEqual({ effort: 'medium', summary: 'auto' });
  expect(reasoning({ budgetTokens: 32_000 })).toEqual({ effort: 'high' });
  expect(reasoning({ enabled: true, adaptive: true })).toBeUndefined();
  expect(lossesOf({ reasoning: { effort: 'high' } }, { reasoning: false })).toEqual(['reasoning_effort']);
  expect(lossesOf({ reasoning: { effort: 'none' } }, { reasoning: false })).toEqual([]);
});

test('sampling settings are withheld from models that take none', () => {
  const built = build({ temperature: 1, topP: 0.5 }, { temperature: false });
  expect(built.body).not.toHaveProperty('temperature');
  expect(built.losses.map(({ field }) => field)).toEqual(['temperature', 'top_p']);
});

test('quirks: refused fields, no JSON Schema, no image addresses', () => {
  const format = { type: 'json-schema' as const, name: 'n', schema: {} };
  expect(lossesOf({ metadata: { a: 'b' } }, {}, { unsupportedFields: ['metadata'] })).toEqual(['metadata']);
  const object = build({ responseFormat: format }, {}, { jsonSchema: 'json_object' });
  expect(object.body.text).toEqual({ format: { type: 'json_object' } });
  expect(object.losses.map(({ field }) => field)).toEqual(['response_format']);
  expect(build({ responseFormat: format }, {}, { jsonSchema: 'none' }).body).not.toHaveProperty('text');
  const image: Part = { type: 'image', source: { kind: 'url', url: 'https://x.test/a.png' } };
  expect(() => build({ messages: [{ role: 'user', parts: [image] }] }, {}, { imageUrls: false })).toThrow(
    expect.objectContaining({ code: 'unsupported_capability' }),
  );
});

test('video and audio by address cannot be sent at all', () => {
  const parts: Part[] = [
    { type: 'video', source: { kind: 'url', url: 'https://x.test/a.mp4' } },
    { type: 'audio', source: { kind: 'url', url: 'https://x.test/a.wav' } },
  ];
  for (const part of parts) {
    expect(() => build({ messages: [{ role: 'user', parts: [part] }] })).toThrow(
      expect.objectContaining({ code: 'unsupported_capability' }),
    );
  }
});

test('marks for a prompt cache and native parts of others are losses', () => {
  const messages: Message[] = [
    { role: 'user', parts: [{ type: 'text', text: 'x', cache: { ttl: '1h' } }] },
    assistant(
      { type: 'opaque', wire: 'anthropic-messages', what: 'server_tool_use', value: {} },
      { type: 'image', source: { kind: 'base64', data: 'iVBO', mediaType: 'image/png' } },
      { type: 'text', text: 'y', citations: [{ quote: 'q' }] },
    ),
    { role: 'tool', parts: [{ type: 'tool-result', callId: 'c', parts: [], isError: true }] },
  ];
  expect(lossesOf({ messages })).toEqual([
    'cache_control',
    'server_tool_use',
    'image of the assistant',
    'citations',
    'is_error',
  ]);
});

test('a two-turn tool loop gives the thinking back byte for byte, also out of what was stored', () => {
  const { body: answer } = recording('reasoning-encrypted');
  const asked = { model: 'm', input: 'How is the weather in Lisbon?', store: false };
  const shown = buildAnswer(collectAnswer(parseAnswer(answer)), contextFor(parseRequest(asked)));
  const result = { type: 'function_call_output', call_id: 'call_D4aBcDeFgHiJkLmNoPqRsTuV', output: 'Sunny.' };
  const second = parseRequest({ ...asked, input: [...storedItems(asked, shown), result] });
  const input = buildRequest(second, { upstream: 'm' }, {}).body.input as JsonObject[];
  const [reasoning] = answer.output as JsonObject[];
  expect(input.map(({ type }) => type)).toEqual(['message', 'reasoning', 'function_call', 'function_call_output']);
  expect(input[1]).toMatchObject({ id: 'rs_6841c0de07', encrypted_content: reasoning?.encrypted_content });
});
