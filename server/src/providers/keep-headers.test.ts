import { expect, test } from 'bun:test';
import { createAnswerFacts } from '../core/call.ts';
import { keepHeaders } from './keep-headers.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

function kept(headers: Record<string, string>) {
  const facts = createAnswerFacts();
  keepHeaders(new Headers(headers), facts, () => now);
  return facts;
}

test("OpenAI's limits are told to Anthropic's SDK in its own names, a reset as a time", () => {
  const { passHeaders } = kept({
    'x-ratelimit-remaining-tokens': '5',
    'x-ratelimit-reset-tokens': '1m30s',
    server: 'x',
  });
  expect(passHeaders).toEqual({
    'x-ratelimit-remaining-tokens': '5',
    'anthropic-ratelimit-tokens-remaining': '5',
    'x-ratelimit-reset-tokens': '1m30s',
    'anthropic-ratelimit-tokens-reset': '2026-01-01T00:01:30.000Z',
  });
});

test("Anthropic's limits are told to OpenAI's SDK in its own names, a reset as a duration", () => {
  const { passHeaders } = kept({ 'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:12Z' });
  expect(passHeaders['x-ratelimit-reset-requests']).toBe('12s');
});

test('what an in-process bridge lost is a loss of the call, and its request id is kept', () => {
  const facts = kept({ 'x-sluice-loss': 'seed (not in the AI SDK), n (one choice only)', 'request-id': 'abc' });
  expect(facts.losses).toEqual([
    { field: 'seed', reason: 'not in the AI SDK' },
    { field: 'n', reason: 'one choice only' },
  ]);
  expect(facts.upstreamRequestId).toBe('abc');
});
