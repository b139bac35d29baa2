import { asArray, isObject, type JsonObject } from '../../../core/json.ts';

export type Schema = JsonObject | boolean;

const longestRefChain = 32;

/** The schema that a `$ref` names inside `root` (`#`, `#/$defs/x`, any JSON pointer); `true` when there is none. */
export function resolveRef(root: Schema, ref: string): Schema {
  if (!ref.startsWith('#')) return true;
  let found: unknown = root;
  for (const step of ref.slice(1).split('/').filter(Boolean)) {
    const key = decodeStep(step);
    found = isObject(found) && Object.hasOwn(found, key) ? found[key] : asArray(found)[Number(key)];
  }
  return isObject(found) || typeof found === 'boolean' ? found : true;
}

/** The schema with `$ref` followed and `allOf` folded in, so that its own keywords say everything but anyOf and oneOf. */
export function flatten(root: Schema, schema: unknown, chain = 0): Schema {
  if (typeof schema === 'boolean') return schema;
  if (!isObject(schema) || chain > longestRefChain) return true;
  let flat: Schema = schema;
  if (typeof schema.$ref === 'string') {
    const { $ref, ...rest } = schema;
    flat = merge(flatten(root, resolveRef(root, schema.$ref), chain + 1), rest);
  }
  if (typeof flat === 'object' && Array.isArray(flat.allOf)) {
    const { allOf, ...rest } = flat;
    flat = rest;
    for (const part of asArray(allOf)) flat = merge(flat, flatten(root, part, chain + 1));
  }
  return flat;
}

/** A schema that asks for what both ask for, as far as it can be said in one object. */
export function merge(left: Schema, right: Schema): Schema {
  if (left === true) return right;
  if (right === true) return left;
  if (left === false || right === false) return false;
  const merged: JsonObject = { ...left };
  for (const [key, value] of Object.entries(right))
    merged[key] = Object.hasOwn(left, key) ? mergeKeyword(key, left[key], value) : value;
  return merged;
}

function mergeKeyword(key: string, left: unknown, right: unknown): unknown {
  switch (key) {
    case 'properties':
    case 'patternProperties':
    case '$defs':
    case 'definitions': {
      if (!isObject(left) || !isObject(right)) return right;
      const both: JsonObject = { ...left };
      for (const [name, value] of Object.entries(right))
        both[name] = Object.hasOwn(left, name) ? { allOf: [left[name], value] } : value;
      return both;
    }
    case 'required':
      return [...new Set([...asArray(left), ...asArray(right)])];
    case 'enum':
      return asArray(left).filter((value) =>
        asArray(right).some((other) => JSON.stringify(other) === JSON.stringify(value)),
      );
    case 'type': {
      const types = asArray(right).length > 0 ? asArray(right) : [right];
      const shared = (Array.isArray(left) ? left : [left]).filter(
        (type) => types.includes(type) || (type === 'integer' && types.includes('number')),
      );
      return shared.length > 0 ? shared : right;
    }
    case 'minimum':
    case 'exclusiveMinimum':
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return Math.max(Number(left), Number(right));
    case 'maximum':
    case 'exclusiveMaximum':
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return Math.min(Number(left), Number(right));
    case 'items':
    case 'additionalProperties':
      return { allOf: [left, right] };
    case 'anyOf':
    case 'oneOf':
      // Two choices at once: one branch of each must hold.
      return asArray(left).flatMap((one) => asArray(right).map((other) => ({ allOf: [one, other] })));
    default:
      return right;
  }
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
}
