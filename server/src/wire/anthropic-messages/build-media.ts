import type { DocumentPart, ImagePart, MediaSource } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { Building } from './building.ts';
import { cacheControl } from './cache-control.ts';
import { lose } from './lose.ts';

const imageTypes: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const dataUrl = /^data:([^;,]+)(?:;[^,]*)?;base64,([\s\S]*)$/;

/** An image block. Throws `unsupported_capability` for media types and addresses that this wire has no form for. */
export function buildImage(part: ImagePart, { request, quirks, losses }: Building): JsonObject {
  if (part.detail && part.detail !== 'auto') lose(losses, 'image_url.detail', 'Anthropic has no image detail');
  const source = unpack(part.source);
  return { type: 'image', source: buildSource(source), ...cacheControl(part.cache) };

  function buildSource(from: MediaSource): JsonObject {
    switch (from.kind) {
      case 'url':
        if (quirks.imageUrls === false) throw unsupported('This provider takes images only as base64, not by address.');
        return { type: 'url', url: webAddress(from.url) };
      case 'file-id':
        return { type: 'file', file_id: ownFile(from.id, request.dialect) };
      case 'base64': {
        const mediaType = from.mediaType.toLowerCase() === 'image/jpg' ? 'image/jpeg' : from.mediaType.toLowerCase();
        if (!imageTypes.has(mediaType)) {
          throw unsupported(`The model takes JPEG, PNG, GIF and WebP images, not ${from.mediaType}.`);
        }
        return { type: 'base64', media_type: mediaType, data: from.data };
      }
    }
  }
}

/** A document block: a PDF, or anything that is text. Throws `unsupported_capability` for other media types. */
export function buildDocument(part: DocumentPart, { request }: Building): JsonObject {
  return {
    type: 'document',
    source: buildDocumentSource(unpack(part.source), request.dialect),
    ...(part.filename && { title: part.filename }),
    ...(part.context && { context: part.context }),
    ...(part.citations !== undefined && { citations: { enabled: part.citations } }),
    ...cacheControl(part.cache),
  };
}

function buildDocumentSource(source: MediaSource, dialect: string): JsonObject {
  switch (source.kind) {
    case 'file-id':
      return { type: 'file', file_id: ownFile(source.id, dialect) };
    case 'url':
      if (source.mediaType && source.mediaType !== 'application/pdf') {
        throw unsupported(`The model takes documents by address only as PDF, not ${source.mediaType}.`);
      }
      return { type: 'url', url: webAddress(source.url) };
    case 'base64': {
      const mediaType = source.mediaType.toLowerCase();
      if (mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data: source.data };
      if (!mediaType.startsWith('text/') && mediaType !== 'application/json') {
        throw unsupported(`The model takes PDF and text documents, not ${source.mediaType}.`);
      }
      return { type: 'text', media_type: 'text/plain', data: Buffer.from(source.data, 'base64').toString('utf8') };
    }
  }
}

export const unsupported = (message: string): SluiceError =>
  new SluiceError('unsupported_capability', message, { param: 'messages' });

function unpack(source: MediaSource): MediaSource {
  const match = source.kind === 'url' ? dataUrl.exec(source.url) : null;
  return match ? { kind: 'base64', mediaType: match[1]!, data: match[2]! } : source;
}

function webAddress(url: string): string {
  if (/^https?:\/\//i.test(url)) return url;
  throw unsupported('Media by address must start with `https://` or `http://`.');
}

/** File ids belong to the provider that gave them. */
function ownFile(id: string, dialect: string): string {
  if (dialect === 'anthropic-messages') return id;
  throw unsupported('A file id of another provider means nothing to Anthropic. Send the file itself.');
}
