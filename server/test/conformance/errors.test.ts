import { expect, test } from 'bun:test';
import { dialects } from '../../src/core/wire-name.ts';
import { errorStatus } from '../../src/http/error-response.ts';
import { parseSseEvents } from '../../src/wire/sse.ts';
import { inbound, outbound, readStream, recordedErrors } from './codec.ts';

// A provider's error is read by its wire, written in every dialect, and read back by that dialect's own wire.

for (const { recording, status } of recordedErrors) {
  const error = outbound[recording.wire].parseError(status, Buffer.from(recording.body!).toString('utf8'));

  test(`${recording.name} never blames the caller's own key, and stays the caller's fault where it is`, () => {
    expect(error.status).not.toBe(401);
    expect(error.status).not.toBe(403);
    if (error.code === 'upstream_rejected') expect(error.status).toBeWithin(400, 500);
    expect(error.message).toMatch(/\w{5}/);
  });

  for (const dialect of dialects) {
    test(`${recording.name} is the same error in ${dialect}, as a body and as an event`, () => {
      const sent = errorStatus(dialect, error);
      const body = JSON.stringify(inbound[dialect].buildError(error, 'req_1'));
      const back = outbound[dialect].parseError(sent, body);
      // A second gateway behind ours reads our own refusals as its provider's.
      // Anthropic and Gemini have no word for a blocked request but its status.
      const limits = ['upstream_rate_limited', 'quota_exhausted'];
      if (limits.includes(error.code)) expect(limits).toContain(back.code);
      else if (error.code === 'upstream_credential') expect(back.code).toBe('upstream_overloaded');
      else if (error.code === 'content_blocked') expect(back.code).toBe('upstream_rejected');
      else if (error.code !== 'upstream_rejected') expect(back.code).toBe(error.code);
      expect(back.message).toBe(error.message);
      const events = readStream(dialect, parseSseEvents(inbound[dialect].buildStreamError(error, 'req_1')));
      expect(events.error?.message).toBe(error.message);
      expect(events.events).toHaveLength(1);
    });
  }
}
