import type { JsonObject } from '../../core/json.ts';
import { sseEvent } from '../sse.ts';

/** Collects framed events and numbers them. */
export interface EventWriter {
  /** `fields` is the JSON of the event's own fields without braces: cheap enough for every delta. */
  writeRaw(type: string, fields: string): void;
  write(type: string, fields: JsonObject): void;
  /** The mark after which nothing comes. */
  done(): void;
  /** Everything since the last call. */
  take(): string;
}

export const endMark = sseEvent('[DONE]');

export function createEventWriter(): EventWriter {
  let sequence = 0;
  let written = '';
  return {
    writeRaw(type, fields) {
      written += `event: ${type}\ndata: {"type":"${type}","sequence_number":${sequence++},${fields}}\n\n`;
    },
    write(type, fields) {
      written += sseEvent(JSON.stringify({ type, sequence_number: sequence++, ...fields }), type);
    },
    done() {
      written += endMark;
    },
    take() {
      const taken = written;
      written = '';
      return taken;
    },
  };
}
