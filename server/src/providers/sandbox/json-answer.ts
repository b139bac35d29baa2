import type { ResponseFormat } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { createHints } from './hints.ts';
import { generateValue } from './schema/generate-value.ts';
import type { Ask, Reply } from './text/ask.ts';

/** The answer as JSON text: an instance of the schema, or for `json_object` an object with the keys that the user names. */
export function composeJson(ask: Ask, format: Exclude<ResponseFormat, { type: 'text' }>, reply: Reply): string {
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
