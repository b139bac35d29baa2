import { asObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { WireEvent } from '../wire.ts';

/** One event of ConverseStream: its type and its payload. */
export interface ConverseEvent {
  type: string;
  payload: JsonObject;
}

/**
 * Reads an event in either form: the type in the frame's header and the payload bare, or, as SDKs print and recordings keep
 * it, `{"<type>": payload}`. Undefined when the data is no JSON object.
 */
export function readConverseEvent({ event, data }: WireEvent): ConverseEvent | undefined {
  const value = asObject(tryParseJson(data));
  if (!value) return undefined;
  if (event !== undefined) return { type: event, payload: asObject(value[event]) ?? value };
  for (const type in value) return { type, payload: asObject(value[type]) ?? {} };
  return undefined;
}

/** `throttlingException`, `modelStreamErrorException` …, and `error` for a fault of the framing layer itself. */
export const isException = (type: string): boolean => type === 'error' || type.endsWith('Exception');
