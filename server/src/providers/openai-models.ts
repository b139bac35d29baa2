import { asArray, asNumber, asObject, asString, type JsonObject } from '../core/json.ts';
import type { ModelInfo } from '../core/model-info.ts';

/** One entry of a `/models` list to what we know of it; undefined leaves it out. */
export type ReadModel = (entry: JsonObject) => Omit<ModelInfo, 'provider' | 'id' | 'source'> | undefined;

/** OpenAI's `{data: [{id, …}]}` (or a bare list) as models, `read` adding what this provider tells beyond the id. */
export function readModelList(
  body: JsonObject,
  provider: string,
  source: string,
  read: ReadModel = knownFields,
): ModelInfo[] {
  const models: ModelInfo[] = [];
  for (const item of asArray(body.data ?? body.models)) {
    const entry = asObject(item);
    const id = asString(entry?.id);
    if (!entry || !id) continue;
    const facts = read(entry);
    if (facts) models.push({ provider, id, ...facts, source });
  }
  return models;
}

/** The fields that servers of OpenAI's protocol add, by the names that are in use (Groq, vLLM, Mistral, others). */
export const knownFields: ReadModel = (entry) => {
  const name = asString(entry.display_name) ?? asString(entry.name);
  const context =
    asNumber(entry.context_length) ??
    asNumber(entry.context_window) ??
    asNumber(entry.max_model_len) ??
    asNumber(entry.max_context_length);
  const maxOutput = asNumber(entry.max_completion_tokens) ?? asNumber(entry.max_output_tokens);
  return {
    ...(name !== undefined && name !== entry.id && { name }),
    ...(context !== undefined && { context }),
    ...(maxOutput !== undefined && { maxOutput }),
  };
};

/** ISO date of a Unix time in seconds, or of an RFC 3339 time; undefined for none and for the epoch (unknown). */
export function isoDate(time: unknown): string | undefined {
  const milliseconds = typeof time === 'number' ? time * 1000 : Date.parse(asString(time) ?? '');
  if (!Number.isFinite(milliseconds) || milliseconds <= 0) return undefined;
  return new Date(milliseconds).toISOString().slice(0, 10);
}
