import { fileTypeFromBuffer } from 'file-type';

/** Kinds that models read as they are. Everything else must be text. */
const known = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/pdf',
  'audio/mpeg',
  'audio/wav',
  'audio/ogg',
  'audio/flac',
  'audio/mp4',
  'audio/x-m4a',
  'audio/webm',
  'video/webm',
]);

/**
 * What a file is, by what is in it: a caller's word for it and its name count for nothing. Undefined for what no model can be given.
 * Text must be UTF-8.
 */
export async function mediaTypeOf(content: Uint8Array): Promise<string | undefined> {
  const found = await fileTypeFromBuffer(content);
  if (found && known.has(found.mime)) {
    // A recording of a browser is WebM without pictures.
    return found.mime === 'video/webm' ? 'audio/webm' : found.mime;
  }
  // XML (and SVG with it) is text to a model; nothing here shows it as anything else.
  if (found && found.mime !== 'application/xml') return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return text.includes('\0') ? undefined : 'text/plain';
  } catch {
    return undefined;
  }
}
