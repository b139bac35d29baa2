import { asObject, isObject, type JsonObject } from '../../core/json.ts';

/**
 * Whether a JSON Schema meets the two rules of OpenAI's strict mode for objects at every depth: closed
 * (`additionalProperties: false`) and with every property required.
 */
export function meetsStrictRules(schema: JsonObject | undefined): boolean {
  return schema !== undefined && schema.type === 'object' && isStrict(schema, 0);
}

const maxDepth = 32;

function isStrict(schema: unknown, depth: number): boolean {
  if (!isObject(schema)) return false;
  if (depth > maxDepth) return false;
  const properties = asObject(schema.properties);
  if (schema.type === 'object' || properties) {
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    if (schema.additionalProperties !== false) return false;
    for (const [name, property] of Object.entries(properties ?? {})) {
      if (!required.has(name) || !isStrict(property, depth + 1)) return false;
    }
  }
  if (schema.items !== undefined && !isStrict(schema.items, depth + 1)) return false;
  for (const nested of [schema.anyOf, schema.$defs, schema.definitions]) {
    if (isObject(nested) || Array.isArray(nested)) {
      for (const each of Object.values(nested)) if (!isStrict(each, depth + 1)) return false;
    }
  }
  // Keywords that strict mode refuses.
  return schema.oneOf === undefined && schema.allOf === undefined && schema.not === undefined;
}
