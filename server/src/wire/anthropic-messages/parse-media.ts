import type { DocumentPart, ImagePart, MediaSource, OpaquePart } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { readCache } from './cache-control.ts';
import { check } from './check.ts';
import * as schemas from './request-schemas.ts';
import { type SideFields, sidePaths } from './side-fields.ts';

const imageFields: ReadonlySet<string> = new Set(['type', 'source', 'cache_control']);

export const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** An image block; a source of a kind that is not known yet leaves the block whole for this wire. */
export function parseImage(block: JsonObject, path: string, side: SideFields): ImagePart | OpaquePart {
  const source = parseSource(block.source, `${path}.source`, undefined);
  if (!source) return { type: 'opaque', wire: 'anthropic-messages', what: 'image', value: block };
  side.keepRest(sidePaths.image, path, block, imageFields);
  const part: ImagePart = { type: 'image', source };
  const cache = readCache(block, path);
  if (cache) part.cache = cache;
  return part;
}

/** A document block. Text becomes a text/plain document; content blocks (which are cited block by block) stay whole. */
export function parseDocument(block: JsonObject, path: string): DocumentPart | OpaquePart {
  const source = parseSource(block.source, `${path}.source`, 'application/pdf');
  if (!source) return { type: 'opaque', wire: 'anthropic-messages', what: 'document', value: block };
  const { title, context, citations } = check(schemas.documentSchema, block, path);
  const part: DocumentPart = { type: 'document', source };
  if (title) part.filename = title;
  if (context) part.context = context;
  if (typeof citations?.enabled === 'boolean') part.citations = citations.enabled;
  const cache = readCache(block, path);
  if (cache) part.cache = cache;
  return part;
}

function parseSource(value: unknown, path: string, urlMediaType: string | undefined): MediaSource | undefined {
  const { type } = check(schemas.sourceSchema, value, path);
  switch (type) {
    case 'base64': {
      const { media_type, data } = check(schemas.base64Source, value, path);
      return { kind: 'base64', data, mediaType: media_type };
    }
    case 'url': {
      const { url } = check(schemas.urlSource, value, path);
      return urlMediaType ? { kind: 'url', url, mediaType: urlMediaType } : { kind: 'url', url };
    }
    case 'file':
      return { kind: 'file-id', id: check(schemas.fileSource, value, path).file_id };
    case 'text':
      return { kind: 'base64', data: toBase64(check(schemas.textSource, value, path).data), mediaType: 'text/plain' };
    case 'content': {
      const { content } = check(schemas.contentSource, value, path);
      if (typeof content !== 'string') return undefined;
      return { kind: 'base64', data: toBase64(content), mediaType: 'text/plain' };
    }
    default:
      return undefined;
  }
}
