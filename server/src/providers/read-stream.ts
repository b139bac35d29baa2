import type { ChatEvent } from '../core/chat-event.ts';
import type { Frame } from '../core/frame.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { WireName } from '../core/wire-name.ts';
import { createAwsEventStreamDecoder } from '../wire/aws-event-stream.ts';
import { parseSseEvents } from '../wire/sse.ts';
import { createSseCutter } from '../wire/sse-cutter.ts';
import type { OutboundWire, StreamParser, WireEvent } from '../wire/wire.ts';
import { maxBodyBytes, type OpenAnswer } from './fetch-answer.ts';
import { createByteMeter, createEventMeter, type MeterReading } from './meter.ts';
import type { Framing } from './provider.ts';

export interface StreamReading {
  wire: OutboundWire;
  framing: Framing;
  /** The caller speaks the same wire: bytes pass untouched. Otherwise every event is decoded as it arrives. */
  sameWire: boolean;
  /** Take the usage chunk that the caller did not ask for out of the bytes. */
  dropUsageChunk: boolean;
  answer: OpenAnswer;
  /** What the provider said in all, once, when the stream ended or was given up. `estimateOutput` counts what was seen. */
  ended(reading: MeterReading, estimateOutput: () => number): void;
}

const nothing = new Uint8Array(0);
const utf8 = new TextDecoder();

/**
 * A provider's stream as frames of whole events. Ends normally only when the provider's own end was seen; a cut stream or an
 * error event is thrown after everything before it was yielded. Leaving the loop early cancels the body.
 */
export const readStream = (reading: StreamReading): AsyncGenerator<Frame, void, undefined> =>
  reading.sameWire && reading.framing === 'sse' ? passBytes(reading) : decodeEvents(reading);

async function* passBytes(reading: StreamReading): AsyncGenerator<Frame, void, undefined> {
  const { wire, answer, dropUsageChunk } = reading;
  const cutter = createSseCutter();
  const meter = createByteMeter(wire);
  const parser = wire.createStreamParser();
  const decode = (bytes: Uint8Array) => parseAll(parser, parseSseEvents(utf8.decode(bytes)));
  let begun = false;
  let total = 0;
  let read: MeterReading | undefined;
  try {
    for (let chunk = await answer.next(); chunk; chunk = await answer.next()) {
      total = withinLimit(total + chunk.length);
      const bytes = cutter.push(chunk);
      if (!bytes) continue;
      if (!begun) {
        const first = parseSseEvents(utf8.decode(bytes));
        if (first.length === 0) continue; // comments before the first event: the caller gets our own
        refuseErrors(wire, first);
        begun = true;
      }
      const bad = findMalformed(bytes);
      const good = bad === -1 ? bytes : bytes.subarray(0, bad);
      if (good.length > 0) {
        meter.see(good);
        yield new BytesFrame(wire.name, dropUsageChunk ? withoutUsageChunk(good) : good, good, decode);
      }
      if (bad !== -1) throw new SluiceError('upstream_invalid_answer', 'The provider sent an event that is not JSON.');
    }
    const rest = cutter.rest();
    if (rest) {
      // A last event without its blank line: complete it, so that what we write is whole.
      const bytes = withBlankLine(rest);
      if (!begun) refuseErrors(wire, parseSseEvents(utf8.decode(bytes)));
      begun = true;
      meter.see(bytes);
      if (isWholeEvent(wire, rest))
        yield new BytesFrame(wire.name, dropUsageChunk ? withoutUsageChunk(bytes) : bytes, bytes, decode);
    }
    if (!begun) throw emptyStream();
    read = meter.read();
    if (!read.complete && !read.error) throw cutStream();
  } finally {
    answer.close();
    reading.ended(read ?? meter.read(), () => meter.estimateOutput());
  }
}

async function* decodeEvents(reading: StreamReading): AsyncGenerator<Frame, void, undefined> {
  const { wire, answer, framing } = reading;
  const meter = createEventMeter();
  const parser = wire.createStreamParser();
  const unframe = framing === 'sse' ? sseUnframer() : createAwsEventStreamDecoder();
  let begun = false;
  let total = 0;
  try {
    for (let chunk = await answer.next(); chunk; chunk = await answer.next()) {
      total = withinLimit(total + chunk.length);
      const frame = take(parseAll(parser, unframe.push(chunk)));
      if (frame) yield frame;
      if (frame?.failure) throw frame.failure;
    }
    const last = take([...parseAll(parser, unframe.rest()), ...parser.finish()]);
    if (last) yield last;
    if (last?.failure) throw last.failure;
    if (!begun) throw emptyStream();
  } finally {
    answer.close();
    reading.ended(meter.read(), () => meter.estimateOutput());
  }

  function take(events: ChatEvent[]): EventsFrame | undefined {
    if (events.length === 0) return undefined;
    meter.see(events);
    const failed = events.findIndex((event) => event.type === 'error');
    const failure = failed === -1 ? undefined : (events[failed] as Extract<ChatEvent, { type: 'error' }>).error;
    // An error before anything was said may still be answered by another target.
    if (failure && !begun) throw failure;
    begun = true;
    return new EventsFrame(wire.name, failed === -1 ? events : events.slice(0, failed), failure);
  }
}

