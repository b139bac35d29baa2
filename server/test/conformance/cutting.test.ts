import { afterAll, expect, test } from 'bun:test';
import { createAwsEventStreamDecoder } from '../../src/wire/aws-event-stream.ts';
import { parseSseEvents } from '../../src/wire/sse.ts';
import { createSseCutter } from '../../src/wire/sse-cutter.ts';
import type { WireEvent } from '../../src/wire/wire.ts';
import { type Framing, frameEvents } from '../replayer/frame-events.ts';
import type { Recording } from '../replayer/recording.ts';
import { recordedAnswers } from './codec.ts';
import { seededRandom } from './seeded-random.ts';

// However the network cuts a stream, the same events come out. Small recordings are cut in two at every byte; large ones,
// and all of them in every framing, into many pieces at seeded random places.

const everyByteUpTo = 20_000;
const randomRounds = 40;

let cuts = 0;
afterAll(() =>
  console.log(`cutting: ${cuts} cuts of ${recordedAnswers.filter(({ events }) => events).length} streams`),
);

for (const recording of recordedAnswers) {
  if (!recording.events) continue;
  const { name, wire } = recording;
  test(`${name} reads the same wherever it is cut`, () => {
    const bytes = framed(recording);
    const whole = fingerprint(read(recording, [bytes]));
    if (bytes.length <= everyByteUpTo) {
      for (let at = 1; at < bytes.length; at++) check(recording, [bytes.subarray(0, at), bytes.subarray(at)], whole);
    }
    const random = seededRandom(bytes.length);
    for (let round = 0; round < randomRounds; round++) check(recording, pieces(bytes, random), whole);
  });

  if (wire === 'bedrock-converse') continue;
  test(`${name} reads the same in every form of lines, with comments and without its last blank line`, () => {
    const whole = fingerprint(read(recording, [framed(recording)]));
    const random = seededRandom(name.length);
    for (const lineEnd of ['\n', '\r\n', '\r'] as const) {
      for (const comments of [false, true]) {
        for (const lastBlankLine of [true, false]) {
          const bytes = framed(recording, { lineEnd, comments, lastBlankLine });
          check(recording, [bytes], whole);
          for (let round = 0; round < randomRounds / 10; round++) check(recording, pieces(bytes, random), whole);
        }
      }
    }
  });
}

const framed = ({ wire, events }: Recording, framing?: Framing): Buffer =>
  Buffer.concat(frameEvents(wire, events!, framing));

function check(recording: Recording, chunks: Uint8Array[], whole: string): void {
  cuts += chunks.length - 1;
  const events = fingerprint(read(recording, chunks));
  // Building the sentence for each of a million cuts would take longer than cutting.
  if (events !== whole)
    expect({ cutAt: chunks.map(({ length }) => length), events }).toEqual({ cutAt: [], events: whole });
  else expect(events).toBe(whole);
}

/** Like the gateway reads: whole events as they are complete, and what is left at the end. */
function read({ wire }: Recording, chunks: Uint8Array[]): WireEvent[] {
  if (wire === 'bedrock-converse') {
    const decoder = createAwsEventStreamDecoder();
    return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.rest()];
  }
  const cutter = createSseCutter();
  const events: WireEvent[] = [];
  for (const bytes of [...chunks.map((chunk) => cutter.push(chunk)), cutter.rest()]) {
    if (bytes) events.push(...parseSseEvents(Buffer.from(bytes).toString('utf8')));
  }
  return events;
}

const fingerprint = (events: WireEvent[]): string =>
  events.map(({ event, data }) => `${event ?? ''}\u0000${data}`).join('\u0001');

function pieces(bytes: Buffer, random: () => number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    // Mostly small pieces, now and then a large one.
    const length = 1 + Math.floor(random() ** 3 * 2000);
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return parts;
}
