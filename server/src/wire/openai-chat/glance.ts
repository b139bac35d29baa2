import { asObject, asString, isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { SluiceError } from '../../core/sluice-error.ts';
import type { Glance, WireEvent } from '../wire.ts';
import { inBandError } from './errors.ts';
import { isFaultReason } from './finish-reasons.ts';
import { brokenOff } from './parse-stream.ts';
import { readUsage } from './usage.ts';

/**
 * Reads one event without state. Most chunks hold only a delta, so the text is searched first (quotes inside strings are
 * escaped and cannot look like a key) and parsed only when it holds figures, an end or an error.
 */
export function glance({ event, data }: WireEvent): Glance {
  if (data.startsWith('[DONE]')) return { end: true };
  const worthReading =
    event === 'error' ||
    hasValue(data, '"usage"', '{') ||
    hasValue(data, '"finish_reason"', '"') ||
    hasValue(data, '"error"', '{"') ||
    hasValue(data, '"object"', '"', '"error"');
  if (worthReading) return { ...glanceAnswer(tryParseJson(data), event) };
  const model = modelIn(data);
  return model === undefined ? {} : { model };
}

/** Usage, finish, error and model of a whole answer, or of one parsed chunk. */
export function glanceAnswer(body: unknown, event?: string): Glance {
  if (!isObject(body)) return {};
  const seen: Glance = {};
  const model = asString(body.model);
  if (model) seen.model = model;
  const choice = Array.isArray(body.choices) ? asObject(body.choices[0]) : undefined;
  const error = inBandError(body, event) ?? (choice && choiceFault(choice));
  if (error) seen.error = error;
  const usage = readUsage(body.usage) ?? readUsage(asObject(body.x_groq)?.usage) ?? readUsage(choice?.usage);
  if (usage) seen.usage = usage;
  const finish = asString(choice?.finish_reason);
  if (finish) seen.finish = finish;
  return seen;
}

/** OpenRouter and Mistral break an answer off inside the choice: with an error of its own, or a finish reason that is one. */
function choiceFault(choice: JsonObject): SluiceError | undefined {
  const native = asString(choice.finish_reason) ?? '';
  return inBandError(choice) ?? (isFaultReason(native) ? brokenOff(native) : undefined);
}

/** Whether `key` is followed by a value that begins with one of the letters of `starts` (and with `exactly`, if given). */
function hasValue(data: string, key: string, starts: string, exactly?: string): boolean {
  for (let at = data.indexOf(key); at !== -1; at = data.indexOf(key, at + key.length)) {
    const value = valueAt(data, at + key.length);
    if (value === -1 || !starts.includes(data[value]!)) continue;
    if (exactly === undefined || data.startsWith(exactly, value)) return true;
  }
  return false;
}

function modelIn(data: string): string | undefined {
  const key = data.indexOf('"model"');
  if (key === -1) return undefined;
  const value = valueAt(data, key + 7);
  if (value === -1 || data[value] !== '"') return undefined;
  const end = data.indexOf('"', value + 1);
  const model = data.slice(value + 1, end);
  return model === '' || model.includes('\\') ? undefined : model;
}

/** Where the value after a key begins, or -1 when no colon follows. */
function valueAt(data: string, from: number): number {
  let at = from;
  let colon = false;
  while (at < data.length) {
    const unit = data.charCodeAt(at);
    if (unit === 58 && !colon) colon = true;
    else if (unit !== 32) return colon ? at : -1;
    at++;
  }
  return -1;
}
