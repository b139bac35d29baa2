import type { ChatEvent } from '../../core/chat-event.ts';
import { isObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { finishCandidate } from './parse-candidate.ts';
import { newAnswerState, parseChunk } from './parse-stream.ts';

/**
 * A whole GenerateContentResponse (or the list of chunks that a stream without `alt=sse` is) as events. Throws
 * `upstream_invalid_answer` when there is neither a candidate nor a blocked prompt, and the provider's own error when it is one.
 */
export function parseAnswer(body: unknown): ChatEvent[] {
  const state = newAnswerState();
  const events: ChatEvent[] = [];
  for (const chunk of Array.isArray(body) ? body : [body]) if (isObject(chunk)) parseChunk(chunk, state, events);
  const failed = events.find((event) => event.type === 'error');
  if (failed?.type === 'error') throw failed.error;
  if (state.candidates.length === 0)
    throw new SluiceError('upstream_invalid_answer', 'The provider sent an answer without candidates.');
  for (const candidate of state.candidates) finishCandidate(candidate, undefined, events);
  return events;
}
