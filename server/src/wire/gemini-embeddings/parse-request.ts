import type { EmbeddingsRequest } from '../../core/embeddings.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { asList, camelKeys, present } from '../gemini/names.ts';
import { modelName } from '../gemini/parse-request.ts';

interface OneInput {
  text: string;
  content: unknown;
  hasMedia: boolean;
  settings: JsonObject;
}

const settingNames = ['taskType', 'title', 'outputDimensionality'];

/**
 * A body of embedContent or batchEmbedContents (https://ai.google.dev/api/embeddings) as a request; without `address` a body
 * with `requests` is a batch. Settings that differ between the requests of a batch, and contents with media, are kept in
 * `extensions.gemini` under the field's name: `requests[].taskType`, `requests[].content`.
 */
export function parseRequest(body: unknown, address?: { model: string; batch: boolean }): EmbeddingsRequest {
  if (!isObject(body)) throw invalidRequest('The body must be a JSON object with content or requests.');
  const { requests, ...single } = camelKeys(body);
  const batch = address?.batch ?? present(requests);
  const items = batch ? asList(requests) : [single];
  if (items.length === 0) throw invalidRequest('requests must hold at least one request.', 'requests');
  const inputs = items.map((item, index) => parseOne(item, batch ? `requests[${index}].` : ''));
  const extensions: JsonObject = {};
  const shared = sharedSettings(inputs, extensions);
  if (inputs.some(({ hasMedia }) => hasMedia)) extensions['requests[].content'] = inputs.map(({ content }) => content);
  const [first] = items;
  return {
    dialect: 'gemini',
    model: address?.model ?? modelName(isObject(first) ? first.model : undefined),
    inputs: inputs.map(({ text }) => text),
    ...shared,
    encodingFormat: 'float',
    batch,
    extensions: Object.keys(extensions).length > 0 ? { gemini: extensions } : {},
  };
}

function parseOne(raw: unknown, prefix: string): OneInput {
  if (!isObject(raw)) throw invalidRequest(`${prefix}content must be given.`, `${prefix}content`);
  const { content, model: _, embedContentConfig, ...settings } = camelKeys(raw);
  if (isObject(embedContentConfig)) Object.assign(settings, camelKeys(embedContentConfig));
  checkSettings(settings, prefix);
  const parts = typeof content === 'string' ? [{ text: content }] : isObject(content) ? asList(content.parts) : [];
  if (parts.length === 0)
    throw invalidRequest(`${prefix}content must hold parts such as {"text": "…"}.`, `${prefix}content`);
  const texts: string[] = [];
  let hasMedia = false;
  for (const [index, part] of parts.entries()) {
    const at = `${prefix}content.parts[${index}]`;
    if (!isObject(part)) throw invalidRequest(`${at} must be an object such as {"text": "…"}.`, at);
    if (typeof part.text === 'string') texts.push(part.text);
    else if (present(part.text)) throw invalidRequest(`${at}.text must be a string.`, `${at}.text`);
    else hasMedia = true;
  }
  const text = texts.join('\n');
  if (text === '' && !hasMedia) throw invalidRequest(`${prefix}content must not be empty.`, `${prefix}content`);
  return { text, content, hasMedia, settings };
}

function checkSettings({ taskType, title, outputDimensionality }: JsonObject, prefix: string): void {
  if (present(taskType) && typeof taskType !== 'string')
    throw invalidRequest(`${prefix}taskType must be a string such as "RETRIEVAL_QUERY".`, `${prefix}taskType`);
  if (present(title) && typeof title !== 'string')
    throw invalidRequest(`${prefix}title must be a string.`, `${prefix}title`);
  const isCount = Number.isInteger(outputDimensionality) && (outputDimensionality as number) >= 1;
  if (present(outputDimensionality) && !isCount)
    throw invalidRequest(
      `${prefix}outputDimensionality must be a whole number of at least 1.`,
      `${prefix}outputDimensionality`,
    );
}

/** What all inputs agree on goes into the request; the rest is kept as a list, one entry an input. */
function sharedSettings(
  inputs: OneInput[],
  extensions: JsonObject,
): Pick<EmbeddingsRequest, 'taskType' | 'title' | 'dimensions'> {
  const shared: JsonObject = {};
  const names = new Set(inputs.flatMap(({ settings }) => Object.keys(settings)));
  for (const name of names) {
    const values = inputs.map(({ settings }) => settings[name] ?? null);
    if (values.every((value) => value === null)) continue;
    if (settingNames.includes(name) && values.every((value) => value === values[0])) shared[name] = values[0];
    else extensions[`requests[].${name}`] = values;
  }
  const { taskType, title, outputDimensionality } = shared;
  return {
    ...(typeof taskType === 'string' && { taskType }),
    ...(typeof title === 'string' && { title }),
    ...(typeof outputDimensionality === 'number' && { dimensions: outputDimensionality }),
  };
}
