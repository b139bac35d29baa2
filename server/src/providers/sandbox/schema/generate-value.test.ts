import { expect, test } from 'bun:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonObject } from '../../../core/json.ts';
import { createHints } from '../hints.ts';
import { generateValue } from './generate-value.ts';
import { matches } from './matches.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
addFormats.default(ajv);

const make = (schema: unknown, text = '', variation = 0, fillOptional = true) =>
  generateValue(schema, { hints: () => createHints(text), variation, fillOptional, param: 'response_format' });

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const formats =
  'date time date-time duration email hostname ipv4 ipv6 uri uri-reference uri-template uuid regex json-pointer relative-json-pointer'.split(
    ' ',
  );
const node = { $ref: '#/$defs/node' };

const schemas: Record<string, JsonObject> = {
  plain: object({
    name: { type: 'string' },
    age: { type: 'integer' },
    tall: { type: 'boolean' },
    nothing: { type: 'null' },
  }),
  'enum and const': object({
    unit: { enum: ['celsius', 'fahrenheit'] },
    version: { const: 3 },
    mixed: { enum: [null, 1, 'x'] },
  }),
  'number bounds': object({
    low: { type: 'integer', minimum: 10, maximum: 12 },
    open: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
    negative: { type: 'integer', maximum: -5 },
    step: { type: 'number', multipleOf: 0.25, minimum: 7.1 },
    tens: { type: 'integer', multipleOf: 10, exclusiveMinimum: 30 },
    huge: { type: 'number', minimum: 1e15 },
  }),
  'string bounds': object({
    long: { type: 'string', minLength: 40 },
    short: { type: 'string', maxLength: 3 },
    exact: { type: 'string', minLength: 5, maxLength: 5 },
    zip: { type: 'string', pattern: '^\\d{5}(-\\d{4})?$' },
    slug: { type: 'string', pattern: '^[a-z]+$', minLength: 12 },
  }),
  formats: object(Object.fromEntries(formats.map((format) => [format, { type: 'string', format }]))),
  arrays: object({
    two: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
    unique: { type: 'array', items: { type: 'integer' }, uniqueItems: true, minItems: 7 },
    days: { type: 'array', items: { enum: ['mon', 'tue', 'wed'] }, uniqueItems: true, minItems: 3 },
    tuple: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false },
    contains: { type: 'array', items: { type: 'integer' }, contains: { minimum: 100 }, minContains: 2 },
    free: { type: 'array' },
  }),
  references: {
    $defs: { point: object({ x: { type: 'number' }, y: { type: 'number' } }), 'a/b': { type: 'boolean' } },
    ...object({
      from: { $ref: '#/$defs/point' },
      to: { $ref: '#/$defs/point', description: 'end' },
      odd: { $ref: '#/$defs/a~1b' },
    }),
  },
  'recursive lists': {
    $defs: { node: object({ value: { type: 'integer' }, children: { type: 'array', items: node } }) },
    ...node,
  },
  'recursive by null': {
    $defs: { node: object({ value: { type: 'string' }, next: { anyOf: [node, { type: 'null' }] } }) },
    ...node,
  },
  'root reference': object({ name: { type: 'string' }, parts: { type: 'array', items: { $ref: '#' } } }),
  nullable: object({ maybe: { type: ['string', 'null'] }, either: { type: ['integer', 'boolean'] } }),
  anyOf: object({
    value: { anyOf: [{ type: 'null' }, { type: 'integer', minimum: 5 }] },
    other: { anyOf: [{ type: 'string', minLength: 30 }, {}] },
  }),
  'oneOf that overlaps': object({ value: { oneOf: [{ type: 'number' }, { type: 'integer' }] } }),
  'oneOf by tag': {
    oneOf: [
      object({ kind: { const: 'cat' }, lives: { type: 'integer', minimum: 1, maximum: 9 } }),
      object({ kind: { const: 'dog' }, good: { const: true } }),
    ],
  },
  allOf: {
    allOf: [
      { type: 'object', properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] },
      { properties: { a: { maximum: 4 }, b: { type: 'string' } }, required: ['b'] },
    ],
  },
  'allOf of every keyword': {
    allOf: [
      object({
        unit: { enum: ['a', 'b', 'c'] },
        size: { type: ['integer', 'string'], exclusiveMinimum: 3 },
        word: { type: 'string', minLength: 4, maxLength: 40 },
        list: { type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 9 },
        choice: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
      }),
      {
        minProperties: 2,
        maxProperties: 5,
        properties: {
          unit: { enum: ['c', 'd'] },
          size: { type: 'integer', exclusiveMaximum: 6, maximum: 5 },
          word: { minLength: 12, maxLength: 14 },
          list: { items: { minimum: 50 }, minItems: 3, maxItems: 4 },
          choice: { anyOf: [{ type: 'string', minLength: 60 }, { type: 'boolean' }] },
        },
      },
      true,
    ],
  },
  'references that lead nowhere': object({
    a: { $ref: '#/$defs/missing%20one' },
    b: { $ref: 'https://example.com/other' },
  }),
  'list of references': { type: 'array', minItems: 1, items: { $ref: '#/prefix/0' }, prefix: [{ type: 'boolean' }] },
  'not and if': {
    ...object({ country: { enum: ['US', 'FR'] }, code: { type: 'string', not: { enum: ['example code'] } } }),
    if: { properties: { country: { const: 'US' } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { properties: { code: { pattern: '^[0-9]{5}$' } } },
    else: { properties: { code: { pattern: '^[A-Z]{3}$' } } },
  },
  'least properties': { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 3 },
  'required but not described': { type: 'object', required: ['a', 'b'], additionalProperties: { type: 'boolean' } },
  'depends on': {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    dependentRequired: { a: ['b'] },
  },
  'no type said': {
    properties: { list: { items: { minimum: 2 } }, text: { minLength: 50 } },
    required: ['list', 'text'],
  },
  'odd names': object({ constructor: { type: 'string' }, toString: { type: 'integer' }, 'a b': { type: 'boolean' } }),
};

for (const [name, schema] of Object.entries(schemas))
  test(`a value for the schema "${name}" is valid under ajv, in every variation`, () => {
    // ajv refuses references that lead nowhere; for the sandbox they allow anything.
    const validate = name.includes('nowhere')
      ? (value: unknown) => matches(schema, schema, value)
      : ajv.compile(schema);
    for (const variation of [0, 1, 2, 3, 1234]) {
      const value = make(schema, '', variation);
      expect({ value, errors: validate(value) ? null : 'errors' in validate && validate.errors }).toEqual({
        value,
        errors: null,
      });
      expect(matches(schema, schema, value)).toBe(true);
    }
  });

test('300 random schemas all get a value that ajv finds valid', () => {
  const random = createRandom(7);
  for (let round = 0; round < 300; round++) {
    const schema = randomSchema(random, 0);
    const value = make(schema, 'Weather in Paris on 2025-01-02 for 4 people, "quoted"', round);
    const valid = ajv.validate(schema, value);
    expect({ schema, value, errors: valid ? null : ajv.errors }).toEqual({ schema, value, errors: null });
  }
});

test('our validator and ajv agree on values that do not fit', () => {
  const wrong: [JsonObject, unknown][] = [
    [schemas.plain!, { name: 'x', age: 1.5, tall: true, nothing: null }],
    [schemas.plain!, { name: 'x', age: 1, tall: true, nothing: null, more: 1 }],
    [schemas['oneOf that overlaps']!, { value: 1 }],
    [schemas['string bounds']!, { long: 'x', short: 'abcd', exact: '12345', zip: '1234', slug: 'a' }],
    [
      { type: 'array', uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    [{ type: 'array', contains: { const: 1 } }, [2]],
    [{ not: { type: 'string' } }, 'x'],
    [{ type: 'number', multipleOf: 0.1 }, 0.25],
  ];
  for (const [schema, value] of wrong) {
    expect(ajv.validate(schema, value)).toBe(false);
    expect(matches(schema, schema, value)).toBe(false);
  }
});

test("values come out of the user's words where they plainly fit", () => {
  const person = object({
    name: { type: 'string' },
    age: { type: 'integer' },
    email: { type: 'string', format: 'email' },
  });
  expect(make(person, 'Ada Lovelace is 36 and reads mail at ada@lovelace.org.')).toEqual({
    name: 'Ada Lovelace',
    age: 36,
    email: 'ada@lovelace.org',
  });
  expect(make(object({ zip: { type: 'string', pattern: '^\\d{5}$' } }), 'The zip is 94107.')).toEqual({ zip: '94107' });
});

test('optional fields stay away from a tool call unless the words give them', () => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' } },
    required: ['city'],
  };
  expect(make(schema, 'Weather in Oslo', 0, false)).toEqual({ city: 'Oslo' });
  expect(make(schema, 'Weather in Oslo for 3 days', 0, false)).toEqual({ city: 'Oslo', days: 3 });
});

test('a schema that wants too many values is refused, naming the field', () => {
  const wide = { type: 'array', minItems: 1000, items: { type: 'array', minItems: 1000, items: { type: 'integer' } } };
  expect(() => make(wide)).toThrow(/5,000/);
});

test('a hostile pattern is not run on what the user wrote', () => {
  const started = performance.now();
  make(object({ code: { type: 'string', pattern: '^(a+)+$' } }), `The code is ${'a'.repeat(60)}!`);
  expect(performance.now() - started).toBeLessThan(500);
});

function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomSchema(random: (below: number) => number, depth: number): JsonObject {
  switch (random(depth > 3 ? 6 : 10)) {
    case 0:
      return { type: 'string', minLength: random(9), maxLength: 9 + random(30) };
    case 1:
      return { type: 'integer', minimum: random(50) - 25, maximum: 25 + random(50) };
    case 2:
      return { type: 'number', exclusiveMinimum: random(10), maximum: 10 + random(9), multipleOf: 0.5 };
    case 3:
      return { enum: ['a', 'b', 'paris'].slice(random(3)) };
    case 4:
      return { type: random(2) ? 'boolean' : ['null', 'string'] };
    case 5:
      return { type: 'string', format: formats[random(formats.length)] };
    case 6:
      return { type: 'array', items: randomSchema(random, depth + 1), minItems: random(4), maxItems: 4 };
    case 7:
      return { anyOf: [randomSchema(random, depth + 1), randomSchema(random, depth + 1)] };
    default: {
      const names = ['name', 'city', 'count', 'date', 'items', 'query', 'price'].filter(() => random(2));
      return {
        type: 'object',
        properties: Object.fromEntries(names.map((name) => [name, randomSchema(random, depth + 1)])),
        required: names.filter(() => random(2)),
        additionalProperties: false,
      };
    }
  }
}
