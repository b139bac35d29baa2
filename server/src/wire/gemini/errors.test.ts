import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, errorTable } from '../../../../shared/src/errors.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { geminiInbound, geminiOutbound } from './index.ts';

const recorded = (name: string): string => readFileSync(join(import.meta.dir, 'recordings', `${name}.json`), 'utf8');

const read: [string, number, ErrorCode][] = [
  ['http-error-400', 400, 'upstream_rejected'],
  ['http-error-400-api-key', 400, 'upstream_credential'],
  ['http-error-400-too-long', 400, 'context_window_exceeded'],
  ['http-error-403', 403, 'upstream_credential'],
  ['http-error-404', 404, 'upstream_rejected'],
  ['http-error-429', 429, 'upstream_rate_limited'],
  ['http-error-429-daily', 429, 'quota_exhausted'],
  ['http-error-500', 500, 'upstream_overloaded'],
  ['http-error-503', 503, 'upstream_overloaded'],
];

for (const [name, status, code] of read) {
  test(`${name} is ${code}, alone and in a list`, () => {
    const body = recorded(name);
    expect(geminiOutbound.parseError(status, body).code).toBe(code);
    expect(geminiOutbound.parseError(status, `[${body}]`).code).toBe(code);
  });
}

test('the delay of RetryInfo is in milliseconds, the field of BadRequest is the param', () => {
  expect(geminiOutbound.parseError(429, recorded('http-error-429')).facts.retryAfterMs).toBe(34_070);
  expect(geminiOutbound.parseError(400, recorded('http-error-400')).facts.param).toBe('generation_config.temperature');
});

test('a shared recording of a rate limit is read', () => {
  const path = join(import.meta.dir, '../../../../../shared/fixtures/providers/google/chat/google-429-retry-info.json');
  if (!existsSync(path)) return;
  const error = geminiOutbound.parseError(429, readFileSync(path, 'utf8'));
  expect([error.code, error.facts.retryAfterMs]).toEqual(['upstream_rate_limited', 34_400]);
});

test('a body that is no JSON is still an error with its status', () => {
  const error = geminiOutbound.parseError(502, '<html>Bad Gateway</html>');
  expect([error.code, error.message]).toEqual(['upstream_overloaded', 'The provider answered with status 502.']);
  expect(geminiOutbound.parseError(404, '').status).toBe(404);
});

test('every row of the error table leaves in the shape of Google', () => {
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    const error = new SluiceError(code, 'What happened.', { retryAfterMs: 1500, param: 'contents' });
    const { row } = error;
    expect(geminiInbound.buildError(error, 'req_7')).toEqual({
      error: {
        code: row.status,
        message: 'What happened.',
        status: row.geminiStatus,
        details: expect.arrayContaining([
          { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: 'req_7' },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' },
        ]),
      },
    });
  }
});

test('an error written out is read back the same', () => {
  const error = new SluiceError('upstream_rate_limited', 'Wait.', { retryAfterMs: 2000 });
  const back = geminiOutbound.parseError(429, JSON.stringify(geminiInbound.buildError(error, 'r')));
  expect([back.code, back.message, back.facts.retryAfterMs]).toEqual(['upstream_rate_limited', 'Wait.', 2000]);
});

test('an answer that is none is refused, and an error in a 200 is the error', () => {
  const code = (body: unknown) => {
    try {
      geminiOutbound.parseAnswer(body);
      return 'accepted';
    } catch (error) {
      return error instanceof SluiceError ? error.code : 'crashed';
    }
  };
  expect([{}, null, 'text', [], { candidates: [] }, { candidates: [7] }].map(code)).toEqual(
    Array(6).fill('upstream_invalid_answer'),
  );
  expect(code(JSON.parse(recorded('http-error-503')))).toBe('upstream_overloaded');
});

test('odd events do not crash the stream parser, and broken JSON is a fault', () => {
  const parser = geminiOutbound.createStreamParser();
  const odd = [
    '{}',
    '[]',
    'null',
    '{"candidates":null}',
    '{"candidates":[null,7]}',
    '{"candidates":[{"content":{"parts":[null,{}]}}]}',
    '{"usageMetadata":7}',
    '',
    '[DONE]',
  ];
  expect(odd.flatMap((data) => parser.parse({ data })).map(({ type }) => type)).toEqual(['start']);
  const [event] = parser.parse({ data: '{"candidates":' });
  expect(event?.type === 'error' && event.error.code).toBe('upstream_invalid_answer');
  expect(parser.finish()).toEqual([]);
});
