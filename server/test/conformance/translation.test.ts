import { afterAll, expect, test } from 'bun:test';
import type { ChatAnswer } from '../../src/core/chat-answer.ts';
import type { Usage } from '../../src/core/usage.ts';
import { type Dialect, dialects } from '../../src/core/wire-name.ts';
import { parseSseEvents } from '../../src/wire/sse.ts';
import {
  jsonOf,
  type Reading,
  readStream,
  readWhole,
  recordedAnswers,
  wireEventsOf,
  writeStream,
  writeWhole,
} from './codec.ts';
import { callIdsOf, expressedIn, tellingOf } from './telling.ts';

// Every recorded answer, whole and streamed, is read by its provider's wire, written in every dialect, whole and streamed,
// and read back as if that dialect's own provider had sent it. What was told must be the same, as far as the dialect goes.

let translations = 0;
afterAll(() => {
  console.log(
    `conformance: ${recordedAnswers.length} recordings x ${dialects.length} dialects: ${translations} translations`,
  );
});

for (const recording of recordedAnswers) {
  const readings: [string, Reading][] = [];
  if (recording.body) readings.push(['whole', readWhole(recording.wire, jsonOf(recording))]);
  if (recording.events) readings.push(['streamed', readStream(recording.wire, wireEventsOf(recording))]);

  for (const dialect of dialects) {
    test(`${recording.name} tells the same in ${dialect}`, () => {
      for (const [form, reading] of readings) {
        // A whole body that holds an error is one: what it said before is not an answer.
        if (!reading.error) checkAnswer(dialect, reading, form);
        else if (form === 'streamed') checkError(dialect, reading);
      }
    });
  }
}

function checkAnswer(dialect: Dialect, { answer, events }: Reading, form: string): void {
  const endsInFailure = dialect === 'openai-responses' && answer.choices[0]?.finish?.reason === 'malformed-tool-call';
  const whole = readWhole(dialect, writeWhole(dialect, answer).body);
  const streamed = readStream(dialect, parseSseEvents(writeStream(dialect, events).text));
  for (const [way, back] of [
    [`${form} to whole`, whole],
    [`${form} to streamed`, streamed],
  ] as const) {
    translations += 1;
    if (endsInFailure) {
      expect({ way, error: back.error?.code }).not.toEqual({ way, error: undefined });
      continue;
    }
    const told = tellingOf(back.answer);
    const expected = expressedIn(dialect, tellingOf(answer));
    if (dialect === 'anthropic-messages' && way.endsWith('streamed')) mergeCacheWrites(told.usage, expected.usage);
    expect({ way, error: back.error?.message, ...told }).toEqual({ way, error: undefined, ...expected });
    checkCallIds(way, callIdsOf(answer), callIdsOf(back.answer));
  }
}

/** message_delta gives only the total of cache writes; a provider that tells their lives at the end comes too late for more. */
function mergeCacheWrites(...usages: Partial<Usage>[]): void {
  for (const usage of usages) {
    usage.cacheWrite = (usage.cacheWrite ?? 0) + (usage.cacheWrite1h ?? 0);
    usage.cacheWrite1h = 0;
  }
}

/** Ids are unique within an answer, and those that the provider gave come back. */
function checkCallIds(way: string, given: string[], back: string[]): void {
  expect({ way, ids: new Set(back).size }).toEqual({ way, ids: back.length });
  expect({ way, ids: back }).toEqual({ way, ids: given.slice(0, back.length) });
}

/** What was said before a fault in the middle arrives, then the fault in the dialect's own words, then nothing. */
function checkError(dialect: Dialect, { answer, events }: Reading): void {
  const back = readStream(dialect, parseSseEvents(writeStream(dialect, events).text));
  translations += 1;
  const said = (reading: ChatAnswer) => tellingOf(reading).choices.map(({ text, reasoning }) => ({ text, reasoning }));
  expect(back.error?.message).toBeString();
  expect(said(back.answer)).toEqual(said(answer));
  // Responses closes with response.failed, which holds the figures.
  expect(back.events.findLast(({ type }) => type !== 'usage')?.type).toBe('error');
}
