import type { ChatEvent } from '../../core/chat-event.ts';
import { asNumber, asObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { StreamParser, WireEvent } from '../wire.ts';
import { createAnswerReader } from './answer-reader.ts';
import { isException, readConverseEvent } from './converse-event.ts';
import { faultError } from './parse-error.ts';

/**
 * Reads ConverseStream. The answer is complete with `messageStop`; `metadata` with the usage comes after it (or before: both
 * are seen). An exception in the stream becomes an `error` event and nothing follows it.
 */
export function createStreamParser(): StreamParser {
  const reader = createAnswerReader();
  let begun = false;
  let stopped = false;
  let failed = false;

  const fail = (error: SluiceError): ChatEvent[] => {
    failed = true;
    reader.closeAll();
    return [...reader.take(), { type: 'error', error }];
  };

  const parse = (event: WireEvent): ChatEvent[] => {
    if (failed) return [];
    const read = readConverseEvent(event);
    if (!read) return fail(new SluiceError('upstream_invalid_answer', 'Bedrock sent an event that is not JSON.'));
    const { type, payload } = read;
    switch (type) {
      case 'contentBlockDelta': {
        const delta = asObject(payload.delta);
        if (delta) reader.blockDelta(asNumber(payload.contentBlockIndex) ?? 0, delta);
        break;
      }
      case 'contentBlockStart': {
        const start = asObject(payload.start);
        if (start) reader.blockStart(asNumber(payload.contentBlockIndex) ?? 0, start);
        break;
      }
      case 'contentBlockStop':
        reader.blockStop(asNumber(payload.contentBlockIndex) ?? 0);
        break;
      case 'messageStop':
        stopped = true;
        reader.messageStop(payload);
        break;
      case 'metadata': {
        const usage = asObject(payload.usage);
        if (usage) reader.usage(usage);
        break;
      }
      default:
        if (isException(type)) return fail(faultError(payload, type));
    }
    if (begun) return reader.take();
    begun = true;
    return [{ type: 'start' }, ...reader.take()];
  };

  return {
    parse,
    finish() {
      if (failed || stopped) return [];
      return fail(new SluiceError('upstream_invalid_answer', 'The answer of Bedrock was cut off before its end.'));
    },
  };
}
