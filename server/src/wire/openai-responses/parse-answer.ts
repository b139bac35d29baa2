import type { ChatEvent } from '../../core/chat-event.ts';
import { asObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { createAnswerReader } from './answer-reader.ts';

/** A whole Response as events. Throws `upstream_invalid_answer` when the body is none. */
export function parseAnswer(body: unknown): ChatEvent[] {
  const response = asObject(body);
  if (!response || (!Array.isArray(response.output) && !asObject(response.error))) {
    throw new SluiceError(
      'upstream_invalid_answer',
      'The provider sent a body that is no Response: it has no `output`.',
    );
  }
  const reader = createAnswerReader();
  reader.start(response);
  reader.end(response);
  return reader.take();
}
