import { asArray, asNumber, asObject, isObject, type JsonObject } from '../../../core/json.ts';
import { isCheap, parsePattern } from './pattern.ts';
import { resolveRef, type Schema } from './resolve-schema.ts';

const deepest = 64;
const longestChecked = 64;

/**
 * Whether a value is valid under a JSON Schema (2020-12, without dynamic references, `unevaluated…`, and with `format`
 * as an annotation). A pattern that could run for long is taken as matched.
 */
export function matches(root: Schema, schema: unknown, value: unknown, depth = 0): boolean {
  if (typeof schema === 'boolean') return schema;
  if (!isObject(schema) || depth > deepest) return true;
  const holds = (part: unknown, of: unknown = value) => matches(root, part, of, depth + 1);
  if (typeof schema.$ref === 'string' && !holds(resolveRef(root, schema.$ref))) return false;
  if ('const' in schema && !sameJson(schema.const, value)) return false;
  if (Array.isArray(schema.enum) && !schema.enum.some((option) => sameJson(option, value))) return false;
  if (!matchesType(schema.type, value)) return false;
  if (Array.isArray(schema.allOf) && !schema.allOf.every((part) => holds(part))) return false;
  if (Array.isArray(schema.anyOf) && !schema.anyOf.some((part) => holds(part))) return false;
  if (Array.isArray(schema.oneOf) && schema.oneOf.filter((part) => holds(part)).length !== 1) return false;
  if (schema.not !== undefined && holds(schema.not)) return false;
  if (schema.if !== undefined) {
    const branch = holds(schema.if) ? schema.then : schema.else;
    if (branch !== undefined && !holds(branch)) return false;
  }
  if (typeof value === 'number') return matchesNumber(schema, value);
  if (typeof value === 'string') return matchesString(schema, value);
  if (Array.isArray(value)) return matchesArray(schema, value, holds);
  return isObject(value) ? matchesObject(schema, value, holds) : true;
}

/** The JSON Schema type words that a value has; an integer is a number too. */
export function typesOf(value: unknown): string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number'];
  return [typeof value];
}

/** Whether `text` matches a caller's pattern; true when the pattern is one that could run for long. */
export function matchesPattern(source: string, text: string): boolean {
  const pattern = parsePattern(source);
  if (!pattern || !isCheap(pattern) || text.length > longestChecked) return true;
  try {
    return new RegExp(source, 'u').test(text);
  } catch {
    return true;
  }
}

type Holds = (part: unknown, of: unknown) => boolean;

function matchesType(type: unknown, value: unknown): boolean {
  if (typeof type === 'string') return typesOf(value).includes(type);
  return !Array.isArray(type) || type.some((one) => typesOf(value).includes(String(one)));
}

function matchesNumber(schema: JsonObject, value: number): boolean {
  const step = asNumber(schema.multipleOf);
  return (
    value >= (asNumber(schema.minimum) ?? -Infinity) &&
    value <= (asNumber(schema.maximum) ?? Infinity) &&
    value > (asNumber(schema.exclusiveMinimum) ?? -Infinity) &&
    value < (asNumber(schema.exclusiveMaximum) ?? Infinity) &&
    (step === undefined || step <= 0 || Math.abs(value / step - Math.round(value / step)) < 1e-9)
  );
}

function matchesString(schema: JsonObject, value: string): boolean {
  const length = [...value].length;
  if (length < (asNumber(schema.minLength) ?? 0) || length > (asNumber(schema.maxLength) ?? Infinity)) return false;
  return typeof schema.pattern !== 'string' || matchesPattern(schema.pattern, value);
}

function matchesArray(schema: JsonObject, value: unknown[], holds: Holds): boolean {
  if (value.length < (asNumber(schema.minItems) ?? 0) || value.length > (asNumber(schema.maxItems) ?? Infinity))
    return false;
  const tuple = asArray(schema.prefixItems);
  if (!value.every((item, index) => holds(index < tuple.length ? tuple[index] : (schema.items ?? true), item)))
    return false;
  if (schema.uniqueItems === true && new Set(value.map(canonical)).size < value.length) return false;
  if (schema.contains === undefined) return true;
  const hits = value.filter((item) => holds(schema.contains, item)).length;
  return hits >= (asNumber(schema.minContains) ?? 1) && hits <= (asNumber(schema.maxContains) ?? Infinity);
}

function matchesObject(schema: JsonObject, value: JsonObject, holds: Holds): boolean {
  const keys = Object.keys(value);
  if (keys.length < (asNumber(schema.minProperties) ?? 0) || keys.length > (asNumber(schema.maxProperties) ?? Infinity))
    return false;
  if (asArray(schema.required).some((name) => typeof name === 'string' && !Object.hasOwn(value, name))) return false;
  for (const [name, needed] of Object.entries(asObject(schema.dependentRequired) ?? {}))
    if (Object.hasOwn(value, name) && asArray(needed).some((other) => !Object.hasOwn(value, String(other))))
      return false;
  const properties = asObject(schema.properties) ?? {};
  const patterns = Object.entries(asObject(schema.patternProperties) ?? {});
  return keys.every((key) => {
    if (schema.propertyNames !== undefined && !holds(schema.propertyNames, key)) return false;
    const known = Object.hasOwn(properties, key);
    if (known && !holds(properties[key], value[key])) return false;
    const hit = patterns.filter(([pattern]) => matchesPattern(pattern, key));
    if (!hit.every(([, part]) => holds(part, value[key]))) return false;
    return known || hit.length > 0 || holds(schema.additionalProperties ?? true, value[key]);
  });
}

const sameJson = (left: unknown, right: unknown): boolean => left === right || canonical(left) === canonical(right);

/** JSON text with the keys of every object in order. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  ) ?? 'undefined';
