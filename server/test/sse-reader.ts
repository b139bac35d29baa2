import { tryParseJson } from '../src/core/json.ts';
import { parseSseEvents } from '../src/wire/sse.ts';
import { createSseCutter } from '../src/wire/sse-cutter.ts';
import type { WireEvent } from '../src/wire/wire.ts';

/** The body of a streamed answer, event by event. */
export interface SseReader {
  /** Everything read so far, comments included. */
  readonly text: string;
  /** The next event; undefined at the end. */
  next(): Promise<WireEvent | undefined>;
  /** The next `count` events. Fails when there are fewer. */
  take(count: number): Promise<WireEvent[]>;
  /** All that is left. */
  rest(): Promise<WireEvent[]>;
}

export function readSse(response: Response): SseReader {
  const reader = response.body!.getReader();
  const cutter = createSseCutter();
  const waiting: WireEvent[] = [];
  let text = '';
  let over = false;
  async function next(): Promise<WireEvent | undefined> {
    while (waiting.length === 0 && !over) {
      const { value, done } = await reader.read();
      over = done;
      const bytes = value ? cutter.push(value) : cutter.rest();
      if (value) text += Buffer.from(value).toString('utf8');
      if (bytes) waiting.push(...parseSseEvents(Buffer.from(bytes).toString('utf8')));
    }
    return waiting.shift();
  }
  return {
    get text() {
      return text;
    },
    next,
    async take(count) {
      const events: WireEvent[] = [];
      while (events.length < count) {
        const event = await next();
        if (!event) throw new Error(`The stream ended after ${events.length} of ${count} events: ${text}`);
        events.push(event);
      }
      return events;
    },
    async rest() {
      const events: WireEvent[] = [];
      for (let event = await next(); event; event = await next()) events.push(event);
      return events;
    },
  };
}

/** The data of an event as JSON. */
export const jsonOfEvent = (event: WireEvent | undefined): unknown => event && tryParseJson(event.data);
