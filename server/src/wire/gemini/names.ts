import type { JsonObject } from '../../core/json.ts';

/**
 * The object with its own keys in camelCase (protobuf JSON accepts both spellings, ProtoJSON specification). Shallow, so
 * that what belongs to the caller (arguments, schemas, labels) keeps its keys; the same object when nothing is to do.
 */
export function camelKeys(object: JsonObject): JsonObject {
  for (const key in object) {
    if (key.indexOf('_', 1) > 0) return renamed(object);
  }
  return object;
}

function renamed(object: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const [key, value] of Object.entries(object)) copy[camelName(key)] = value;
  return copy;
}

const camelName = (key: string): string =>
  key[0] + key.slice(1).replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** A repeated field: Google's parser also takes a lone value for a list of one. Null is absent. */
export function asList(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** A field that is null is absent, as protobuf JSON has it. */
export const present = (value: unknown): boolean => value !== undefined && value !== null;
