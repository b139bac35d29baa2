import { expect, test } from 'bun:test';
import type { SluiceError } from '../../core/sluice-error.ts';
import { parseError } from './errors.ts';
import { recordings } from './testing.ts';

function recorded(name: string): SluiceError {
  const { body } = recordings.find((recording) => recording.name === `http-error-${name}`)!;
  return parseError(Number(name.slice(0, 3)), JSON.stringify(body));
}

test('every recorded error body becomes the right row of the table', () => {
  const rows: [string, string, number][] = [
    ['400-context', 'context_window_exceeded', 400],
    ['400-azure-filter', 'content_blocked', 400],
    ['401', 'upstream_credential', 502],
    ['402-openrouter', 'quota_exhausted', 429],
    ['403-openrouter-moderation', 'content_blocked', 400],
    ['404', 'upstream_rejected', 404],
    ['422-mistral', 'upstream_rejected', 422],
    ['429', 'upstream_rate_limited', 429],
    ['429-quota', 'quota_exhausted', 429],
    ['500', 'upstream_overloaded', 503],
  ];
  expect(recordings.filter(({ name }) => name.startsWith('http-error')).length).toBe(rows.length);
  for (const [name, code, status] of rows) {
    const error = recorded(name);
    expect([name, error.code as string, error.status]).toEqual([name, code, status]);
  }
});

test('what the provider said and named is passed on, but nothing of a credential', () => {
  expect(recorded('400-context').facts.param).toBe('messages');
  expect(recorded('422-mistral').message).toBe('body.logit_bias: Extra inputs are not permitted');
  expect(recorded('401').message).not.toContain('sk-');
});

test('waiting times in words are read', () => {
  const waitMs = (message: string) => parseError(429, JSON.stringify({ error: { message } })).facts.retryAfterMs;
  expect(recorded('429').facts.retryAfterMs).toBe(2500);
  expect(waitMs('Please try again in 350ms.')).toBe(350);
  expect(waitMs('Please try again in 6m0s. Visit')).toBe(360_000);
  expect(waitMs('Please try again in 1h2m3.5s')).toBe(3_723_500);
  expect(waitMs('Please retry after 12 seconds.')).toBe(12_000);
  expect(waitMs('Please retry after 2 minutes.')).toBe(120_000);
  expect(waitMs('Slow down.')).toBeUndefined();
  expect(parseError(429, '{"error":{"message":"x","retry_after":4}}').facts.retryAfterMs).toBe(4000);
});

test('bodies of any form give an error and never a crash', () => {
  expect(parseError(500, '').message).toContain('500');
  expect(parseError(502, '<html>Bad gateway</html>').code).toBe('upstream_overloaded');
  expect(parseError(400, '[{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}]').message).toBe('bad');
  expect(parseError(400, '{"detail":[{"loc":["body","n"],"msg":"too big"}]}').message).toBe('body.n: too big');
  expect(parseError(400, '{"error":"plain"}').message).toBe('plain');
  expect(parseError(400, '{"error":["one","two"]}').message).toBe('one; two');
  expect(parseError(400, 'null').code).toBe('upstream_rejected');
  const raw = { error: { message: 'Provider returned error', code: 400, metadata: { raw: 'temperature too high' } } };
  expect(parseError(400, JSON.stringify(raw)).message).toBe('Provider returned error (temperature too high)');
});
