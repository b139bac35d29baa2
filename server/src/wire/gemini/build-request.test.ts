import { expect, test } from 'bun:test';
import type { ChatRequest, Message, Part, ReasoningRequest, ToolChoice } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { WireModel, WireQuirks } from '../wire.ts';
import { geminiOutbound } from './index.ts';
import { chatRequest } from './testing.ts';

const gemini3: WireModel = { upstream: 'gemini-3-flash-preview' };
const gemini25: WireModel = { upstream: 'gemini-2.5-flash' };
const build = (fields: Partial<ChatRequest>, model = gemini3, quirks: WireQuirks = {}) =>
  geminiOutbound.buildRequest(chatRequest(fields), model, quirks);
const lost = (fields: Partial<ChatRequest>, model = gemini3) => build(fields, model).losses.map(({ field }) => field);
const text = (words: string): Part => ({ type: 'text', text: words });
const say = (role: Message['role'], ...parts: Part[]): Message => ({ role, parts });
const call = (id: string, name: string, args = '{}'): Part => ({ type: 'tool-call', id, name, arguments: args });
const result = (callId: string, words: string, more: Partial<Extract<Part, { type: 'tool-result' }>> = {}): Part => ({
  type: 'tool-result',
  callId,
  parts: [{ type: 'text', text: words }],
  ...more,
});

test('system and developer texts of any position are gathered in order, roles alternate, empty text is left out', () => {
  const { body } = build({
    messages: [
      say('system', text('One.')),
      say('user', text('Hi'), text(''), text('  ')),
      say('developer', text('Two.')),
      say('user', text('Still there?')),
      say('assistant', text('')),
      say('assistant', text('Yes.')),
      say('assistant', text('What is it?')),
      say('system', text('Three.'), text('')),
    ],
  });
  expect(body.systemInstruction).toEqual({ parts: [{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }] });
  expect(body.contents).toEqual([
    { role: 'user', parts: [{ text: 'Hi' }, { text: 'Still there?' }] },
    { role: 'model', parts: [{ text: 'Yes.' }, { text: 'What is it?' }] },
  ]);
});

test('a system prompt alone is sent as the user, with a loss', () => {
  const { body, losses } = build({ messages: [say('system', text('Greet.'))] });
  expect(body).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Greet.' }] }] });
  expect(losses.map(({ field }) => field)).toEqual(['messages[].role']);
});

test('parallel results are one user turn in the order of their calls, with names and ids', () => {
  const { body } = build(
    {
      messages: [
        say('user', text('Go')),
        say('assistant', call('c1', 'a', '{"n":1}'), call('c2', 'b', '')),
        say('tool', result('c2', 'plain words')),
        say('tool', result('c1', '{"celsius":4}')),
        say('user', text('Thanks')),
      ],
    },
    gemini25,
  );
  expect(body.contents).toEqual([
    { role: 'user', parts: [{ text: 'Go' }] },
    {
      role: 'model',
      parts: [
        { functionCall: { id: 'c1', name: 'a', args: { n: 1 } } },
        { functionCall: { id: 'c2', name: 'b', args: {} } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'c1', name: 'a', response: { celsius: 4 } } },
        { functionResponse: { id: 'c2', name: 'b', response: { result: 'plain words' } } },
        { text: 'Thanks' },
      ],
    },
  ]);
});

test('failed results say so, also when they are objects', () => {
  const responses = ['it broke', '{"code":7}', '{"error":"known"}'].map((words) => {
    const { body } = build({
      messages: [say('assistant', call('c', 'f')), say('tool', result('c', words, { isError: true }))],
    });
    const part = (body.contents as { parts: { functionResponse: JsonObject }[] }[])[1]?.parts[0];
    return part?.functionResponse.response;
  });
  expect(responses).toEqual([{ error: 'it broke' }, { error: { code: 7 } }, { error: 'known' }]);
});

