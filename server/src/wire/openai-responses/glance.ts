import { asObject, asString, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { Glance, WireEvent } from '../wire.ts';
import { nativeFinish } from './answer-reader.ts';
import { parseResponseError } from './response-error.ts';
import { parseUsage } from './usage.ts';

const nothing: Glance = Object.freeze({});

/** What one event says of usage, finish and errors. Deltas are told apart by their type alone and never parsed. */
export function glance({ event, data }: WireEvent): Glance {
  switch (event ?? leadingType(data)) {
    case 'response.created':
      return { model: asString(asObject(asObject(tryParseJson(data))?.response)?.model) };
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
    case 'response.cancelled':
    case 'error':
    case undefined:
      return glanceEvent(asObject(tryParseJson(data)));
    default:
      return nothing;
  }
}

/** Most servers write the type first; for those that do not, the whole event is read. */
function leadingType(data: string): string | undefined {
  const prefix = '{"type":"';
  if (!data.startsWith(prefix)) return undefined;
  return data.slice(prefix.length, data.indexOf('"', prefix.length));
}

function glanceEvent(event: JsonObject | undefined): Glance {
  switch (event?.type) {
    case 'error':
      return { end: true, error: parseResponseError(event) };
    case 'response.created':
      return { model: asString(asObject(event.response)?.model) };
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
    case 'response.cancelled': {
      const status = String(event.type).slice('response.'.length);
      return glanceAnswer({ status, ...asObject(event.response) });
    }
    default:
      return nothing;
  }
}

export function glanceAnswer(body: unknown): Glance {
  const response = asObject(body);
  if (!response) return nothing;
  const seen: Glance = { end: true };
  const usage = parseUsage(response.usage);
  const model = asString(response.model);
  if (usage) seen.usage = usage;
  if (model !== undefined) seen.model = model;
  if (response.status === 'failed' || asObject(response.error)) seen.error = parseResponseError(response.error);
  else seen.finish = nativeFinish(response);
  return seen;
}
