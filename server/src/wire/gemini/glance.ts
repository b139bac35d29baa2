import { asObject, asString, isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { Glance, WireEvent } from '../wire.ts';
import { errorOf, statusOf } from './errors.ts';
import { promptBlocked } from './finish-reasons.ts';
import { parseUsage } from './usage.ts';

/** What one event says of usage, finish, error and model. A chunk with a finishReason is the end: there is no other marker. */
export function glance({ data }: WireEvent): Glance {
  const json = tryParseJson(data);
  return isObject(json) ? glanceChunk(json) : {};
}

/** The same of a whole answer, or of the list of chunks that a stream without `alt=sse` is. */
export function glanceAnswer(body: unknown): Glance {
  const seen: Glance = {};
  for (const chunk of Array.isArray(body) ? body : [body]) if (isObject(chunk)) Object.assign(seen, glanceChunk(chunk));
  return seen;
}

function glanceChunk(chunk: JsonObject): Glance {
  const error = asObject(chunk.error);
  if (error) return { error: errorOf(statusOf(error), error) };
  const seen: Glance = {};
  const usage = parseUsage(chunk.usageMetadata);
  if (usage) seen.usage = usage;
  const model = asString(chunk.modelVersion);
  if (model !== undefined) seen.model = model;
  const finish = finishOf(chunk);
  if (finish !== undefined) {
    seen.finish = finish;
    seen.end = true;
  }
  return seen;
}

function finishOf(chunk: JsonObject): string | undefined {
  const { candidates } = chunk;
  if (Array.isArray(candidates)) {
    for (const candidate of candidates) {
      const reason = asString(asObject(candidate)?.finishReason);
      if (reason) return reason;
    }
  }
  const blocked = asString(asObject(chunk.promptFeedback)?.blockReason);
  return blocked === undefined ? undefined : promptBlocked + blocked;
}
