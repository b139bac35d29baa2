import { expect, test } from 'bun:test';
import { type ErrorCode, errorTable } from '../../../shared/src/errors.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { dialects } from '../core/wire-name.ts';
import { anthropicMessagesInbound } from '../wire/anthropic-messages/index.ts';
import { geminiInbound } from '../wire/gemini/index.ts';
import { openaiChatInbound } from '../wire/openai-chat/index.ts';
import { openaiResponsesInbound } from '../wire/openai-responses/index.ts';
import { errorHeaders, errorResponse, errorStatus, problemResponse } from './error-response.ts';

const wires = {
  'openai-chat': openaiChatInbound,
  'openai-responses': openaiResponsesInbound,
  'anthropic-messages': anthropicMessagesInbound,
  gemini: geminiInbound,
};
const codes = Object.keys(errorTable) as ErrorCode[];

test.each(dialects)('every row of the table leaves %s with the right status, form and headers', async (dialect) => {
  for (const code of codes) {
    const row: (typeof errorTable)[ErrorCode] & { anthropicStatus?: number } = errorTable[code];
    const response = errorResponse(wires[dialect], new SluiceError(code, 'what happened'), 'req_1', {
      'x-sluice-request-id': 'req_1',
    });
    expect(response.status).toBe(dialect === 'anthropic-messages' ? (row.anthropicStatus ?? row.status) : row.status);
    expect(response.headers.get('x-should-retry')).toBe(String(row.retry));
    expect(response.headers.get('x-sluice-request-id')).toBe('req_1');
    expect(response.headers.get('content-type')).toStartWith('application/json');
    const body = (await response.json()) as {
      type?: string;
      error: { message: string; type?: string; status?: string; code?: unknown };
    };
    expect(body.error.message).toBe('what happened');
    if (dialect === 'anthropic-messages') expect([body.type, body.error.type]).toEqual(['error', row.anthropicType]);
    else if (dialect === 'gemini') expect([body.error.status, body.error.code]).toEqual([row.geminiStatus, row.status]);
    else expect([body.error.type, body.error.code]).toEqual([row.openaiType, code]);
  }
});

test("no dialect blames the caller's key for a credential that the provider refused", () => {
  for (const dialect of dialects) expect(errorStatus(dialect, new SluiceError('upstream_credential', ''))).toBe(502);
});

test("a provider's own status of a rejected request is kept in every dialect", () => {
  for (const dialect of dialects)
    expect(errorStatus(dialect, new SluiceError('upstream_rejected', '', { status: 422 }))).toBe(422);
});

test('how long to wait is told in whole seconds, one at least, and not at all when nobody knows', () => {
  const after = (retryAfterMs?: number) =>
    errorHeaders(new SluiceError('rate_limited', '', { retryAfterMs }))['retry-after'];
  expect([after(0), after(1), after(1000), after(1001), after(59_999.5)]).toEqual(['1', '1', '1', '2', '60']);
  expect([after(), after(Number.POSITIVE_INFINITY), after(Number.NaN)]).toEqual([undefined, undefined, undefined]);
});

test('the platform answers with problem details', async () => {
  const response = problemResponse(new SluiceError('invalid_request', 'name is missing', { param: 'name' }), 'req_2');
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('x-sluice-request-id')).toBe('req_2');
  expect(await response.json()).toEqual({
    type: '/docs/errors#invalid_request',
    title: 'invalid request',
    status: 400,
    detail: 'name is missing',
    code: 'invalid_request',
    requestId: 'req_2',
    param: 'name',
  });
});
