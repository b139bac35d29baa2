import type { ChatEvent } from '../../core/chat-event.ts';
import { asNumber, asObject, asString, isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { StreamParser, WireEvent } from '../wire.ts';
import { type ChoiceReader, createChoiceReader } from './choice-reader.ts';
import { inBandError } from './errors.ts';
import { isFaultReason } from './finish-reasons.ts';
import { startEvent } from './start-event.ts';
import { callIdMaker } from './tool-call-id.ts';
import { readUsage } from './usage.ts';

/**
 * Reads `chat.completion.chunk` events of OpenAI and of the servers that imitate it. The end is `[DONE]`, or a finish
 * reason for every choice: some servers close without the marker. Anything else is a stream that was cut.
 */
export function createStreamParser(): StreamParser {
  const choices = new Map<number, ChoiceReader>();
  let start: (ChatEvent & { type: 'start' }) | undefined;
  let over = false;

  function readerOf(index: number): ChoiceReader {
    let reader = choices.get(index);
    if (!reader) {
      reader = createChoiceReader(index, callIdMaker(start, index));
      choices.set(index, reader);
    }
    return reader;
  }

  function fail(error: SluiceError, events: ChatEvent[]): ChatEvent[] {
    over = true;
    events.push({ type: 'error', error });
    return events;
  }

  function readChoice(choice: JsonObject, events: ChatEvent[]): SluiceError | undefined {
    const reader = readerOf(asNumber(choice.index) ?? 0);
    const delta = choice.delta ?? choice.message;
    if (isObject(delta)) reader.read(delta, choice.logprobs, events);
    const native = choice.finish_reason;
    if (typeof native === 'string' && native !== '') {
      const fault = inBandError(choice) ?? (isFaultReason(native) ? brokenOff(native) : undefined);
      if (fault) return fault;
      reader.finish(native, asString(choice.stop_reason), events);
    }
    return undefined;
  }

  function parse({ event, data }: WireEvent): ChatEvent[] {
    const events: ChatEvent[] = [];
    if (over || data === '') return events;
    if (data.startsWith('[DONE]')) return end(events);
    const chunk = tryParseJson(data);
    if (!isObject(chunk)) {
      return fail(
        new SluiceError('upstream_invalid_answer', "The provider's stream held a chunk that is not JSON."),
        events,
      );
    }
    const list = Array.isArray(chunk.choices) ? (chunk.choices as unknown[]) : [];
    // Azure opens with a chunk of filter results that has neither id nor choices.
    if (!start && (list.length > 0 || asString(chunk.id))) {
      const first = startEvent(chunk);
      start = first;
      events.push(first);
    }
    const usage = readUsage(chunk.usage) ?? readUsage(asObject(chunk.x_groq)?.usage);
    if (usage) events.push({ type: 'usage', usage });
    const error = inBandError(chunk, event);
    if (error) return fail(error, events);
    for (const choice of list) {
      if (!isObject(choice)) continue;
      const fault = readChoice(choice, events);
      if (fault) return fail(fault, events);
      // Moonshot puts the figures inside the choice.
      const own = choice.usage === undefined ? undefined : readUsage(choice.usage);
      if (own) events.push({ type: 'usage', usage: own });
    }
    return events;
  }

  function end(events: ChatEvent[]): ChatEvent[] {
    if (choices.size === 0)
      return fail(new SluiceError('upstream_invalid_answer', "The provider's stream ended without an answer."), events);
    over = true;
    for (const reader of choices.values()) reader.finish(undefined, undefined, events);
    return events;
  }

  return {
    parse,
    finish() {
      if (over) return [];
      if (choices.size > 0 && [...choices.values()].every((reader) => reader.finished)) return end([]);
      return fail(new SluiceError('upstream_invalid_answer', "The provider's stream was cut off before its end."), []);
    },
  };
}

export const brokenOff = (native: string): SluiceError =>
  new SluiceError('upstream_overloaded', `The provider broke the answer off (finish reason ${native}).`);
