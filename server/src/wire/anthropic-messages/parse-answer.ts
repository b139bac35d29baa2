import type { ChatEvent } from '../../core/chat-event.ts';
import { asArray, asObject, asString, isObject, type JsonObject } from '../../core/json.ts';
import { readSignature } from '../../core/signature.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { readCitation } from './citations.ts';
import { parseErrorEvent } from './errors.ts';
import { readStopReason } from './finish-reasons.ts';
import { UsageFigures } from './usage.ts';

/** A whole message as events. Throws the provider's error, or `upstream_invalid_answer` when it is no message. */
export function parseAnswer(body: unknown): ChatEvent[] {
  const message = asObject(body) ?? {};
  if (message.type === 'error') throw parseErrorEvent(message);
  if (!Array.isArray(message.content)) {
    throw new SluiceError('upstream_invalid_answer', 'The provider answered with something that is not a message.');
  }
  const figures = new UsageFigures();
  figures.set(message.usage);
  const events: ChatEvent[] = [startEvent(message)];
  const place: Place = { calls: 0, textLength: 0 };
  for (const block of message.content) if (isObject(block)) addBlock(block, place, events);
  addRefusal(message.stop_details, events);
  const { usage } = figures;
  if (usage) events.push({ type: 'usage', usage });
  events.push(finishEvent(message));
  return events;
}

/** The `start` event of a message object, whole or from message_start. */
export function startEvent(message: JsonObject): ChatEvent {
  const event: ChatEvent = { type: 'start' };
  const id = asString(message.id);
  const model = asString(message.model);
  const serviceTier = asString(asObject(message.usage)?.service_tier);
  if (id) event.id = id;
  if (model) event.model = model;
  if (serviceTier) event.serviceTier = serviceTier;
  return event;
}

/** The `finish` event of `stop_reason` and `stop_sequence`. */
export function finishEvent(holder: JsonObject): ChatEvent {
  const native = asString(holder.stop_reason);
  const event: ChatEvent = { type: 'finish', choice: 0, reason: readStopReason(native) };
  const stopSequence = asString(holder.stop_sequence);
  if (native) event.native = native;
  if (stopSequence !== undefined) event.stopSequence = stopSequence;
  return event;
}

/** What `stop_details` says of a refusal is the refusal's text. */
export function addRefusal(stopDetails: unknown, events: ChatEvent[]): void {
  const details = asObject(stopDetails);
  const text = details?.type === 'refusal' ? asString(details.explanation) : undefined;
  if (text) events.push({ type: 'refusal-delta', choice: 0, text });
}

/** How many calls and how many UTF-16 code units of text an answer holds so far. */
export interface Place {
  calls: number;
  textLength: number;
}

/** One whole content block as events. */
export function addBlock(block: JsonObject, place: Place, events: ChatEvent[]): void {
  switch (block.type) {
    case 'text': {
      const text = asString(block.text) ?? '';
      const start = place.textLength;
      place.textLength += text.length;
      if (text !== '') events.push({ type: 'text-delta', choice: 0, text });
      for (const citation of asArray(block.citations)) {
        events.push({ type: 'citation', choice: 0, citation: readCitation(citation, start, place.textLength) });
      }
      break;
    }
    case 'thinking': {
      const text = asString(block.thinking) ?? '';
      const signature = asString(block.signature);
      if (text !== '') events.push({ type: 'reasoning-delta', choice: 0, text });
      if (signature) {
        events.push({ type: 'reasoning-end', choice: 0, signature: readSignature(signature, 'anthropic') });
      } else if (text !== '') events.push({ type: 'reasoning-end', choice: 0 });
      break;
    }
    case 'redacted_thinking':
      events.push({ type: 'reasoning-end', choice: 0, redacted: asString(block.data) ?? '' });
      break;
    case 'tool_use': {
      const index = place.calls++;
      const id = asString(block.id) ?? '';
      events.push(
        { type: 'tool-call-start', choice: 0, index, id, name: asString(block.name) ?? '' },
        { type: 'tool-call-delta', choice: 0, index, arguments: JSON.stringify(block.input ?? {}) },
        { type: 'tool-call-end', choice: 0, index },
      );
      break;
    }
    default:
      events.push({
        type: 'opaque',
        choice: 0,
        wire: 'anthropic-messages',
        what: asString(block.type) ?? 'unknown',
        value: block,
      });
  }
}
