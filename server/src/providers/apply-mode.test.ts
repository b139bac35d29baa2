import { expect, test } from 'bun:test';
import { chatCall } from '../../test/support/calls.ts';
import type { Mode } from '../core/mode.ts';
import type { ModelInfo } from '../core/model-info.ts';
import { applyMode } from './apply-mode.ts';

const thinks: ModelInfo = { provider: 'p', id: 'm', capabilities: ['reasoning'] };
const plain: ModelInfo = { provider: 'p', id: 'm', capabilities: ['tools'] };
const call = (mode: Mode | undefined, body: Record<string, unknown> = {}) => ({ ...chatCall(body), mode });

test.each([
  ['flash', 'openai-chat', { effort: 'low' }],
  ['flash', 'anthropic-messages', { enabled: false }],
  ['think', 'openai-chat', { effort: 'medium' }],
  ['ultra-think', 'gemini', { effort: 'high' }],
] as const)('%s asks a model that thinks, by %s, for %o', (mode, wire, reasoning) => {
  const moded = applyMode(call(mode), thinks, wire);
  expect(moded.request.reasoning).toEqual(reasoning);
  expect(moded.raw).toBeUndefined();
});

test('a model that does not think is asked to plan, behind the caller’s instructions', () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'hi' },
  ];
  const { request } = applyMode(call('think', { messages }), plain, 'openai-chat');
  expect(request.messages.map(({ role }) => role)).toEqual(['system', 'system', 'user']);
  expect(request.messages[1]!.parts).toMatchObject([{ type: 'text', text: expect.stringContaining('plan') }]);
});

test.each([
  ['no mode', undefined, {}, thinks],
  ['flash at a model that does not think', 'flash', {}, plain],
  ['a caller who says how much to think', 'ultra-think', { reasoning_effort: 'low' }, thinks],
  ['an answer with a form', 'think', { response_format: { type: 'json_object' } }, plain],
  ['a short answer', 'think', { max_tokens: 20 }, plain],
  ['tools', 'think', { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] }, plain],
] as const)('%s leaves the call as it is', (_, mode, body, info) => {
  const asked = call(mode, body);
  expect(applyMode(asked, info, 'openai-chat')).toBe(asked);
});
