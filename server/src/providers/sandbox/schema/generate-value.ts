import { asArray, asNumber, asObject, isObject, type JsonObject } from '../../../core/json.ts';
import { invalid } from '../fault.ts';
import type { Hints } from '../hints.ts';
import { hashText, pick } from '../random.ts';
import { generateNumber } from './generate-number.ts';
import { generateString } from './generate-string.ts';
import { canonical, matches, matchesPattern } from './matches.ts';
import { flatten, merge, type Schema } from './resolve-schema.ts';

export interface GenerateOptions {
  /** Reads values out of the user's words. Called again for each attempt, since a value is given out once. */
  hints(): Hints;
  /** 0 for the plainest value; others differ where the schema leaves a choice. */
  variation: number;
  /** Whether to fill properties that are not required and that the user's words say nothing of. */
  fillOptional: boolean;
  /** The field of the request to name when the schema cannot be served. */
  param: string;
  /** What the sandbox would answer in words, for a property such as `answer`. */
  answer?: { text: string; number?: number };
}

/** What one generation carries down the schema. */
export interface Generation {
  root: Schema;
  hints: Hints;
  variation: number;
  attempt: number;
  options: GenerateOptions;
  depth: number;
  /** How many values may still be made. */
  budget: { left: number };
  /** How often the user's words plainly gave a value. */
  found: { count: number };
}

const attempts = 12;
const mostValues = 5_000;
const fullDepth = 5;
const deepest = 48;
const mostItems = 256;

/**
 * An instance of a JSON Schema, the same one for the same words. Follows $ref, allOf, anyOf, oneOf, not and if/then/else by
 * trying branches until the whole is valid; throws a 400 when the schema wants more than 5,000 values.
 */
export function generateValue(schema: unknown, options: GenerateOptions): unknown {
  const root = isObject(schema) || typeof schema === 'boolean' ? schema : true;
  let first: unknown;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const value = generate(root, '', {
      root,
      hints: options.hints(),
      variation: options.variation,
      attempt,
      options,
      depth: 0,
      budget: { left: mostValues },
      found: { count: 0 },
    });
    if (matches(root, root, value)) return value;
    if (attempt === 0) first = value;
  }
  return first ?? null;
}

function generate(schema: unknown, name: string, generation: Generation): unknown {
  if (--generation.budget.left < 0)
    throw invalid('The schema asks for more values than the sandbox writes (5,000).', generation.options.param);
  if (generation.depth > deepest) return null;
  const flat = chooseBranch(flatten(generation.root, schema), generation);
  if (typeof flat === 'boolean') return name || 'value';
  if ('const' in flat) return flat.const;
  if (Array.isArray(flat.enum) && flat.enum.length > 0) return chooseOption(flat.enum, name, generation);
  switch (typeFor(flat, generation)) {
    case 'object':
      return generateObject(flat, generation);
    case 'array':
      return generateArray(flat, name, generation);
    case 'integer':
      return generateNumber(flat, name, true, generation);
    case 'number':
      return generateNumber(flat, name, false, generation);
    case 'boolean': {
      const said = generation.hints.boolean(name);
      if (said !== undefined) generation.found.count++;
      return (
        said ??
        (typeof flat.default === 'boolean' ? flat.default : (generation.variation + generation.attempt) % 2 === 1)
      );
    }
    case 'null':
      return null;
    default:
      return generateString(flat, name, generation);
  }
}

/** One branch of anyOf and oneOf, and then or else, folded into the schema. Deep down the branch that ends soonest. */
function chooseBranch(schema: Schema, generation: Generation): Schema {
  let chosen = schema;
  for (const keyword of ['anyOf', 'oneOf'])
    for (let guard = 0; guard < 8 && typeof chosen === 'object' && Array.isArray(chosen[keyword]); guard++) {
      const branches: unknown[] = chosen[keyword];
      const { [keyword]: _, ...rest } = chosen;
      const usable = branches.filter((branch) => branch !== false && !isNull(branch));
      const choices = generation.depth > fullDepth ? shallowFirst(branches) : usable.length > 0 ? usable : branches;
      const turn = generation.depth > fullDepth ? 0 : generation.attempt + generation.variation;
      chosen =
        choices.length === 0
          ? rest
          : flatten(generation.root, merge(rest, flatten(generation.root, pick(choices, turn))));
    }
  if (typeof chosen === 'object' && chosen.if !== undefined) {
    const { if: condition, then, else: otherwise, ...rest } = chosen;
    const holds = generation.attempt % 2 === 0;
    const parts = holds ? [condition, then ?? true] : [otherwise ?? true];
    chosen = parts.reduce<Schema>((sum, part) => merge(sum, flatten(generation.root, part)), rest);
  }
  return chosen;
}

const isNull = (schema: unknown): boolean => isObject(schema) && (schema.type === 'null' || schema.const === null);

function shallowFirst(branches: unknown[]): unknown[] {
  const cost = (schema: unknown) =>
    isNull(schema) ? 0 : /"(\$ref|properties|items)"/.test(JSON.stringify(schema)) ? 2 : 1;
  return [...branches].sort((one, other) => cost(one) - cost(other));
}

