import type { ChatEvent } from '../core/chat-event.ts';
import type { SluiceError } from '../core/sluice-error.ts';
import { noUsage, type Usage } from '../core/usage.ts';
import { parseSseEvents } from '../wire/sse.ts';
import type { Glance, OutboundWire, WireEvent } from '../wire/wire.ts';

/** What is known of an answer when it ended, one way or another. */
export interface MeterReading {
  usage: Usage | undefined;
  finish?: string;
  model?: string;
  error?: SluiceError;
  /** The stream's own end (or at least a finish reason) was seen. */
  complete: boolean;
}

const heldBytes = 64 * 1024;
const tailFrames = 4;
const charactersPerToken = 4;
const utf8 = new TextDecoder();

/**
 * Reads usage on the side of a stream whose bytes pass untouched. Nothing is decoded while frames flow: the first 64 KiB
 * and the last frames are kept by reference, and looked at once, at the end. The figures stand at a stream's head
 * (Anthropic's message_start) and tail (everybody else); the head also serves as the sample for an estimate when the
 * caller hung up before the provider gave any.
 */
export function createByteMeter(wire: OutboundWire) {
  // Gemini has no end marker, and some servers of the Chat wire leave theirs out; the other wires end by their own event.
  const endsByFinish = wire.name === 'openai-chat' || wire.name === 'gemini';
  const head: Uint8Array[] = [];
  let headBytes = 0;
  let totalBytes = 0;
  const tail: (Uint8Array | undefined)[] = new Array(tailFrames);
  let tailAt = 0;

  return {
    see(bytes: Uint8Array): void {
      totalBytes += bytes.length;
      if (headBytes < heldBytes) {
        head.push(bytes);
        headBytes += bytes.length;
      } else {
        tail[tailAt] = bytes;
        tailAt = (tailAt + 1) % tailFrames;
      }
    },
    /** The provider's own figures. */
    read(): MeterReading {
      const reading: MeterReading = { usage: undefined, complete: false };
      const usage: Partial<Usage> = {};
      const look = (glance: Glance) => {
        if (glance.usage) Object.assign(usage, glance.usage);
        if (glance.finish !== undefined) reading.finish = glance.finish;
        if (glance.model !== undefined) reading.model = glance.model;
        if (glance.error) reading.error = glance.error;
        if (glance.end || (endsByFinish && glance.finish !== undefined)) reading.complete = true;
      };
      for (const bytes of this.kept()) for (const event of parseSseEvents(utf8.decode(bytes))) look(wire.glance(event));
      if (Object.keys(usage).length > 0) reading.usage = { ...noUsage, ...usage };
      return reading;
    },
    /** The first two frames and the last ones. */
    kept(): Uint8Array[] {
      const late: Uint8Array[] = [];
      for (let step = 0; step < tailFrames; step++) {
        const bytes = tail[(tailAt + step) % tailFrames];
        if (bytes) late.push(bytes);
      }
      if (head.length <= 2 + tailFrames) return [...head, ...late];
      return [...head.slice(0, 2), ...head.slice(head.length - (tailFrames - late.length)), ...late];
    },
    /** Output tokens by what was seen, from the sample's share of text in its bytes. */
    estimateOutput(): number {
      const parser = wire.createStreamParser();
      let characters = 0;
      for (const bytes of head) {
        for (const event of parseSseEvents(utf8.decode(bytes)))
          characters += countCharacters(parseLeniently(parser, event));
      }
      const share = headBytes === 0 ? 0 : totalBytes / headBytes;
      return Math.ceil((characters * share) / charactersPerToken);
    },
  };
}

function parseLeniently(parser: { parse(event: WireEvent): ChatEvent[] }, event: WireEvent): ChatEvent[] {
  try {
    return parser.parse(event);
  } catch {
    return [];
  }
}

function countCharacters(events: ChatEvent[]): number {
  let characters = 0;
  for (const event of events) {
    if (event.type === 'text-delta' || event.type === 'reasoning-delta' || event.type === 'refusal-delta')
      characters += event.text.length;
    else if (event.type === 'tool-call-delta') characters += event.arguments.length;
    else if (event.type === 'tool-call-start') characters += event.name.length;
  }
  return characters;
}

/** The same reading from events, for answers that are decoded anyway. */
export function createEventMeter() {
  const reading: MeterReading = { usage: undefined, complete: false };
  let characters = 0;
  return {
    see(events: ChatEvent[]): void {
      characters += countCharacters(events);
      for (const event of events) {
        if (event.type === 'usage') reading.usage = event.usage;
        else if (event.type === 'start' && event.model !== undefined) reading.model = event.model;
        else if (event.type === 'error') reading.error = event.error;
        else if (event.type === 'finish') {
          reading.finish = event.native ?? event.reason;
          reading.complete = true;
        }
      }
    },
    read: (): MeterReading => reading,
    estimateOutput: (): number => Math.ceil(characters / charactersPerToken),
  };
}
