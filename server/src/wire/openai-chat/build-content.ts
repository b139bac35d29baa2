import type { CacheMarker, DocumentPart, ImagePart, MediaSource, Part } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { audioFormat, audioMediaType, dataUrl, filenameFor } from './media.ts';
import { notSupported, type Writing } from './writing.ts';

/** Content parts of a message that may hold media, in order; what cannot be carried is left out and recorded. */
export function buildParts(parts: readonly Part[], writing: Writing): JsonObject[] {
  return parts.map((part) => buildPart(part, writing)).filter((part) => part !== undefined);
}

/** One plain text goes as a string, which every server understands; anything else as a list. */
export function stringOrList(parts: JsonObject[]): string | JsonObject[] {
  const [only] = parts;
  const plain = parts.length === 1 && only?.type === 'text' && only.cache_control === undefined;
  return plain ? (only.text as string) : parts;
}

export function cacheField(cache: CacheMarker | undefined, { refuses, lose }: Writing): JsonObject {
  if (!cache) return {};
  if (refuses('cache_control')) {
    lose('cache_control', notSupported);
    return {};
  }
  return { cache_control: { type: 'ephemeral', ...(cache.ttl && { ttl: cache.ttl }) } };
}

/** A part as a content part, or undefined when the message has no place for it. */
function buildPart(part: Part, writing: Writing): JsonObject | undefined {
  const { lose, refuses } = writing;
  switch (part.type) {
    case 'text':
      if (part.text.trim() === '') return undefined;
      return { type: 'text', text: part.text, ...cacheField(part.cache, writing) };
    case 'image':
      return buildImage(part, writing);
    case 'audio':
      return buildAudio(part.source, part.format, part.cache, writing);
    case 'video': {
      const url = urlOf(part.source);
      if (url === undefined || refuses('video_url')) {
        lose('messages[].content[].video_url', url === undefined ? 'a file id means nothing here' : notSupported);
        return undefined;
      }
      return { type: 'video_url', video_url: { url }, ...cacheField(part.cache, writing) };
    }
    case 'document':
      return buildDocument(part, writing);
    case 'refusal':
      return part.text === '' ? undefined : { type: 'text', text: part.text };
    case 'opaque':
      if (part.wire === 'openai-chat' && isObject(part.value)) return part.value;
      lose(part.what, 'only its own provider can read it');
      return undefined;
    default:
      lose(`messages[].content[].${part.type}`, 'this message cannot hold it');
      return undefined;
  }
}

function buildImage({ source, detail, cache }: ImagePart, writing: Writing): JsonObject | undefined {
  const url = urlOf(source);
  if (url === undefined) {
    writing.lose('messages[].content[].image file_id', 'Chat Completions takes images by address or content only');
    return undefined;
  }
  if (source.kind === 'url' && writing.quirks.imageUrls === false) {
    throw new SluiceError(
      'unsupported_capability',
      'This provider takes no images by address. Send the image itself as a data: URL.',
      { param: 'messages[].content[].image_url.url' },
    );
  }
  if (writing.refuses('image_url')) {
    writing.lose('messages[].content[].image_url', notSupported);
    return undefined;
  }
  if (detail === 'original') writing.lose('messages[].content[].detail', 'Chat Completions has no detail original');
  const known = detail === 'original' ? undefined : detail;
  return { type: 'image_url', image_url: { url, ...(known && { detail: known }) }, ...cacheField(cache, writing) };
}

function buildAudio(
  source: MediaSource,
  format: string | undefined,
  cache: CacheMarker | undefined,
  writing: Writing,
): JsonObject | undefined {
  if (source.kind === 'file-id') {
    writing.lose('messages[].audio', 'a file id means nothing here');
    return undefined;
  }
  if (source.kind === 'url') {
    if (!writing.refuses('audio_url'))
      return { type: 'audio_url', audio_url: { url: source.url }, ...cacheField(cache, writing) };
    writing.lose('messages[].content[].audio_url', notSupported);
    return undefined;
  }
  if (writing.refuses('input_audio')) {
    writing.lose('messages[].content[].input_audio', notSupported);
    return undefined;
  }
  const known = format ?? audioFormat(source.mediaType || audioMediaType('wav'));
  return { type: 'input_audio', input_audio: { data: source.data, format: known }, ...cacheField(cache, writing) };
}

function buildDocument(part: DocumentPart, writing: Writing): JsonObject | undefined {
  const { lose, refuses, request } = writing;
  const { source, filename, cache } = part;
  if (part.citations) lose('messages[].content[].citations', 'Chat Completions cites no documents');
  if (source.kind === 'base64' && source.mediaType.startsWith('text/')) {
    // Providers take PDFs as files; a plain text is read by every model as text.
    const title = [filename, part.context].filter((line) => line !== undefined && line !== '').join('\n');
    const text = Buffer.from(source.data, 'base64').toString('utf8');
    if (text.trim() === '') return undefined;
    return { type: 'text', text: title === '' ? text : `${title}\n\n${text}`, ...cacheField(cache, writing) };
  }
  if (part.context !== undefined) lose('messages[].content[].context', 'a file part has no place for it');
  if (refuses('file')) {
    lose('messages[].content[].file', notSupported);
    return undefined;
  }
  if (source.kind === 'file-id') return { type: 'file', file: { file_id: source.id }, ...cacheField(cache, writing) };
  if (source.kind === 'url' && request.dialect !== 'openai-chat') {
    lose('messages[].content[].document url', 'Chat Completions takes documents by content only');
    return undefined;
  }
  const file =
    source.kind === 'url'
      ? { ...(filename && { filename }), file_data: source.url }
      : {
          filename: filename ?? filenameFor(source.mediaType),
          file_data: dataUrl(source.mediaType, source.data),
        };
  return { type: 'file', file, ...cacheField(cache, writing) };
}

/** The address of a medium, its content as a `data:` URL when it has none. */
function urlOf(source: MediaSource): string | undefined {
  if (source.kind === 'url') return source.url;
  return source.kind === 'base64' ? dataUrl(source.mediaType, source.data) : undefined;
}
