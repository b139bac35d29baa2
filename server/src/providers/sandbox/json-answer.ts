import type { ResponseFormat } from '../../core/chat-request.ts';
import { type JsonObject, tryParseJson } from '../../core/json.ts';
import { createHints } from './hints.ts';
import { generateValue } from './schema/generate-value.ts';
import type { Ask, Reply } from './text/ask.ts';

/** The answer as JSON text: an instance of the schema, or for `json_object` an object with the keys that the user names. */
export function composeJson(ask: Ask, format: Exclude<ResponseFormat, { type: 'text' }>, reply: Reply): string {
  const template = format.type === 'json' ? fillTemplate(ask.text) : undefined;
  if (template !== undefined) return template;
  const asked = format.type === 'json-schema' ? format.schema : schemaFromWords(ask.text);
  if (!asked) return JSON.stringify({ answer: reply.number ?? reply.text, sandbox: true });
  // The names of the keys are no values for them.
  const words = format.type === 'json' ? ask.text.replace(keyList, '') : ask.text;
  return JSON.stringify(
    generateValue(asked, {
      hints: () => createHints(words),
      variation: ask.variation,
      fillOptional: true,
      param: 'response_format',
      answer: { text: reply.text, ...(reply.number !== undefined && { number: reply.number }) },
    }),
  );
}

/** Bare JSON when the words alone ask for nothing but JSON and say which keys it has. */
export function jsonReply(ask: Ask): Reply | undefined {
  if (!/\bjson\b/i.test(ask.text) || !/\b(?:only|just|raw|nothing (?:but|else)|no prose|no markdown)\b/i.test(ask.text))
    return undefined;
  const text =
    fillTemplate(ask.text) ?? (schemaFromWords(ask.text) && composeJson(ask, { type: 'json' }, { text: '' }));
  return text === undefined ? undefined : { text, exact: true };
}

const typeSamples = new Map([
  ['string', '"example"'],
  ['number', '1'],
  ['integer', '1'],
  ['int', '1'],
  ['float', '1.5'],
  ['boolean', 'true'],
  ['bool', 'true'],
]);

/** `{"user": {"name": string, "pets": [string, string]}}` with a sample for each type; undefined when there is no such form. */
function fillTemplate(text: string): string | undefined {
  const form = /\{[\s\S]*\}/.exec(text)?.[0];
  if (form === undefined) return undefined;
  let filled = 0;
  const json = form.replace(/"[^"\n]*"|\b[a-z]+\b/g, (word) => {
    const sample = typeSamples.get(word);
    if (sample !== undefined) filled++;
    return sample ?? word;
  });
  const value = filled === 0 ? undefined : tryParseJson(json);
  return value === undefined ? undefined : JSON.stringify(value);
}

const keyList = /\b(?:keys?|fields?|propert(?:y|ies)|attributes?)\b([\s\S]{1,400})/i;
const key = /["'“`]([\p{L}_][\p{L}\p{N}_-]{0,40})["'”`]\s*(?:\(([^)]{1,60})\)|:\s*(\w+))?/gu;

/** `with keys "name" (a string) and "age" (a number)` as a schema; undefined when the words name no keys. */
function schemaFromWords(text: string): JsonObject | undefined {
  const list = keyList.exec(text)?.[1];
  const properties: JsonObject = {};
  for (const [, name, inBrackets, afterColon] of (list ?? '').matchAll(key))
    properties[name!] = typeFromWords(inBrackets ?? afterColon ?? '');
  const names = Object.keys(properties);
  return names.length === 0 ? undefined : { type: 'object', properties, required: names };
}

function typeFromWords(words: string): JsonObject {
  if (/array|list/i.test(words))
    return { type: 'array', items: /number|integer/i.test(words) ? { type: 'integer' } : { type: 'string' } };
  if (/integer|\bint\b|number|numeric/i.test(words)) return { type: 'integer' };
  if (/bool|true|false/i.test(words)) return { type: 'boolean' };
  return /object/i.test(words) ? { type: 'object' } : { type: 'string' };
}
