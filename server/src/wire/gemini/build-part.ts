import type { AudioPart, DocumentPart, ImagePart, MediaSource, VideoPart } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import type { WireQuirks } from '../wire.ts';
import { lose } from './losses.ts';
import { guessMediaType } from './media-types.ts';

export type MediaPart = ImagePart | AudioPart | VideoPart | DocumentPart;

/** Media as a part: `inlineData` by value, `fileData` by address. Undefined, with a loss, when Gemini cannot take it. */
export function buildMedia(part: MediaPart, losses: Loss[], quirks: WireQuirks): JsonObject | undefined {
  noteLosses(part, losses);
  return buildSource(part.source, part.type, losses, quirks);
}

function buildSource(
  source: MediaSource,
  kind: MediaPart['type'],
  losses: Loss[],
  quirks: WireQuirks,
): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      return { inlineData: { mimeType: source.mediaType, data: source.data } };
    case 'url':
      if (quirks.imageUrls === false) {
        lose(losses, `${kind}_url`, 'this provider takes media by value only');
        return undefined;
      }
      return { fileData: { fileUri: source.url, mimeType: source.mediaType ?? guessMediaType(source.url, kind) } };
    case 'file-id':
      if (!/^(files\/|https?:|gs:)/.test(source.id)) {
        lose(losses, 'file_id', "the file lies at another provider's");
        return undefined;
      }
      return { fileData: { fileUri: source.id, mimeType: guessMediaType(source.id, kind) } };
  }
}

function noteLosses(part: MediaPart, losses: Loss[]): void {
  if (part.cache) lose(losses, 'cache_control', 'Gemini caches by itself');
  if (part.type === 'image' && part.detail !== undefined && part.detail !== 'auto')
    lose(losses, 'image_url.detail', 'Gemini has no detail of one image');
  if (part.type !== 'document') return;
  if (part.filename !== undefined) lose(losses, 'file.filename', 'Gemini takes no file names');
  if (part.citations) lose(losses, 'document.citations', 'Gemini cites no given documents');
  if (part.context !== undefined) lose(losses, 'document.context', 'Gemini has no context of a document');
}
