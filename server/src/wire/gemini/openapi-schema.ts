import { isObject, type JsonObject } from '../../core/json.ts';
import { camelKeys } from './names.ts';

const counts = ['maxItems', 'minItems', 'maxLength', 'minLength', 'maxProperties', 'minProperties'];

/**
 * Gemini's OpenAPI 3.0 subset (`Schema`: upper-case types, `nullable`, counts as strings) as JSON Schema. What already is
 * JSON Schema passes through unchanged.
 */
export function jsonSchemaOf(schema: JsonObject): JsonObject {
  const node = camelKeys(schema);
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(node)) {
    if (value === null && key !== 'default') continue;
    if (key === 'nullable' || key === 'type') continue;
    if (key === 'properties' && isObject(value)) result.properties = mapValues(value);
    else if (key === 'items') result.items = schemaOrSelf(value);
    else if (key === 'anyOf' && Array.isArray(value)) result.anyOf = value.map(schemaOrSelf);
    else if (key === 'example') result.examples = [value];
    else if (key === 'format' && value === 'enum') continue;
    else if (counts.includes(key) && typeof value === 'string') result[key] = Number(value);
    else result[key] = value;
  }
  const type = typeName(node.type);
  if (type !== undefined) result.type = node.nullable === true && typeof type === 'string' ? [type, 'null'] : type;
  else if (node.nullable === true && Array.isArray(result.anyOf)) result.anyOf = [...result.anyOf, { type: 'null' }];
  if (node.nullable === true && Array.isArray(result.enum)) result.enum = [...result.enum, null];
  return result;
}

const schemaOrSelf = (value: unknown): unknown => (isObject(value) ? jsonSchemaOf(value) : value);

function mapValues(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, schemaOrSelf(value)]));
}

function typeName(type: unknown): unknown {
  if (typeof type !== 'string') return type ?? undefined;
  return type === 'TYPE_UNSPECIFIED' ? undefined : type.toLowerCase();
}
