import { describe, expect, test } from 'bun:test';
import { readJsonBody } from '../core/json-scan.ts';
import { anthropicMessagesInbound } from '../wire/anthropic-messages/index.ts';
import { geminiInbound } from '../wire/gemini/index.ts';
import { openaiChatInbound } from '../wire/openai-chat/index.ts';
import { openaiResponsesInbound } from '../wire/openai-responses/index.ts';
import type { InboundWire, WireQuirks } from '../wire/wire.ts';
import { fitsQuirks, passBody } from './outgoing-body.ts';

const bodyOf = (text: string) => readJsonBody(new TextEncoder().encode(text));

function pass(text: string, wire: InboundWire = openaiChatInbound, quirks: WireQuirks = {}) {
  const raw = bodyOf(text);
  return passBody(raw, wire.parseRequest(raw.value), 'upstream-model', quirks);
}

const messages = '"messages":[{"role":"user","content":"caf\\u00e9 😀"}]';

describe("the caller's own body", () => {
  test('goes out with another model and not one other byte changed', () => {
    const text = `{\n\t"model" : "fast" ,${messages},"temperature":1.0,"vendor_field":{"big":12345678901234567890}}\n`;
    expect(pass(text)).toEqual({ text: text.replace('"fast"', '"upstream-model"'), usageAdded: false });
  });

  test('of a stream also asks for the usage chunk, when the caller did not', () => {
    const { text, usageAdded } = pass(`{"model":"fast",${messages},"stream":true}`);
    expect(usageAdded).toBe(true);
    expect(text).toBe(`{"stream_options":{"include_usage":true},"model":"upstream-model",${messages},"stream":true}`);
  });

  test('keeps the other stream options', () => {
    for (const options of ['{"include_obfuscation":false}', '{"include_usage":false,"include_obfuscation":false}']) {
      const { text, usageAdded } = pass(`{"model":"fast","stream_options":${options},${messages},"stream":true}`);
      expect(usageAdded).toBe(true);
      expect(JSON.parse(text).stream_options).toEqual({ include_obfuscation: false, include_usage: true });
    }
  });

  test('is not asked to be more than it is: a caller who wants usage gets his own options back', () => {
    const { text, usageAdded } = pass(
      `{"model":"fast","stream_options":{"include_usage" : true},${messages},"stream":true}`,
    );
    expect(usageAdded).toBe(false);
    expect(text).toContain('"stream_options":{"include_usage" : true}');
  });

  test('null as options counts as none', () => {
    const { text, usageAdded } = pass(`{"model":"fast","stream_options":null,${messages},"stream":true}`);
    expect(usageAdded).toBe(true);
    expect(JSON.parse(text).stream_options).toEqual({ include_usage: true });
  });

  test('is not asked for usage where the provider refuses the question', () => {
    const text = `{"model":"fast",${messages},"stream":true}`;
    expect(pass(text, openaiChatInbound, { unsupportedFields: ['stream_options'] })).toEqual({
      text: text.replace('fast', 'upstream-model'),
      usageAdded: false,
    });
  });

  test('of Anthropic and Responses changes its model only, streamed or not', () => {
    const anthropic = `{"model":"fast","max_tokens":5,${messages},"stream":true}`;
    expect(pass(anthropic, anthropicMessagesInbound)).toEqual({
      text: anthropic.replace('fast', 'upstream-model'),
      usageAdded: false,
    });
    const responses = '{"input":"hi","stream":true,"model":"fast"}';
    expect(pass(responses, openaiResponsesInbound)).toEqual({
      text: responses.replace('fast', 'upstream-model'),
      usageAdded: false,
    });
  });

  test('of Gemini changes nothing: the model stands in the address', () => {
    const text = '{ "contents":[{"parts":[{"text":"hi"}]}] }';
    const raw = bodyOf(text);
    expect(
      passBody(raw, geminiInbound.parseRequest(raw.value, { model: 'fast', stream: true }), 'upstream-model', {}),
    ).toEqual({ text, usageAdded: false });
  });
});

describe('whether a provider takes the body as it is', () => {
  const fits = (over: object, quirks: WireQuirks) => {
    const raw = bodyOf(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...over }));
    return fitsQuirks(openaiChatInbound.parseRequest(raw.value), raw, quirks);
  };

  test('yes, when nothing in it is odd there', () => {
    expect(fits({ max_tokens: 5, tools: [] }, {})).toBe(true);
    expect(
      fits(
        { temperature: 1 },
        {
          unsupportedFields: ['logit_bias'],
          noDeveloperRole: true,
          imageUrls: false,
          toolCallId: 'alphanumeric-9',
          jsonSchema: 'none',
        },
      ),
    ).toBe(true);
  });

  test('no, when the output limit has the name of the other kind', () => {
    expect(fits({ max_tokens: 5 }, { maxTokensField: 'max_completion_tokens' })).toBe(false);
    expect(fits({ max_completion_tokens: 5 }, { maxTokensField: 'max_tokens' })).toBe(false);
    expect(fits({ max_tokens: 5 }, { maxTokensField: 'max_tokens' })).toBe(true);
    expect(fits({ max_completion_tokens: 5 }, { maxTokensField: 'max_completion_tokens' })).toBe(true);
  });

  test('no, when it has a field, a role or a form that the provider refuses', () => {
    expect(fits({ logit_bias: {} }, { unsupportedFields: ['logit_bias'] })).toBe(false);
    expect(fits({ messages: [{ role: 'developer', content: 'be kind' }] }, { noDeveloperRole: true })).toBe(false);
    const image = (url: string) => ({
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    });
    expect(fits(image('https://example.com/a.png'), { imageUrls: false })).toBe(false);
    expect(fits(image('data:image/png;base64,AAAA'), { imageUrls: false })).toBe(true);
    const schema = { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } } };
    expect(fits(schema, { jsonSchema: 'json_object' })).toBe(false);
    expect(fits(schema, { jsonSchema: 'json_schema' })).toBe(true);
  });

  test('no, when the ids of tool calls must be mapped', () => {
    const call = {
      role: 'assistant',
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
    };
    expect(
      fits(
        { messages: [{ role: 'user', content: 'hi' }, call, { role: 'tool', tool_call_id: 'call_1', content: 'ok' }] },
        { toolCallId: 'alphanumeric-9' },
      ),
    ).toBe(false);
  });

  test('other wires have no quirks to fear', () => {
    const raw = bodyOf(`{"model":"m","max_tokens":5,${messages}}`);
    expect(
      fitsQuirks(anthropicMessagesInbound.parseRequest(raw.value), raw, { unsupportedFields: ['max_tokens'] }),
    ).toBe(true);
  });
});
