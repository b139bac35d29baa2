import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import type { JsonObject } from '../core/json.ts';

/** Why a text does not fit a schema, in a few lines; undefined when it does. */
export type SchemaCheck = (text: string) => string | undefined;

// Compiling takes milliseconds; a program sends the same schema with every call.
const known = new Map<string, SchemaCheck>();
const mostKnown = 200;

/** `createSchemaCheck`, remembered for schemas that were asked for lately. */
export function schemaCheckOf(schema: JsonObject): SchemaCheck {
  const key = JSON.stringify(schema);
  let check = known.get(key);
  if (!check) {
    check = createSchemaCheck(schema);
    if (known.size >= mostKnown) known.delete(known.keys().next().value!);
    known.set(key, check);
  }
  return check;
}

const longestSchema = 64 * 1024;
const mostErrors = 5;

/**
 * Prepares the check of answers against a JSON Schema (draft 2020-12; `format` is a note and is not checked). Patterns run in RE2,
 * in linear time, since schemas come from callers too. Throws an Error in words when the schema cannot be used.
 */
export function createSchemaCheck(schema: JsonObject): SchemaCheck {
  if (JSON.stringify(schema).length > longestSchema)
    throw new Error(`A schema may have ${longestSchema} characters at most.`);
  let validate: ValidateFunction;
  try {
    const ajv = new Ajv2020({
      strict: false,
      allErrors: false,
      validateFormats: false,
      logger: false,
      code: { regExp: linear },
    });
    const { $schema: _, ...rest } = schema;
    validate = ajv.compile(rest);
  } catch (cause) {
    throw new Error(`The JSON schema cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(unfenced(text));
    } catch {
      return 'It is not JSON.';
    }
    if (validate(value)) return undefined;
    return (validate.errors ?? [])
      .slice(0, mostErrors)
      .map(({ instancePath, message }) => `${instancePath === '' ? 'The value' : instancePath} ${message}`)
      .join('\n');
  };
}

/** Models like to put JSON between fences; what counts is inside. */
export const unfenced = (text: string): string => /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text;

const linear = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    return { test: (text: string) => compiled.matcher(text).find() };
  },
  { code: 'linear' },
);
