import { asObject, asString } from '../../src/core/json.ts';
import type { Dialect } from '../../src/core/wire-name.ts';
import type { WireEvent } from '../../src/wire/wire.ts';
import { jsonOfEvent } from '../sse-reader.ts';

/** What an error body of a dialect says, or undefined when the body does not have that dialect's shape. */
export function errorIn(dialect: Dialect, body: unknown): { message: string; kind: string } | undefined {
  const outer = asObject(body);
  const error = asObject(outer?.error);
  const message = asString(error?.message);
  if (!error || message === undefined) return undefined;
  const kind =
    dialect === 'gemini'
      ? asString(error.status)
      : dialect === 'anthropic-messages'
        ? outer?.type === 'error' && asString(error.type)
        : (asString(error.code) ?? asString(error.type));
  return kind ? { message, kind } : undefined;
}

/** The error of a stream's terminal event, or undefined when this event is none in the dialect. */
export function errorInEvent(
  dialect: Dialect,
  event: WireEvent | undefined,
): { message: string; kind: string } | undefined {
  const json = jsonOfEvent(event);
  if (dialect === 'anthropic-messages' && event?.event !== 'error') return undefined;
  if (dialect === 'openai-responses') {
    const type = asObject(json)?.type;
    const response = asObject(asObject(json)?.response);
    const error =
      type === 'response.failed' ? asObject(response?.error) : type === 'error' ? asObject(json) : undefined;
    const [message, kind] = [asString(error?.message), asString(error?.code)];
    return message !== undefined && kind !== undefined ? { message, kind } : undefined;
  }
  return errorIn(dialect, json);
}

/** Whether a stream's text holds the mark of a good end, which must never follow a fault. */
export function endsWell(dialect: Dialect, text: string): boolean {
  switch (dialect) {
    case 'openai-chat':
      return text.includes('[DONE]') || /"finish_reason":\s*"/.test(text);
    case 'anthropic-messages':
      return text.includes('message_stop');
    case 'openai-responses':
      return text.includes('"response.completed"');
    case 'gemini':
      return text.includes('"finishReason"');
  }
}
