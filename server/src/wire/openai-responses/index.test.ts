import { expect, test } from 'bun:test';
import { SluiceError } from '../../core/sluice-error.ts';
import { openaiResponsesInbound, openaiResponsesOutbound } from './index.ts';
import { errorBody } from './test-support.ts';

test.each([
  [400, 'http-error-400', 'upstream_rejected'],
  [400, 'http-error-400-context', 'context_window_exceeded'],
  [401, 'http-error-401', 'upstream_credential'],
  [429, 'http-error-429', 'upstream_rate_limited'],
  [429, 'http-error-429-quota', 'quota_exhausted'],
  [500, 'http-error-500', 'upstream_overloaded'],
] as const)('a %d of the provider (%s) is our %s', (status, name, code) => {
  expect(openaiResponsesOutbound.parseError(status, errorBody(name)).code).toBe(code);
});

test('an error body that is no JSON is still an error', () => {
  expect(openaiResponsesOutbound.parseError(502, '<html>').code).toBe('upstream_overloaded');
});

test('an error leaves in OpenAI’s form', () => {
  const error = new SluiceError('invalid_request', 'No.', { param: 'input[0].role' });
  expect(openaiResponsesInbound.buildError(error, 'req_1')).toEqual({
    error: {
      message: 'No.',
      type: 'invalid_request_error',
      param: 'input[0].role',
      code: 'invalid_request',
      request_id: 'req_1',
    },
  });
});
