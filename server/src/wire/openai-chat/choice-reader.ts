import type { ChatEvent } from '../../core/chat-event.ts';
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts';
import { readAnnotation } from './citations.ts';
import { readFinishReason } from './finish-reasons.ts';
import { readLogprobs } from './logprobs.ts';
import { joinBase64, readUrl, sniffAudio } from './media.ts';
import { createReasoningReader, thinkingText } from './reasoning-reader.ts';
import { createToolCallReader } from './tool-call-reader.ts';

export interface ChoiceReader {
  /** Reads one delta, or a whole message, with the log probabilities that stand beside it. */
  read(message: JsonObject, logprobs: unknown, events: ChatEvent[]): void;
  /** Ends the choice with the provider's own word for why; only the first time counts. */
  finish(native: string | undefined, stopSequence: string | undefined, events: ChatEvent[]): void;
  readonly finished: boolean;
}

/**
 * Turns what a choice says into events. A stream feeds it deltas and a whole answer its message, so both come out alike.
 * `makeId` names a tool call that came without an id.
 */
export function createChoiceReader(choice: number, makeId: (index: number, name: string) => string): ChoiceReader {
  const reasoning = createReasoningReader(choice);
  const calls = createToolCallReader(choice, makeId);
  const sound = { id: undefined as string | undefined, transcript: '', pieces: [] as string[] };
  const refusalLogprobs: unknown[] = [];
  let said = '';
  let refused = false;
  let finished = false;

  function text(value: string, events: ChatEvent[]): void {
    if (value === '') return;
    reasoning.close(events);
    said += value;
    events.push({ type: 'text-delta', choice, text: value });
  }

  function contentPart(part: unknown, events: ChatEvent[]): void {
    if (typeof part === 'string') text(part, events);
    if (!isObject(part)) return;
    switch (part.type) {
      case 'text':
      case 'output_text':
        text(asString(part.text) ?? '', events);
        break;
      case 'thinking':
        reasoning.add(thinkingText(part), events);
        break;
      case 'refusal':
        refusal(asString(part.refusal) ?? '', events);
        break;
      case 'image_url':
        image(part, events);
        break;
      default:
        reasoning.close(events);
        events.push(opaque(`content.${asString(part.type) ?? 'unknown'}`, part));
    }
  }

  function refusal(value: string, events: ChatEvent[]): void {
    if (value === '') return;
    refused = true;
    reasoning.close(events);
    events.push({ type: 'refusal-delta', choice, text: value });
  }

  function image(part: JsonObject, events: ChatEvent[]): void {
    reasoning.close(events);
    const url = asString(part.image_url) ?? asString(asObject(part.image_url)?.url);
    const source = url === undefined ? undefined : readUrl(url);
    if (source?.kind === 'base64')
      events.push({ type: 'media', choice, mediaType: source.mediaType, data: source.data });
    else events.push(opaque('images', part));
  }

  const opaque = (what: string, value: unknown): ChatEvent => ({
    type: 'opaque',
    choice,
    wire: 'openai-chat',
    what,
    value,
  });

  function hear(audio: JsonObject): void {
    sound.id ??= asString(audio.id);
    sound.transcript += asString(audio.transcript) ?? '';
    if (typeof audio.data === 'string' && audio.data !== '') sound.pieces.push(audio.data);
  }

  /** Fields that few answers hold. */
  function readRest(message: JsonObject, events: ChatEvent[]): void {
    if (typeof message.refusal === 'string') refusal(message.refusal, events);
    if (Array.isArray(message.images)) for (const part of message.images) if (isObject(part)) image(part, events);
    if (Array.isArray(message.tool_calls) && message.tool_calls.length > 0) {
      reasoning.close(events);
      calls.read(message.tool_calls, events);
    }
    if (isObject(message.function_call)) {
      reasoning.close(events);
      calls.readFunctionCall(message.function_call, events);
    }
    if (Array.isArray(message.annotations))
      for (const annotation of message.annotations) {
        const citation = readAnnotation(annotation, said);
        events.push(citation ? { type: 'citation', choice, citation } : opaque('annotations', annotation));
      }
    if (isObject(message.audio)) hear(message.audio);
  }

  function attachLogprobs(logprobs: unknown, from: number, events: ChatEvent[]): void {
    const both = asObject(logprobs);
    if (!both) return;
    if (Array.isArray(both.refusal)) refusalLogprobs.push(...both.refusal);
    const read = readLogprobs(both.content);
    if (!read) return;
    for (let at = from; at < events.length; at++) {
      const event = events[at]!;
      if (event.type !== 'text-delta') continue;
      event.logprobs = read;
      return;
    }
    events.push({ type: 'text-delta', choice, text: '', logprobs: read });
  }

  return {
    read(message, logprobs, events) {
      const from = events.length;
      if (
        message.reasoning_content !== undefined ||
        message.reasoning !== undefined ||
        message.reasoning_details !== undefined
      )
        reasoning.read(message, events);
      const content = message.content;
      if (typeof content === 'string') text(content, events);
      else if (Array.isArray(content)) for (const part of content) contentPart(part, events);
      readRest(message, events);
      if (logprobs) attachLogprobs(logprobs, from, events);
    },
    finish(native, stopSequence, events) {
      if (finished) return;
      finished = true;
      reasoning.close(events);
      calls.finish(events);
      if (sound.id !== undefined || sound.pieces.length > 0 || sound.transcript !== '') {
        const data = joinBase64(sound.pieces);
        const media: ChatEvent = { type: 'media', choice, mediaType: sniffAudio(data), data };
        if (sound.transcript !== '') media.transcript = sound.transcript;
        if (sound.id !== undefined) media.id = sound.id;
        events.push(media);
      }
      if (refusalLogprobs.length > 0) events.push(opaque('logprobs.refusal', refusalLogprobs));
      const reason = readFinishReason(native, { calls: calls.any, refusal: refused });
      const stopped = stopSequence !== undefined && reason === 'stop' ? 'stop-sequence' : reason;
      events.push({
        type: 'finish',
        choice,
        reason: stopped,
        ...(native !== undefined && { native }),
        ...(stopSequence !== undefined && { stopSequence }),
      });
    },
    get finished() {
      return finished;
    },
  };
}