test('an image in a tool result is within it for Gemini 3 and beside it before', () => {
  const image: Part = { type: 'image', source: { kind: 'base64', data: 'aGk=', mediaType: 'image/png' } };
  const messages = [
    say('user', text('Look')),
    say('assistant', call('c', 'shot')),
    say('tool', { type: 'tool-result', callId: 'c', parts: [text('done'), image] } as Part),
  ];
  const inlineData = { mimeType: 'image/png', data: 'aGk=' };
  const parts = (model: WireModel) => (build({ messages }, model).body.contents as { parts: JsonObject[] }[])[2]?.parts;
  const functionResponse = { id: 'c', name: 'shot', response: { result: 'done' } };
  expect(parts(gemini3)).toEqual([{ functionResponse: { ...functionResponse, parts: [{ inlineData }] } }]);
  expect(parts(gemini25)).toEqual([{ functionResponse }, { inlineData }]);
});

test('a result of an unknown call is refused', () => {
  expect(() => build({ messages: [say('user', text('x')), say('tool', result('nope', 'y'))] })).toThrow(SluiceError);
});

test('arguments that are no JSON object are wrapped and reported', () => {
  const { body, losses } = build({ messages: [say('assistant', call('c', 'f', '{"a":'))] }, gemini25);
  expect(body.contents).toEqual([
    { role: 'model', parts: [{ functionCall: { id: 'c', name: 'f', args: { invalid_json: '{"a":' } } }] },
  ]);
  expect(losses[0]?.field).toBe('tool_calls[].function.arguments');
});

test('the first call of each step of the current turn is signed for Gemini 3, and only there', () => {
  const messages = [
    say('user', text('Old')),
    say('assistant', call('o', 'f')),
    say('tool', result('o', 'x')),
    say('assistant', text('Done')),
    say('user', text('New')),
    say('assistant', call('a', 'f'), call('b', 'f')),
    say('tool', result('a', 'x'), result('b', 'x')),
    say('assistant', {
      type: 'tool-call',
      id: 'c',
      name: 'f',
      arguments: '{}',
      signature: { origin: 'gemini', on: 'call', value: 'b3du' },
    }),
    say('tool', result('c', 'x')),
  ];
  const signatures = (model: WireModel) =>
    (build({ messages }, model).body.contents as { parts: JsonObject[] }[])
      .flatMap(({ parts }) => parts)
      .filter((part) => 'functionCall' in part)
      .map(({ thoughtSignature }) => thoughtSignature);
  const dummy = 'skip_thought_signature_validator';
  expect(signatures(gemini3)).toEqual([undefined, dummy, undefined, 'b3du']);
  expect(signatures({ upstream: 'gemini-flash-latest' })).toEqual([undefined, dummy, undefined, 'b3du']);
  expect(signatures(gemini25)).toEqual([undefined, undefined, undefined, 'b3du']);
});

test("Gemini's signatures go back byte for byte, those of others do not go", () => {
  const signature = { origin: 'gemini' as const, on: 'thought' as const, value: 'x+/=' };
  const foreign = { origin: 'anthropic' as const, on: 'thought' as const, value: 'y' };
  const { body, losses } = build(
    {
      messages: [
        say('user', text('Hi')),
        say(
          'assistant',
          { type: 'reasoning', text: 'Hm', signature },
          { type: 'reasoning', text: 'Foreign', signature: foreign },
          { type: 'reasoning', text: '', redacted: 'z' },
          { type: 'text', text: 'Yes', signature: { ...signature, on: 'text' } },
        ),
      ],
    },
    gemini3,
  );
  expect((body.contents as { parts: JsonObject[] }[])[1]?.parts).toEqual([
    { text: 'Hm', thought: true, thoughtSignature: 'x+/=' },
    { text: 'Yes', thoughtSignature: 'x+/=' },
  ]);
  expect(losses.map(({ field }) => field)).toEqual(['thinking signature']);
});

test('unsigned thinking of a foreign history stays behind, with a loss', () => {
  const messages = [say('user', text('Hi')), say('assistant', { type: 'reasoning', text: 'Hm' }, text('Yes'))];
  const { body } = build({ messages });
  expect(JSON.stringify(body)).not.toContain('Hm');
  expect(lost({ messages })).toEqual(['messages[].reasoning_content']);
});

const f = { type: 'function' as const, name: 'f', parameters: { type: 'object' } };
const mode = (toolChoice: ToolChoice | undefined, strict?: boolean) =>
  (
    build({ tools: [{ ...f, ...(strict && { strict }) }], ...(toolChoice && { toolChoice }) }).body
      .toolConfig as JsonObject
  )?.functionCallingConfig;

