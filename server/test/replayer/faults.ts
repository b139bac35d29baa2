import type { WireName } from '../../src/core/wire-name.ts';
import type { Recording } from './recording.ts';

/** What a provider's stream may get wrong, each as a recording made from a good one. */

/** Event `at` is not JSON. */
export const malformed = (recording: Recording, at: number): Recording =>
  withEvents(recording, (events) => events.toSpliced(at, 1, malformedData(recording.wire)));

// Bedrock's events need their type to be framed at all.
const malformedData = (wire: WireName): string =>
  wire === 'bedrock-converse' ? '{"contentBlockDelta":"not an object"}' : '{"type":"content_block_delta","delta":{"tex';

/** A 200 whose first event is an error. */
export const errorFirst = (recording: Recording): Recording => errorAfter(recording, 0);

/** The provider gives up after `count` events with its own error event. */
export const errorAfter = (recording: Recording, count: number): Recording =>
  withEvents(recording, (events) => [...events.slice(0, count), ...errorEvents[recording.wire]]);

const errorEvents: Record<WireName, string[]> = {
  'openai-chat': [
    '{"error":{"message":"The server had an error while processing your request","type":"server_error","param":null,"code":null}}',
  ],
  'openai-responses': [
    '{"type":"error","sequence_number":2,"code":"server_error","message":"The server had an error while processing your request","param":null}',
  ],
  'anthropic-messages': ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'],
  gemini: [
    '{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}',
  ],
  'bedrock-converse': ['{"serviceUnavailableException":{"message":"The service is unavailable. Try again later."}}'],
};

/** The text delta at event `at` is `bytes` long. */
export const giantEvent = (recording: Recording, at: number, bytes: number): Recording =>
  withEvents(recording, (events) => events.toSpliced(at, 0, textEvent(recording.wire, 'x'.repeat(bytes))));

/** The provider never says what the answer took. */
export const withoutUsage = (recording: Recording): Recording =>
  withEvents(recording, (events) =>
    events
      .filter((data) => !/^\{"metadata":/.test(data) && !/"choices":\s*\[\]/.test(data))
      .map((data) =>
        JSON.stringify(JSON.parse(data), (key, value) => (/^usage(Metadata)?$/.test(key) ? undefined : value)),
      ),
  );

/** `count` more text deltas at event `at`, each `bytes` long. */
export const longer = (recording: Recording, at: number, count: number, bytes = 20): Recording =>
  withEvents(recording, (events) => {
    const more = Array.from({ length: count }, (_, index) =>
      textEvent(recording.wire, `${index} ${'abcdefghi '.repeat(Math.ceil(bytes / 10))}`.slice(0, bytes)),
    );
    return events.toSpliced(at, 0, ...more);
  });

function withEvents(recording: Recording, edit: (events: string[]) => string[]): Recording {
  if (!recording.events) throw new Error(`${recording.name} has no stream.`);
  return { ...recording, events: edit(recording.events) };
}

function textEvent(wire: WireName, text: string): string {
  switch (wire) {
    case 'openai-chat':
      return JSON.stringify({
        id: 'chatcmpl-made',
        object: 'chat.completion.chunk',
        created: 1_780_000_000,
        model: 'made',
        choices: [{ index: 0, delta: { content: text }, logprobs: null, finish_reason: null }],
      });
    case 'openai-responses':
      return JSON.stringify({
        type: 'response.output_text.delta',
        item_id: 'msg_made',
        output_index: 0,
        content_index: 0,
        delta: text,
      });
    case 'anthropic-messages':
      return JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
    case 'gemini':
      return JSON.stringify({ candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0 }] });
    case 'bedrock-converse':
      return JSON.stringify({ contentBlockDelta: { contentBlockIndex: 0, delta: { text } } });
  }
}
