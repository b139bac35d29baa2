import { expect, test } from 'bun:test';
import { ownRecordings } from '../replayer/recording.ts';
import { jsonOf, readStream, readWhole, wireEventsOf } from './codec.ts';
import { callIdsOf, tellingOf } from './telling.ts';

for (const recording of ownRecordings()) {
  if (!recording.body || !recording.events) continue;
  test(`${recording.name} is one answer, whole or streamed`, () => {
    const whole = readWhole(recording.wire, jsonOf(recording));
    const streamed = readStream(recording.wire, wireEventsOf(recording));
    expect(streamed.error?.code).toBe(whole.error?.code);
    if (whole.error) return;
    expect(tellingOf(streamed.answer)).toEqual(tellingOf(whole.answer));
    expect(callIdsOf(streamed.answer)).toEqual(callIdsOf(whole.answer));
    expect(streamed.answer.choices.map(({ parts }) => parts.map(({ type }) => type))).toEqual(
      whole.answer.choices.map(({ parts }) => parts.map(({ type }) => type)),
    );
  });
}