test('the whole matrix of tool choices', () => {
  expect(mode(undefined)).toBeUndefined();
  expect(mode({ type: 'auto' })).toEqual({ mode: 'AUTO' });
  expect(mode({ type: 'none' })).toEqual({ mode: 'NONE' });
  expect(mode({ type: 'required' })).toEqual({ mode: 'ANY' });
  expect(mode({ type: 'tool', name: 'f' })).toEqual({ mode: 'ANY', allowedFunctionNames: ['f'] });
  expect(mode({ type: 'allowed', names: ['f'], required: true })).toEqual({ mode: 'ANY', allowedFunctionNames: ['f'] });
  expect(mode({ type: 'allowed', names: ['f'], required: false })).toEqual({
    mode: 'VALIDATED',
    allowedFunctionNames: ['f'],
  });
  expect(mode(undefined, true)).toEqual({ mode: 'VALIDATED' });
  expect(mode({ type: 'required' }, true)).toEqual({ mode: 'ANY' });
});

test('JSON Schemas go untouched', () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { n: { type: 'integer', exclusiveMinimum: 0 }, l: { type: 'array', uniqueItems: true } },
  };
  const { body, losses } = build({
    tools: [{ ...f, description: 'F', parameters: schema }],
    responseFormat: { type: 'json-schema', name: 'x', schema, strict: true },
  });
  expect(body.tools).toEqual([
    { functionDeclarations: [{ name: 'f', description: 'F', parametersJsonSchema: schema }] },
  ]);
  expect(body.generationConfig).toEqual({ responseMimeType: 'application/json', responseJsonSchema: schema });
  expect(losses).toEqual([]);
});

const thinking = (reasoning: ReasoningRequest, upstream: string) => {
  const { body, losses } = build({ reasoning }, { upstream });
  const config = (body.generationConfig as JsonObject | undefined)?.thinkingConfig;
  return [config, losses.map(({ field }) => field)];
};

test('effort is a level for Gemini 3 and a budget before it', () => {
  const flash = 'gemini-3-flash-preview';
  expect(thinking({ effort: 'minimal' }, flash)).toEqual([{ thinkingLevel: 'MINIMAL' }, []]);
  expect(thinking({ effort: 'medium' }, flash)).toEqual([{ thinkingLevel: 'MEDIUM' }, []]);
  expect(thinking({ effort: 'xhigh' }, flash)).toEqual([{ thinkingLevel: 'HIGH' }, ['reasoning_effort']]);
  expect(thinking({ effort: 'none' }, flash)).toEqual([{ thinkingLevel: 'MINIMAL' }, ['reasoning_effort']]);
  expect(thinking({ effort: 'minimal' }, 'gemini-3.1-pro-preview')).toEqual([
    { thinkingLevel: 'LOW' },
    ['reasoning_effort'],
  ]);
  expect(thinking({ effort: 'medium' }, 'gemini-3.1-pro-preview')).toEqual([{ thinkingLevel: 'MEDIUM' }, []]);
  expect(thinking({ effort: 'medium' }, 'gemini-3-pro-preview')).toEqual([
    { thinkingLevel: 'HIGH' },
    ['reasoning_effort'],
  ]);
  expect(thinking({ budgetTokens: 600 }, flash)).toEqual([{ thinkingBudget: 600 }, []]);
  expect(thinking({ effort: 'low', include: true }, 'gemini-2.5-pro')).toEqual([
    { thinkingBudget: 1024, includeThoughts: true },
    [],
  ]);
  expect(thinking({ effort: 'medium' }, 'gemini-2.5-flash')).toEqual([{ thinkingBudget: 8192 }, []]);
  expect(thinking({ effort: 'high' }, 'gemini-2.5-flash')).toEqual([{ thinkingBudget: 24576 }, []]);
  expect(thinking({ effort: 'none' }, 'gemini-2.5-flash')).toEqual([{ thinkingBudget: 0 }, []]);
  expect(thinking({ enabled: false }, 'gemini-2.5-flash')).toEqual([{ thinkingBudget: 0 }, []]);
  expect(thinking({ adaptive: true }, 'gemini-2.5-flash')).toEqual([{ thinkingBudget: -1 }, []]);
  expect(thinking({ effort: 'high', budgetTokens: 2000 }, 'gemini-2.5-flash')).toEqual([
    { thinkingBudget: 2000 },
    ['reasoning_effort'],
  ]);
});

