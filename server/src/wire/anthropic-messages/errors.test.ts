import { expect, test } from 'bun:test';
import { SluiceError } from '../../core/sluice-error.ts';
import { buildError, buildStreamError, parseError } from './errors.ts';
import { buildStopReason, readStopReason } from './finish-reasons.ts';
import { glance, glanceAnswer } from './glance.ts';
import { answers, recordedEvents, recordedJson } from './test-support.ts';

const fault = (status: number, name: string) => parseError(status, JSON.stringify(recordedJson(`http-error-${name}`)));

test('every recorded error body becomes the right row, credentials never shown', () => {
  const rows = [400, 401, 403, 404, 413, 429, 500, 529].map((status) => {
    const { code, status: shown } = fault(status, String(status));
    return [status, code, shown];
  });
  expect(rows).toEqual([
    [400, 'upstream_rejected', 400],
    [401, 'upstream_credential', 502],
    [403, 'upstream_credential', 502],
    [404, 'upstream_rejected', 404],
    [413, 'upstream_rejected', 413],
    [429, 'upstream_rate_limited', 429],
    [500, 'upstream_overloaded', 503],
    [529, 'upstream_overloaded', 503],
  ]);
  expect(fault(401, '401').message).not.toContain('x-api-key');
  expect(fault(400, '400-prompt-too-long').code).toBe('context_window_exceeded');
  expect(fault(400, '400-no-credit').code).toBe('quota_exhausted');
});

test('bodies that are no JSON or of another shape still give an error', () => {
  expect(parseError(502, '<html>Bad gateway</html>')).toMatchObject({ code: 'upstream_overloaded' });
  expect(parseError(422, '{"error":"odd"}')).toMatchObject({ code: 'upstream_rejected', message: 'odd' });
  expect(parseError(400, '[]').message).toBe('The provider answered with status 400.');
});

test('our errors have the native shape, and 529 keeps its type', () => {
  expect(buildError(new SluiceError('invalid_request', 'No.'), 'req_1')).toEqual({
    type: 'error',
    error: { type: 'invalid_request_error', message: 'No.' },
    request_id: 'req_1',
  });
  expect(buildError(fault(404, '404'), 'req_1')).toMatchObject({ error: { type: 'not_found_error' } });
  expect(buildStreamError(fault(529, '529'), 'req_1')).toBe(
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}\n\n',
  );
});

test('a refused message thread keeps the code by which the SDK recovers', () => {
  const body = {
    type: 'error',
    error: { type: 'not_found_error', message: 'Gone.', details: { error_code: 'thread_not_found' } },
  };
  const lost = buildError(parseError(404, JSON.stringify(body)), 'req_1');
  expect(lost).toEqual({ ...body, request_id: 'req_1' });
  const other = { ...body, error: { ...body.error, details: { error_code: 'model_not_found' } } };
  expect(buildError(parseError(404, JSON.stringify(other)), 'req_1').error).not.toHaveProperty('details');
});

test('stop reasons are one total table each way, and a word we do not know is other', () => {
  const words = [
    'end_turn',
    'stop_sequence',
    'max_tokens',
    'tool_use',
    'pause_turn',
    'refusal',
    'model_context_window_exceeded',
  ];
  expect(words.map((word) => buildStopReason(readStopReason(word)))).toEqual(words);
  expect([readStopReason('toString'), readStopReason(undefined)]).toEqual(['other', 'other']);
  expect(buildStopReason('pause', 'compaction')).toBe('compaction');
  expect(buildStopReason('content-filter', 'content_filter')).toBe('refusal');
});

for (const name of answers) {
  test(`glances at the stream of ${name} add up to the glance at its JSON`, () => {
    const usage = {};
    let finish: string | undefined;
    let ended = false;
    for (const event of recordedEvents(name)) {
      const seen = glance(event);
      Object.assign(usage, seen.usage);
      finish = seen.finish ?? finish;
      ended ||= seen.end === true;
    }
    const whole = glanceAnswer(recordedJson(name));
    expect(usage).toEqual(whole.usage!);
    expect([finish, ended]).toEqual([whole.finish!, true]);
    expect(glance(recordedEvents(name)[0]!).model).toBe(whole.model!);
  });
}

test('a total of cache writes in message_delta does not count the hour-long ones twice', () => {
  const data =
    '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"cache_creation_input_tokens":1500}}';
  expect(glance({ data }).usage).toEqual({});
});

test('glances see errors and skip content', () => {
  expect(glance(recordedEvents('mid-stream-error').at(-1)!).error?.code).toBe('upstream_overloaded');
  expect(glanceAnswer(recordedJson('mid-stream-error')).error?.code).toBe('upstream_overloaded');
  expect(glance({ data: '{"type":"content_block_delta" not even JSON' })).toEqual({});
  expect(glance({ data: 'not JSON' })).toEqual({});
});
