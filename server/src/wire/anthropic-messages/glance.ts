import { asObject, asString, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { Glance, WireEvent } from '../wire.ts';
import { parseErrorEvent } from './errors.ts';
import { glanceUsage } from './usage.ts';

const nothing: Glance = Object.freeze({});

/** Usage, finish, end, error and model of one native event. Content blocks, nearly all events, are not even parsed. */
export function glance(event: WireEvent): Glance {
  if (event.data.startsWith('{"type":"content_block') || event.event?.startsWith('content_block')) return nothing;
  const json = asObject(tryParseJson(event.data));
  switch (json?.type ?? event.event) {
    case 'message_start':
      return glanceMessage(asObject(json?.message) ?? {}, false);
    case 'message_delta': {
      const finish = asString(asObject(json?.delta)?.stop_reason);
      const usage = glanceUsage(json?.usage, true);
      return { ...(usage && { usage }), ...(finish && { finish }) };
    }
    case 'message_stop':
      return { end: true };
    case 'error':
      return { error: parseErrorEvent(json ?? {}) };
    default:
      return nothing;
  }
}

/** The same of a whole JSON answer. */
export function glanceAnswer(body: unknown): Glance {
  const message = asObject(body);
  if (!message) return nothing;
  return message.type === 'error' ? { error: parseErrorEvent(message) } : glanceMessage(message, true);
}

function glanceMessage(message: JsonObject, whole: boolean): Glance {
  const usage = glanceUsage(message.usage, false);
  const model = asString(message.model);
  const finish = whole ? asString(message.stop_reason) : undefined;
  return { ...(usage && { usage }), ...(model && { model }), ...(finish && { finish }) };
}