function chooseOption(options: unknown[], name: string, generation: Generation): unknown {
  const said = options.find(
    (option) => typeof option === 'string' && generation.hints.mentions(option.replaceAll('_', ' ')),
  );
  if (said !== undefined && generation.attempt === 0) {
    generation.found.count++;
    return said;
  }
  const turn =
    generation.variation === 0 ? generation.attempt : generation.attempt + hashText(name, generation.variation);
  return pick(options, turn);
}

function typeFor(schema: JsonObject, generation: Generation): string {
  const { type } = schema;
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) {
    const kinds = type.filter((kind) => typeof kind === 'string' && kind !== 'null');
    if (kinds.length === 0 || (generation.depth > fullDepth && type.includes('null'))) return 'null';
    return String(pick(kinds, generation.attempt));
  }
  const has = (...keys: string[]) => keys.some((key) => key in schema);
  if (has('properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties')) return 'object';
  if (has('items', 'prefixItems', 'minItems', 'contains')) return 'array';
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return 'number';
  return 'string';
}

function generateObject(schema: JsonObject, generation: Generation): JsonObject {
  const properties = asObject(schema.properties) ?? {};
  const required = asArray(schema.required).filter((name) => typeof name === 'string');
  const inner = { ...generation, depth: generation.depth + 1 };
  const object: JsonObject = {};
  const put = (name: string, value: unknown) =>
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  // In the order of the schema, which is the order that readers expect.
  for (const [name, part] of Object.entries(properties)) {
    if (required.includes(name)) {
      put(name, generate(part, name, inner));
      continue;
    }
    if (part === false || generation.depth > fullDepth) continue;
    const before = generation.found.count;
    const value = generate(part, name, inner);
    if (generation.options.fillOptional || generation.found.count > before) put(name, value);
  }
  const extra = isObject(schema.additionalProperties) ? schema.additionalProperties : true;
  for (const name of required)
    if (!Object.hasOwn(object, name)) put(name, generate(patternPart(schema, name) ?? extra, name, inner));
  const fewest = Math.min(asNumber(schema.minProperties) ?? 0, mostItems);
  for (const [name, part] of Object.entries(properties)) {
    if (Object.keys(object).length >= fewest) break;
    if (!Object.hasOwn(object, name)) put(name, generate(part, name, inner));
  }
  for (let index = 1; Object.keys(object).length < fewest && index <= mostItems; index++) {
    const name = `key${index}`;
    if (!Object.hasOwn(object, name)) put(name, generate(extra, name, inner));
  }
  for (const [name, needed] of Object.entries(asObject(schema.dependentRequired) ?? {}))
    for (const other of asArray(needed))
      if (typeof other === 'string' && Object.hasOwn(object, name) && !Object.hasOwn(object, other))
        put(other, generate((Object.hasOwn(properties, other) ? properties[other] : undefined) ?? extra, other, inner));
  return object;
}

function patternPart(schema: JsonObject, name: string): unknown {
  return Object.entries(asObject(schema.patternProperties) ?? {}).find(([pattern]) =>
    matchesPattern(pattern, name),
  )?.[1];
}

function formatOf(schema: unknown, generation: Generation): unknown {
  const flat = flatten(generation.root, schema);
  return typeof flat === 'object' && flat.format;
}

function generateArray(schema: JsonObject, name: string, generation: Generation): unknown[] {
  const tuple = asArray(schema.prefixItems);
  const fewest = Math.min(asNumber(schema.minItems) ?? 0, mostItems * 16);
  const most = asNumber(schema.maxItems) ?? Infinity;
  const inner = { ...generation, depth: generation.depth + 1 };
  const items: unknown[] = tuple.slice(0, most).map((part) => generate(part, name, inner));
  const itemSchema = schema.items ?? true;
  if (schema.contains !== undefined)
    for (let hit = 0; hit < (asNumber(schema.minContains) ?? 1) && items.length < most; hit++)
      items.push(
        generate({ allOf: [itemSchema, schema.contains] }, name, { ...inner, variation: generation.variation + hit }),
      );
  const said = (formatOf(itemSchema, generation) ? [] : generation.hints.strings(name)).filter((text) =>
    matches(generation.root, itemSchema, text),
  );
  if (said.length > 0) generation.found.count++;
  const wanted = Math.max(
    fewest,
    generation.depth > fullDepth ? 0 : itemSchema === false ? 0 : said.length || (tuple.length > 0 ? 0 : 2),
  );
  const singular = name.replace(/(ies|s)$/, (ending) => (ending === 'ies' ? 'y' : ''));
  const seen = new Set(items.map(canonical));
  for (let index = 0; items.length < Math.min(wanted, most) && index < mostItems * 32; index++) {
    const value = said[index] ?? generate(itemSchema, singular, { ...inner, variation: generation.variation + index });
    const text = canonical(value);
    if (seen.has(text) && schema.uniqueItems === true) {
      if (index > fewest + mostItems) break;
      continue;
    }
    seen.add(text);
    items.push(value);
  }
  return items;
}
