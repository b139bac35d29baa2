import type { AnswerText, ReadableFrame } from '../../core/answer-text.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { Frame } from '../../core/frame.ts';
import { isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { Dialect } from '../../core/wire-name.ts';
import { parseSseEvents, sseEvent } from '../sse.ts';
import { anthropicTexts } from './anthropic-messages.ts';
import { geminiTexts } from './gemini.ts';
import { openaiChatTexts } from './openai-chat.ts';
import { openaiResponsesTexts } from './openai-responses.ts';
import { readEvents, withTexts } from './read-events.ts';
import type { Found, Slot } from './slot.ts';

const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/**
 * The texts of a frame. One that goes to the caller as it came (`dialect` is its wire) is read in its own bytes, so that what is
 * not replaced stays byte for byte; any other is read in its events.
 */
export function readAnswerFrame(frame: Frame, dialect: Dialect, streamed: boolean): ReadableFrame {
  if (frame.wire !== dialect) return readEvents(frame);
  if (frame.bytes.length === 0) return { frame, texts: [], ended: [], begun: [], replace: () => frame };
  return streamed ? readStreamed(frame, dialect) : readWhole(frame, dialect);
}

function textsOf(wire: Dialect, value: JsonObject, streamed: boolean): Found {
  switch (wire) {
    case 'openai-chat':
      return openaiChatTexts(value);
    case 'anthropic-messages':
      return anthropicTexts(value);
    case 'gemini':
      return geminiTexts(value, streamed);
    case 'openai-responses':
      return openaiResponsesTexts(value);
  }
}

interface NativeEvent {
  raw: string;
  name?: string;
  value?: JsonObject;
  slots: Slot[];
}

function readStreamed(frame: Frame, wire: Dialect): ReadableFrame {
  const events: NativeEvent[] = [];
  const texts: Slot[] = [];
  const ended: number[] = [];
  const begun: ReadableFrame['begun'][number][] = [];
  let over = false;
  for (const raw of utf8.decode(frame.bytes).split(/(?<=\n\n|\r\n\r\n|\r\r)/)) {
    const [event] = parseSseEvents(raw);
    if (event?.data === '[DONE]') over = true;
    const value = event && tryParseJson(event.data);
    if (!isObject(value)) {
      events.push({ raw, slots: [] });
      continue;
    }
    const found = textsOf(wire, value, true);
    texts.push(...found.slots);
    if (found.ended !== 'all') ended.push(...found.ended);
    begun.push(...found.begun);
    events.push({ raw, name: event?.event, value, slots: found.slots });
  }
  return {
    frame,
    texts,
    ended: over ? 'all' : ended,
    begun,
    replace(changed) {
      const told = texts.map(({ set: _, ...text }) => text);
      let at = 0;
      let stream = '';
      for (const { raw, name, value, slots } of events) {
        let touched = false;
        for (const slot of slots) {
          const text = changed[at++];
          if (text === undefined) continue;
          slot.set(text);
          touched = true;
        }
        stream += touched ? sseEvent(JSON.stringify(value), name) : raw;
      }
      return changedFrame(frame, encoder.encode(stream), told, changed);
    },
  };
}

function readWhole(frame: Frame, wire: Dialect): ReadableFrame {
  const value = tryParseJson(utf8.decode(frame.bytes));
  const { slots } = isObject(value) ? textsOf(wire, value, false) : { slots: [] };
  return {
    frame,
    texts: slots,
    ended: 'all',
    begun: [],
    replace(changed) {
      const told = slots.map(({ set: _, ...text }) => text);
      slots.forEach((slot, index) => {
        const text = changed[index];
        if (text !== undefined) slot.set(text);
      });
      return changedFrame(frame, encoder.encode(JSON.stringify(value)), told, changed);
    },
  };
}

/** The events of a changed frame are those of the old one with the same texts replaced. */
function changedFrame(frame: Frame, bytes: Uint8Array, texts: AnswerText[], changed: (string | undefined)[]): Frame {
  let events: ChatEvent[] | undefined;
  // Decoding keeps state from frame to frame: the old frame is asked when this one is, and not before.
  return {
    wire: frame.wire,
    bytes,
    events() {
      events ??= withTexts(frame.events(), texts, changed);
      return events;
    },
  };
}
