import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../../../shared/src/errors.ts';
import { parseError } from './parse-error.ts';

const recording = (name: string) => readFileSync(join(import.meta.dir, 'recordings', `${name}.json`), 'utf8');

const cases: [status: number, body: string, code: ErrorCode, seen: number][] = [
  [429, recording('http-429'), 'upstream_rate_limited', 429],
  [400, recording('http-400-validation'), 'upstream_rejected', 400],
  [400, recording('http-400-too-long'), 'context_window_exceeded', 400],
  [403, recording('http-403'), 'upstream_credential', 502],
  [424, recording('http-424'), 'upstream_rejected', 400],
  [424, '{"message":"the model broke"}', 'upstream_overloaded', 503],
  [503, recording('http-503'), 'upstream_overloaded', 503],
  [500, '{"message":"oops"}', 'upstream_overloaded', 503],
  [404, '{"message":"no such model"}', 'upstream_rejected', 404],
  [408, '{"message":"too slow"}', 'upstream_timeout', 504],
  [400, '{"__type":"ThrottlingException","message":"slow"}', 'upstream_rate_limited', 429],
  [400, '{"__type":"ServiceQuotaExceededException:http://x","message":"quota"}', 'quota_exhausted', 429],
  [502, '<html>Bad gateway</html>', 'upstream_overloaded', 503],
];

for (const [status, body, code, seen] of cases) {
  test(`${status} ${body.replace(/\s+/g, ' ').slice(0, 70)} is ${code}`, () => {
    const error = parseError(status, body);
    expect(error.code).toBe(code);
    expect(error.status).toBe(seen);
  });
}

test('the words of Bedrock are passed on, except those about the credential', () => {
  expect(parseError(503, recording('http-503')).message).toBe('Bedrock is unable to process your request.');
  expect(parseError(403, recording('http-403')).message).not.toContain('token');
});
