import { expect, test } from 'bun:test';
import { providerToSave } from '../../../web/src/features/admin/provider-to-save.ts';
import type { Provider } from '../../../web/src/features/admin/types.ts';

const baseUrl = 'http://10.0.0.5:8000/v1';
/** A provider as the server shows it; its `wires` are those in force, those of its settings what was said. */
const shown = (kind: string, settings: Provider['settings']): Provider => ({
  id: 'mine',
  kind,
  local: false,
  wires: ['openai-chat'],
  credentials: ['mine/key-1'],
  models: 1,
  origin: 'database',
  enabled: true,
  settings,
});
/** What goes over the wire. */
const saved = (...args: Parameters<typeof providerToSave>) => JSON.parse(JSON.stringify(providerToSave(...args)));

test('what the form has no field for is sent along as it was', () => {
  const kept = { wires: ['openai-responses'], firstByteMs: 9000, options: { quirks: { imageUrls: false } } };
  const before = shown('openai-compatible', { baseUrl, ...kept });
  expect(saved(before, 'openai-compatible', { baseUrl: ' http://10.0.0.6/v1 ', apiKey: '' })).toEqual({
    kind: 'openai-compatible',
    baseUrl: 'http://10.0.0.6/v1',
    ...kept,
  });
});

test('an address that the form does not ask for stays, and with it the key', () => {
  const options = { region: 'eu-central-1', accessKeyId: 'AKIAEXAMPLE', controlUrl: 'https://control.example' };
  const before = shown('bedrock', { baseUrl: 'https://bedrock.example', options });
  const fields = { apiKey: '', region: 'eu-west-1', accessKeyId: 'AKIAEXAMPLE', secretAccessKey: '' };
  expect(saved(before, 'bedrock', fields)).toEqual({
    kind: 'bedrock',
    baseUrl: 'https://bedrock.example',
    options: { ...options, region: 'eu-west-1' },
  });
});

test('a field that is emptied is no longer said', () => {
  const before = shown('azure-openai', { options: { resource: 'ours', apiVersion: '2024-10-21' } });
  expect(saved(before, 'azure-openai', { apiKey: '', resource: 'ours', apiVersion: ' ' })).toEqual({
    kind: 'azure-openai',
    options: { resource: 'ours' },
  });
  const local = shown('ollama', { baseUrl, options: {} });
  expect(saved(local, 'ollama', { baseUrl: '' })).toEqual({ kind: 'ollama' });
});

test('of another kind nothing is kept, and a new one has nothing to keep', () => {
  const before = shown('openai-compatible', { baseUrl, wires: ['openai-responses'], firstByteMs: 9000 });
  const wish = { kind: 'groq', apiKey: 'gsk-1' };
  expect(saved(before, 'groq', { baseUrl: '', apiKey: 'gsk-1' })).toEqual(wish);
  expect(saved(undefined, 'groq', { baseUrl: '', apiKey: 'gsk-1' })).toEqual(wish);
});