test('media goes by value and by address', () => {
  const url = (address: string) => ({ kind: 'url' as const, url: address });
  const { body, losses } = build({
    messages: [
      say(
        'user',
        { type: 'image', source: url('https://x.org/a.PNG?size=1') },
        { type: 'image', source: url('https://x.org/a') },
        { type: 'document', source: url('https://x.org/a.pdf') },
        { type: 'audio', source: { kind: 'base64', data: 'aGk=', mediaType: 'audio/wav' }, format: 'wav' },
        { type: 'video', source: url('https://x.org/v.webm') },
      ),
    ],
  });
  expect((body.contents as { parts: JsonObject[] }[])[0]?.parts).toEqual([
    { fileData: { fileUri: 'https://x.org/a.PNG?size=1', mimeType: 'image/png' } },
    { fileData: { fileUri: 'https://x.org/a', mimeType: 'image/jpeg' } },
    { fileData: { fileUri: 'https://x.org/a.pdf', mimeType: 'application/pdf' } },
    { inlineData: { mimeType: 'audio/wav', data: 'aGk=' } },
    { fileData: { fileUri: 'https://x.org/v.webm', mimeType: 'video/webm' } },
  ]);
  expect(losses).toEqual([]);
});

test('what Gemini has no place for is reported under its own name', () => {
  expect(
    lost({
      messages: [
        { role: 'user', name: 'Ann', parts: [{ type: 'text', text: 'Hi', cache: { ttl: '1h' } }] },
        say('user', { type: 'image', source: { kind: 'file-id', id: 'file-1' }, detail: 'high' }),
        say('assistant', { type: 'opaque', wire: 'anthropic-messages', what: 'server_tool_use', value: {} }),
      ],
      tools: [f, { type: 'native', wire: 'openai-responses', what: 'web_search', value: {} }],
      parallelToolCalls: false,
      minP: 0.1,
      logitBias: { 1: 2 },
      serviceTier: 'scale',
      metadata: { a: 'b' },
      endUser: 'u',
      promptCacheKey: 'k',
      verbosity: 'low',
      store: true,
      audioOutput: { voice: 'Kore', format: 'wav' },
      extensions: { 'openai-chat': { prediction: {} } },
    }).sort(),
  ).toEqual(
    [
      'messages[].name',
      'cache_control',
      'image_url.detail',
      'file_id',
      'server_tool_use',
      'web_search tool',
      'parallel_tool_calls',
      'min_p',
      'logit_bias',
      'service_tier',
      'metadata',
      'user',
      'prompt_cache_key',
      'verbosity',
      'store',
      'audio.format',
      'prediction',
    ].sort(),
  );
});

test('sampling, logprobs and n are carried', () => {
  const { body, losses } = build({
    temperature: 1.5,
    topP: 0.5,
    topK: 3,
    maxOutputTokens: 9,
    stop: ['a'],
    seed: 4,
    frequencyPenalty: 0.1,
    presencePenalty: 0.2,
    logprobs: { top: 2 },
    n: 3,
    serviceTier: 'default',
    modalities: ['text', 'image'],
  });
  expect(body.generationConfig).toEqual({
    temperature: 1.5,
    topP: 0.5,
    topK: 3,
    maxOutputTokens: 9,
    candidateCount: 3,
    stopSequences: ['a'],
    seed: 4,
    presencePenalty: 0.2,
    frequencyPenalty: 0.1,
    responseLogprobs: true,
    logprobs: 2,
    responseModalities: ['TEXT', 'IMAGE'],
  });
  expect(body.serviceTier).toBe('standard');
  expect(losses).toEqual([]);
});

test('a sixth stop sequence is refused', () => {
  expect(() => build({ stop: ['1', '2', '3', '4', '5', '6'] })).toThrow('at most 5');
});

test('fields that a provider refuses become losses', () => {
  const quirks = { unsupportedFields: ['generationConfig.seed', 'serviceTier', 'labels'] };
  const { body, losses } = build({ seed: 1, serviceTier: 'flex' }, gemini3, quirks);
  expect(body.generationConfig).toEqual({});
  expect(losses.map(({ field }) => field)).toEqual(['generationConfig.seed', 'serviceTier']);
});