function withinLimit(total: number): number {
  if (total <= maxBodyBytes) return total;
  throw new SluiceError('upstream_invalid_answer', `The provider's stream is longer than ${maxBodyBytes} bytes.`);
}

function sseUnframer() {
  const cutter = createSseCutter();
  return {
    push(chunk: Uint8Array): WireEvent[] {
      const bytes = cutter.push(chunk);
      return bytes ? parseSseEvents(utf8.decode(bytes)) : [];
    },
    rest(): WireEvent[] {
      const bytes = cutter.rest();
      return bytes ? parseSseEvents(utf8.decode(bytes)) : [];
    },
  };
}

function parseAll(parser: StreamParser, events: WireEvent[]): ChatEvent[] {
  const only = events.length === 1 ? events[0] : undefined;
  if (only) return parser.parse(only);
  return events.flatMap((event) => parser.parse(event));
}

function refuseErrors(wire: OutboundWire, events: WireEvent[]): void {
  for (const event of events) {
    const { error } = wire.glance(event);
    if (error) throw error;
  }
}

const lineFeed = 10;
const carriageReturn = 13;
const closingBrace = 125;
const closingBracket = 93;
const openingBracket = 91;
const colon = 58;

/**
 * Where the first event begins whose data cannot be JSON (its last line ends neither in `}` nor in `]`), or -1. Looks at one
 * byte an event, so that what passes untouched is still not passed when it is broken.
 */
function findMalformed(bytes: Uint8Array): number {
  let begin = 0;
  for (let end = blankLine(bytes, 0); end !== -1; end = blankLine(bytes, begin)) {
    const last = bytes[end - 1] === carriageReturn ? end - 2 : end - 1;
    if (bytes[last] !== closingBrace && bytes[last] !== closingBracket && last > begin) {
      const line = bytes.lastIndexOf(lineFeed, last) + 1;
      // Comments, and lines of other fields, may end as they like.
      if (bytes[line] !== colon && utf8.decode(bytes.subarray(line, line + 5)) === 'data:') return begin;
    }
    begin = end + 2;
  }
  return -1;
}

/** The index of two line feeds, or -1. By single bytes: a Buffer around every frame, for its search of several, costs more. */
function blankLine(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(lineFeed, from);
  while (at !== -1 && bytes[at + 1] !== lineFeed) at = bytes.indexOf(lineFeed, at + 1);
  return at;
}

/** A cut event is not JSON; a complete one that only lacks its blank line is. */
function isWholeEvent(wire: OutboundWire, bytes: Uint8Array): boolean {
  return parseSseEvents(utf8.decode(bytes)).every((event) => {
    if (event.data === '[DONE]') return true;
    try {
      JSON.parse(event.data);
      return true;
    } catch {
      return wire.glance(event).end === true;
    }
  });
}

function withBlankLine(bytes: Uint8Array): Uint8Array {
  const ended = bytes.at(-1) === 10 || bytes.at(-1) === 13;
  return Buffer.concat([bytes, Buffer.from(ended ? '\n' : '\n\n')]);
}

/** OpenAI's usage chunk is the event whose `choices` are empty. Found by bytes first: frames without it are not decoded. */
function withoutUsageChunk(bytes: Uint8Array): Uint8Array {
  // Most frames hold no `[]` at all.
  if (!hasEmptyList(bytes)) return bytes;
  const text = utf8.decode(bytes);
  if (!/"choices":\s?\[\]/.test(text)) return bytes;
  const kept = text
    .split(/(?<=\n\n|\r\n\r\n|\r\r)/)
    .filter(
      (event) =>
        !/"choices":\s?\[\]/.test(event) || !/"usage":\s?\{/.test(event) || /prompt_filter_results/.test(event),
    );
  return kept.length === 0 ? nothing : Buffer.from(kept.join(''));
}

function hasEmptyList(bytes: Uint8Array): boolean {
  let at = bytes.indexOf(openingBracket);
  while (at !== -1 && bytes[at + 1] !== closingBracket) at = bytes.indexOf(openingBracket, at + 1);
  return at !== -1;
}

const cutStream = () => new SluiceError('upstream_invalid_answer', 'The provider cut the stream off before its end.');
const emptyStream = () =>
  new SluiceError('upstream_invalid_answer', 'The provider ended the stream without sending anything.');

class BytesFrame implements Frame {
  #events: ChatEvent[] | undefined;

  constructor(
    readonly wire: WireName,
    readonly bytes: Uint8Array,
    private readonly raw: Uint8Array,
    private readonly decode: (bytes: Uint8Array) => ChatEvent[],
  ) {}

  events(): ChatEvent[] {
    this.#events ??= this.decode(this.raw);
    return this.#events;
  }
}

class EventsFrame implements Frame {
  readonly bytes = nothing;

  constructor(
    readonly wire: WireName,
    private readonly all: ChatEvent[],
    /** The error that ended the stream right after these events. */
    readonly failure?: SluiceError,
  ) {}

  events(): ChatEvent[] {
    return this.all;
  }
}
