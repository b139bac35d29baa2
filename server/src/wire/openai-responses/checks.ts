import { isObject, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';

/** Readers for the caller's items: they return the value or throw `invalid_request` naming its path. */
export function objectAt(value: unknown, path: string): JsonObject {
  if (isObject(value)) return value;
  throw invalidRequest(`\`${path}\` must be an object.`, path);
}

export function stringAt(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  throw invalidRequest(
    value === undefined ? `\`${path}\` is missing: send a string.` : `\`${path}\` must be a string.`,
    path,
  );
}

/** Null counts as absent, as OpenAI reads it. */
export const optionalStringAt = (value: unknown, path: string): string | undefined =>
  value === undefined || value === null ? undefined : stringAt(value, path);

export function arrayAt(value: unknown, path: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw invalidRequest(`\`${path}\` must be an array.`, path);
}
