import type { ChatEvent } from '../../core/chat-event.ts';
import { asNumber, asObject, asString, isObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { createChoiceReader } from './choice-reader.ts';
import { inBandError } from './errors.ts';
import { isFaultReason } from './finish-reasons.ts';
import { brokenOff } from './parse-stream.ts';
import { startEvent } from './start-event.ts';
import { callIdMaker } from './tool-call-id.ts';
import { readUsage } from './usage.ts';

/** A whole `chat.completion` as events. Throws the provider's error when the body holds one, `upstream_invalid_answer` when it is no answer. */
export function parseAnswer(body: unknown): ChatEvent[] {
  if (!isObject(body)) throw noAnswer();
  const error = inBandError(body);
  if (error) throw error;
  const choices = Array.isArray(body.choices) ? body.choices.filter(isObject) : [];
  if (choices.length === 0) throw noAnswer();

  const start = startEvent(body);
  const events: ChatEvent[] = [start];
  for (const [place, choice] of choices.entries()) {
    const index = asNumber(choice.index) ?? place;
    const native = asString(choice.finish_reason) || undefined;
    const fault = inBandError(choice) ?? (native && isFaultReason(native) ? brokenOff(native) : undefined);
    if (fault) throw fault;
    const reader = createChoiceReader(index, callIdMaker(start, index));
    reader.read(asObject(choice.message) ?? {}, choice.logprobs, events);
    reader.finish(native, asString(choice.stop_reason), events);
  }
  const usage = readUsage(body.usage) ?? readUsage(asObject(body.x_groq)?.usage);
  if (usage) events.push({ type: 'usage', usage });
  return events;
}

const noAnswer = (): SluiceError =>
  new SluiceError('upstream_invalid_answer', 'The provider answered with JSON that is no chat completion.');
