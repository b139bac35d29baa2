import type { JsonObject } from '../../core/json.ts';
import { invalid } from './fault.ts';

/** Readers of one field of the request body. Absent and null are undefined; anything else of the wrong kind is a 400. */
export function readBoolean(body: JsonObject, name: string): boolean | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrongType(name, 'a boolean', value);
}

export function readString(body: JsonObject, name: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(name, 'a string', value);
}

export function readWord<T extends string>(body: JsonObject, name: string, words: readonly T[]): T | undefined {
  const value = readString(body, name);
  if (value === undefined) return undefined;
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw invalid(`Invalid value '${value}' for '${name}': use ${words.join(', ')}.`, name);
  return word;
}

export interface NumberRange {
  min: number;
  max: number;
  integer?: boolean;
}

export function readNumber(body: JsonObject, name: string, { min, max, integer }: NumberRange): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || (integer && !Number.isInteger(value)))
    throw wrongType(name, integer ? 'an integer' : 'a number', value);
  if (value < min) throw invalid(`Invalid '${name}': ${value} is below the minimum ${min}.`, name, 'below_min_value');
  if (value > max) throw invalid(`Invalid '${name}': ${value} is above the maximum ${max}.`, name, 'above_max_value');
  return value;
}

export function wrongType(param: string, wanted: string, value: unknown): Error {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
  return invalid(`Invalid type for '${param}': expected ${wanted}, got ${got}.`, param, 'invalid_type');
}

export const missing = (param: string): Error =>
  invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
