import { expect, test } from 'bun:test';
import type { RequestNeeds } from '../core/request-needs.ts';
import { createCatalog } from './catalog.ts';
import { checkRequest, hasRoom, knows } from './check-request.ts';

const catalog = createCatalog();
const nothing: RequestNeeds = {
  inputTokensEstimate: 10,
  tools: false,
  vision: false,
  documents: false,
  audioIn: false,
  videoIn: false,
  audioOut: false,
  imageOut: false,
  jsonSchema: false,
  reasoning: false,
  embeddings: false,
};
const check = (provider: string, id: string, needs: Partial<RequestNeeds>) =>
  checkRequest(catalog.find(provider, id)!, { ...nothing, ...needs });

test('input above the window is refused with both figures and the name', () => {
  expect(check('openai', 'gpt-4', { inputTokensEstimate: 8_192 })).toBeUndefined();
  expect(check('openai', 'gpt-4', { inputTokensEstimate: 12_345 })).toEqual({
    code: 'context_window_exceeded',
    message: 'The request is at least 12,345 tokens long, and openai/gpt-4 has a context window of 8,192 tokens.',
    param: 'messages',
  });
});

test('a long answer that was allowed is no reason to refuse, but there is no room for it', () => {
  const needs = { ...nothing, inputTokensEstimate: 8_000, maxOutputTokens: 4_000 };
  const model = catalog.find('openai', 'gpt-4')!;
  expect(checkRequest(model, needs)).toBeUndefined();
  expect(hasRoom(model, needs)).toBe(false);
  expect(hasRoom(model, { ...needs, maxOutputTokens: 100 })).toBe(true);
  expect(hasRoom({ provider: 'x', id: 'y' }, needs)).toBe(true);
});

test('what the model plainly cannot do is refused in one sentence', () => {
  expect(check('groq', 'llama-3.1-8b-instant', { vision: true, audioIn: true })).toEqual({
    code: 'unsupported_capability',
    message: 'groq/llama-3.1-8b-instant cannot read images or listen to audio, which this request needs.',
    param: 'messages',
  });
  expect(check('groq', 'groq/compound', { tools: true })).toMatchObject({ param: 'tools' });
  expect(check('openai', 'gpt-4', { jsonSchema: true })).toMatchObject({ param: 'response_format' });
  expect(check('openai', 'gpt-5-mini', { audioOut: true })).toMatchObject({ param: 'modalities' });
});

test('a capability of which the source says nothing is not refused', () => {
  const haiku = catalog.find('anthropic', 'claude-haiku-4-5')!;
  expect(knows(haiku, 'structured-output')).toBeUndefined();
  expect(check('anthropic', 'claude-haiku-4-5', { jsonSchema: true, tools: true, vision: true })).toBeUndefined();
  // The list has no `pdf` for gpt-5, and OpenAI takes PDF all the same.
  expect(check('openai', 'gpt-5', { documents: true })).toBeUndefined();
  expect(check('groq', 'llama-3.1-8b-instant', { documents: true })).toMatchObject({ code: 'unsupported_capability' });
});

test('a model of which nothing is known is never refused', () => {
  const everything = {
    ...nothing,
    inputTokensEstimate: 9e9,
    tools: true,
    vision: true,
    jsonSchema: true,
    audioOut: true,
  };
  expect(checkRequest({ provider: 'mock', id: 'tiny' }, everything)).toBeUndefined();
});

test('thinking that a model cannot do is left to its wire', () => {
  expect(check('openai', 'gpt-4o', { reasoning: true })).toBeUndefined();
  expect(knows(catalog.find('openai', 'gpt-4o')!, 'reasoning')).toBe(false);
});

test('the list of capabilities that an operator gives is closed for tools and media, and silent on the rest', () => {
  const own = createCatalog({ overrides: [{ provider: 'mock', id: 'tiny', context: 8_192, capabilities: ['tools'] }] });
  const model = own.find('mock', 'tiny')!;
  expect(checkRequest(model, { ...nothing, tools: true, jsonSchema: true })).toBeUndefined();
  expect(checkRequest(model, { ...nothing, vision: true })).toMatchObject({ code: 'unsupported_capability' });
});

test('an embeddings request is never refused', () => {
  const needs = { inputTokensEstimate: 1_000_000, embeddings: true };
  expect(check('google', 'gemini-embedding-001', needs)).toBeUndefined();
  expect(check('openai', 'gpt-5-mini', needs)).toBeUndefined();
});
