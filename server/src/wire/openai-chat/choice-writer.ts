import type { ChatEvent } from '../../core/chat-event.ts';
import type { JsonObject } from '../../core/json.ts';
import type { AnswerContext } from '../wire.ts';
import { audioField, callSignatureField, imageField, isRestored, loseMedia, loseOpaque } from './answer-parts.ts';
import { writeAnnotation } from './citations.ts';
import { isLegacy } from './legacy-functions.ts';
import { writeLogprobs } from './logprobs.ts';
import { createReasoningWriter } from './reasoning-writer.ts';

/** Frames one delta of a choice; all arguments but the first are JSON text. */
export type WriteChunk = (choice: number, delta: string, logprobs?: string, ending?: string) => string;
type ChoiceEvent = Exclude<ChatEvent, { type: 'start' | 'usage' | 'error' | 'ping' | 'finish' }>;

export interface ChoiceWriter {
  write(event: ChoiceEvent): string;
  /** Remembers text, which citations count in. */
  note(text: string): void;
  /** Whatever must still be said before the finish reason: calls that had no arguments. */
  close(): string;
  readonly refused: boolean;
  /** A call went out as the deprecated `function_call`. */
  readonly legacyCall: boolean;
}

interface WrittenCall {
  /** Place among `tool_calls`; -1 for a call that a legacy caller cannot be given. */
  place: number;
  hasArguments: boolean;
}

/** Writes the events of one choice. Deltas of parallel calls may interleave, as OpenAI allows them to by their index. */
export function createChoiceWriter(choice: number, chunk: WriteChunk, context: AnswerContext): ChoiceWriter {
  const reasoning = createReasoningWriter();
  const legacy = isLegacy(context.request);
  const calls = new Map<number, WrittenCall>();
  let places = 0;
  let said = '';
  let refused = false;
  let heard = false;

  const delta = (fields: JsonObject): string => chunk(choice, JSON.stringify(fields));

  function startCall(event: ChoiceEvent & { type: 'tool-call-start' }): string {
    const place = legacy && places > 0 ? -1 : places++;
    calls.set(event.index, { place, hasArguments: false });
    if (place === -1) {
      context.losses.push({ field: 'tool_calls', reason: 'function_call holds one call only' });
      return '';
    }
    if (legacy) return delta({ function_call: { name: event.name, arguments: '' } });
    const named = { name: event.name, arguments: '' };
    const signed = callSignatureField(event.signature);
    return delta({ tool_calls: [{ index: place, id: event.id, type: 'function', function: named, ...signed }] });
  }

  function feedCall(index: number, text: string): string {
    const call = calls.get(index);
    if (!call || call.place === -1 || text === '') return '';
    call.hasArguments = true;
    const written = JSON.stringify(text);
    if (legacy) return chunk(choice, `{"function_call":{"arguments":${written}}}`);
    return chunk(choice, `{"tool_calls":[{"index":${call.place},"function":{"arguments":${written}}}]}`);
  }

  /** A call without arguments takes an empty object. */
  const endCall = (index: number): string => (calls.get(index)?.hasArguments === false ? feedCall(index, '{}') : '');

  function writeOpaque(event: ChoiceEvent & { type: 'opaque' }): string {
    const { what, value } = event;
    if (!isRestored(event.wire, what)) {
      loseOpaque(what, context);
      return '';
    }
    switch (what) {
      case 'custom_tool_call':
        return delta({ tool_calls: [{ index: places++, ...(value as JsonObject) }] });
      case 'logprobs.refusal':
        return chunk(choice, '{}', JSON.stringify({ content: null, refusal: value }));
      default:
        return delta({ [what]: [value] });
    }
  }

  function writeMedia(event: ChoiceEvent & { type: 'media' }): string {
    if (event.mediaType.startsWith('image/')) return delta({ images: [imageField(event)] });
    if (!event.mediaType.startsWith('audio/') || heard) {
      loseMedia(event.mediaType, context);
      return '';
    }
    heard = true;
    const { choice: _, ...part } = event;
    return delta({ audio: audioField(part, context) });
  }

  return {
    write(event) {
      switch (event.type) {
        case 'text-delta': {
          const content = `{"content":${JSON.stringify(event.text)}}`;
          said += event.text;
          if (!event.logprobs) return event.text === '' ? '' : chunk(choice, content);
          return chunk(choice, content, JSON.stringify({ content: writeLogprobs(event.logprobs), refusal: null }));
        }
        case 'refusal-delta':
          refused = true;
          return chunk(choice, `{"refusal":${JSON.stringify(event.text)}}`);
        case 'reasoning-delta':
          if (event.text === '') return '';
          reasoning.add(event.text, event.summary === true);
          return chunk(choice, `{"reasoning_content":${JSON.stringify(event.text)}}`);
        case 'reasoning-end': {
          const entries = reasoning.end(event);
          return entries.length > 0 ? delta({ reasoning_details: entries }) : '';
        }
        case 'text-signature':
          return delta({ reasoning_details: reasoning.sign(event.signature) });
        case 'tool-call-start':
          return startCall(event);
        case 'tool-call-delta':
          return feedCall(event.index, event.arguments);
        case 'tool-call-end':
          return endCall(event.index);
        case 'citation': {
          const annotation = writeAnnotation(event.citation, said);
          if (annotation) return delta({ annotations: [annotation] });
          context.losses.push({ field: 'citations', reason: 'an annotation needs an address' });
          return '';
        }
        case 'media':
          return writeMedia(event);
        case 'opaque':
          return writeOpaque(event);
      }
    },
    note(text) {
      said += text;
    },
    close: () => [...calls.keys()].map(endCall).join(''),
    get refused() {
      return refused;
    },
    get legacyCall() {
      return legacy && places > 0;
    },
  };
}
