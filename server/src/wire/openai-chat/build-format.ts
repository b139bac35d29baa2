import type { ResponseFormat } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { Writing } from './writing.ts';

/**
 * `response_format`. Where a provider knows no JSON Schema the schema is asked for in words, which is a loss; a caller who
 * demanded `strict` is refused instead, since nothing would hold the model to the schema.
 */
export function addFormat(body: JsonObject, { request, quirks, refuses, lose }: Writing): void {
  const format = request.responseFormat;
  if (!format) return;
  const can = refuses('response_format') ? 'none' : (quirks.jsonSchema ?? 'json_schema');
  if (format.type === 'text') {
    if (can !== 'none') body.response_format = { type: 'text' };
    return;
  }
  if (format.type === 'json') {
    if (can !== 'none') body.response_format = { type: 'json_object' };
    else {
      lose('response_format', 'the provider has no JSON mode; it is asked for in words');
      instruct(body, 'Answer with one JSON object and nothing else.');
    }
    return;
  }
  if (can === 'json_schema') {
    body.response_format = { type: 'json_schema', json_schema: nativeSchema(format) };
    return;
  }
  if (format.strict) {
    throw new SluiceError('unsupported_capability', 'This provider cannot hold an answer to a strict JSON Schema.', {
      param: 'response_format.json_schema.strict',
    });
  }
  lose('response_format.json_schema', 'the provider has no JSON Schema mode; it is asked for in words');
  if (can === 'json_object') body.response_format = { type: 'json_object' };
  const described = format.description === undefined ? '' : ` (${format.description})`;
  instruct(
    body,
    `Answer with one JSON object and nothing else. It must fit this JSON Schema${described}: ${JSON.stringify(format.schema)}`,
  );
}

function nativeSchema({ name, description, schema, strict }: ResponseFormat & { type: 'json-schema' }): JsonObject {
  return {
    name,
    ...(description !== undefined && { description }),
    schema,
    ...(strict !== undefined && { strict }),
  };
}

/** Puts an instruction after the system messages that open the conversation. */
function instruct(body: JsonObject, content: string): void {
  const messages = body.messages as JsonObject[];
  const first = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  messages.splice(first === -1 ? messages.length : first, 0, { role: 'system', content });
}
