import { brokenConnection } from '../../api/api-error.ts';
import type { Client } from '../../api/client.ts';
import { isObject, type JsonObject, textOf, tryParse } from '../../api/json.ts';
import { CliError } from '../../cli-error.ts';
import { readEvents } from './events.ts';

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface Answer {
  text: string;
  /** Null when the answer was stopped before the server said anything. */
  requestId: string | null;
  model: string | null;
  route: string | null;
  /** As the dialect names it: `stop`, `length`, `content_filter` …; null when the answer broke off. */
  finish: string | null;
  interrupted: boolean;
  /** What went wrong after the answer had begun. */
  fault?: CliError;
}

export interface AnswerListener {
  onText(text: string): void;
  onThinking(text: string): void;
}

/**
 * Asks for an answer and reads it as it comes. Throws a CliError when none begins; once it has begun, what was read is
 * returned together with the fault that ended it. Aborting the signal ends it without a fault.
 */
export async function streamAnswer(
  client: Client,
  request: { model: string; messages: readonly Message[] },
  signal: AbortSignal,
  listener: AnswerListener,
): Promise<Answer> {
  const answer: Answer = { text: '', requestId: null, model: null, route: null, finish: null, interrupted: false };
  try {
    const { headers, body } = await client.stream('/v1/chat/completions', { ...request, stream: true }, signal);
    answer.requestId = headers.get('x-sluice-request-id');
    answer.model = headers.get('x-sluice-model');
    answer.route = headers.get('x-sluice-route');
    answer.fault = await readInto(answer, readEvents(body!), listener);
  } catch (error) {
    if (signal.aborted) answer.interrupted = true;
    else if (answer.requestId === null) throw error;
    else answer.fault = error instanceof CliError ? error : brokenConnection(client.connection, error);
  }
  return answer;
}

/** Adds the events of a stream to the answer; returns the fault when it does not end as it should. */
async function readInto(
  answer: Answer,
  events: AsyncIterable<string>,
  listener: AnswerListener,
): Promise<CliError | undefined> {
  let isDone = false;
  for await (const data of events) {
    // Reading goes on to the very end: to leave at `[DONE]` would look like hanging up.
    isDone ||= data === '[DONE]';
    const event = tryParse(data);
    if (!isObject(event)) continue;
    if (isObject(event.error)) return new CliError(textOf(event.error.message) ?? 'The answer failed.');
    const [choice] = Array.isArray(event.choices) ? (event.choices as unknown[]) : [];
    if (!isObject(choice)) continue;
    const { thinking, text } = readDelta(isObject(choice.delta) ? choice.delta : {});
    if (thinking !== '') listener.onThinking(thinking);
    if (text !== '') {
      answer.text += text;
      listener.onText(text);
    }
    answer.finish = textOf(choice.finish_reason) ?? answer.finish;
  }
  return isDone || answer.finish !== null ? undefined : new CliError('The answer was cut off before its end.');
}

/** Providers call thinking `reasoning_content` or `reasoning`; a refusal is what the model has to say. */
const readDelta = (delta: JsonObject) => ({
  thinking: textOf(delta.reasoning_content) ?? textOf(delta.reasoning) ?? '',
  text: (textOf(delta.content) ?? '') + (textOf(delta.refusal) ?? ''),
});
