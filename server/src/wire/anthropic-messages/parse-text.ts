import type { TextPart } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { readCache } from './cache-control.ts';
import { wrong } from './check.ts';
import { readCitation } from './citations.ts';

/** A text block with its cache marker and, in an assistant's turn, its citations. */
export function parseText(block: JsonObject, path: string): TextPart {
  if (typeof block.text !== 'string')
    throw wrong(`${path}.text`, block.text === undefined ? 'is required' : 'must be a string');
  const part: TextPart = { type: 'text', text: block.text };
  const cache = readCache(block, path);
  if (cache) part.cache = cache;
  if (Array.isArray(block.citations) && block.citations.length > 0) {
    part.citations = block.citations.map((citation) => readCitation(citation));
  }
  return part;
}
