import { afterAll, expect, test } from 'bun:test';
import { dialects } from '../../src/core/wire-name.ts';
import type { OpenAnswer } from '../../src/providers/fetch-answer.ts';
import type { MeterReading } from '../../src/providers/meter.ts';
import { readStream as readFrames } from '../../src/providers/read-stream.ts';
import { frameEvents } from '../replayer/frame-events.ts';
import type { Recording } from '../replayer/recording.ts';
import { jsonOf, outbound, readStream, readWhole, recordedAnswers, wireEventsOf } from './codec.ts';
import { seededRandom } from './seeded-random.ts';

// The same wire on both sides: bytes in equal bytes out, and what is billed is what a full decoding says.

const streams = recordedAnswers.filter(({ wire, events }) => events && dialects.some((dialect) => dialect === wire));
const rounds = 10;
afterAll(() => console.log(`pass-through: ${streams.length} streams x ${rounds} ways of arriving`));

for (const recording of streams) {
  const { name, wire, events } = recording;
  const decoded = readStream(wire, wireEventsOf(recording));

  test(`${name} passes byte for byte, and is charged as it would be decoded`, async () => {
    const bytes = Buffer.concat(frameEvents(wire, events!));
    const random = seededRandom(bytes.length);
    for (let round = 0; round < rounds; round++) {
      const chunks = round === 0 ? [bytes] : cut(bytes, random, round);
      const { out, reading, failure } = await pass(recording, chunks);
      if (decoded.error) {
        expect(reading.error?.code ?? failure).toBe(decoded.error.code);
        continue;
      }
      expect(failure).toBeUndefined();
      expect(out.equals(bytes)).toBe(true);
      expect(reading.complete).toBe(true);
      const last = decoded.events.findLast((event) => event.type === 'usage');
      expect(withoutCost(reading.usage)).toEqual(withoutCost(last?.type === 'usage' ? last.usage : undefined));
    }
  });

  test(`${name} ends cleanly only where a full decoding says so`, async () => {
    // Of several choices, the bytes' own meter sees the first that ends.
    if (decoded.error || decoded.answer.choices.length > 1) return;
    const framed = frameEvents(wire, events!);
    for (let kept = 1; kept < framed.length; kept++) {
      const { error } = readStream(
        wire,
        wireEventsOf({ ...recording, events: events!.slice(0, kept) }, { done: false }),
      );
      const { failure } = await pass(recording, framed.slice(0, kept));
      expect({ kept, failure }).toEqual({ kept, failure: error?.code });
    }
  });
}

for (const recording of recordedAnswers.filter(({ body }) => body)) {
  test(`${recording.name} is charged the same at a glance as decoded`, () => {
    const body = jsonOf(recording);
    const { events, error } = readWhole(recording.wire, body);
    const glance = outbound[recording.wire].glanceAnswer(body);
    expect(glance.error?.code).toBe(error?.code);
    if (error) return;
    const usage = events.findLast((event) => event.type === 'usage');
    expect(withoutZeros(glance.usage)).toEqual(withoutZeros(usage?.type === 'usage' ? usage.usage : undefined));
  });
}

async function pass(
  { wire }: Recording,
  chunks: Uint8Array[],
): Promise<{ out: Buffer; reading: MeterReading; failure?: string }> {
  const waiting = [...chunks];
  const answer: OpenAnswer = {
    all: async () => Buffer.concat(waiting.splice(0)),
    next: async () => waiting.shift(),
    close: () => {},
  };
  const out: Uint8Array[] = [];
  let reading: MeterReading | undefined;
  let failure: string | undefined;
  try {
    const frames = readFrames({
      wire: outbound[wire],
      framing: 'sse',
      sameWire: true,
      dropUsageChunk: false,
      answer,
      ended: (said) => {
        reading = said;
      },
    });
    for await (const frame of frames) out.push(frame.bytes);
  } catch (error) {
    failure = (error as { code?: string }).code ?? String(error);
  }
  return { out: Buffer.concat(out), reading: reading!, failure };
}

function cut(bytes: Buffer, random: () => number, round: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + Math.floor(random() * 100 * round);
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return parts;
}

const withoutCost = <T extends object | undefined>(usage: T) => usage && { ...usage, reportedCostUsd: undefined };
const withoutZeros = (usage: object = {}) =>
  Object.fromEntries(Object.entries(usage).filter(([, tokens]) => tokens !== 0));
