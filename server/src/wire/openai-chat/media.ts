import type { MediaSource } from '../../core/chat-request.ts';

const audioFormats: Record<string, string> = {
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  aac: 'audio/aac',
  flac: 'audio/flac',
  opus: 'audio/ogg',
  ogg: 'audio/ogg',
  m4a: 'audio/mp4',
  pcm16: 'audio/pcm',
};

const extensions: Record<string, string> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
  json: 'application/json',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** How the first base64 letters of known sound files look. */
const audioStarts: [string, string][] = [
  ['UklGR', 'audio/wav'],
  ['SUQz', 'audio/mpeg'],
  ['//', 'audio/mpeg'],
  ['ZkxhQ', 'audio/flac'],
  ['T2dnUw', 'audio/ogg'],
];

/** An address, or the content of a `data:` address (RFC 2397) as base64. */
export function readUrl(url: string): MediaSource {
  if (!url.startsWith('data:')) return { kind: 'url', url };
  const comma = url.indexOf(',');
  if (comma === -1) return { kind: 'url', url };
  const [mediaType = '', ...parameters] = url.slice(5, comma).split(';');
  const content = url.slice(comma + 1);
  const data = parameters.includes('base64')
    ? content
    : Buffer.from(decodeURIComponent(content), 'utf8').toString('base64');
  return { kind: 'base64', data, mediaType: mediaType || 'text/plain' };
}

export const dataUrl = (mediaType: string, data: string): string => `data:${mediaType};base64,${data}`;

export const audioMediaType = (format: string): string => audioFormats[format] ?? `audio/${format}`;

/** OpenAI's word for a sound's format, from the part's own or its media type. */
export function audioFormat(mediaType: string): string {
  const known = Object.entries(audioFormats).find(([, type]) => type === mediaType);
  return known?.[0] ?? mediaType.replace(/^audio\/(x-)?/, '');
}

/** Chat Completions never says what kind of sound it sends; the first bytes do. Headerless sound is 16-bit PCM. */
export const sniffAudio = (data: string): string =>
  audioStarts.find(([start]) => data.startsWith(start))?.[1] ?? 'audio/pcm';

export function mediaTypeOfFile(filename: string | undefined): string {
  const extension = filename?.slice(filename.lastIndexOf('.') + 1).toLowerCase() ?? '';
  return extensions[extension] ?? 'application/pdf';
}

export function filenameFor(mediaType: string): string {
  const known = Object.entries(extensions).find(([, type]) => type === mediaType);
  return `document.${known?.[0] ?? mediaType.slice(mediaType.indexOf('/') + 1)}`;
}

/** Pieces of base64 as one: cuts of one encoding are put together, pieces that were encoded apart are decoded first. */
export function joinBase64(pieces: readonly string[]): string {
  const apart = pieces.slice(0, -1).some((piece) => piece.endsWith('='));
  return apart
    ? Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64'))).toString('base64')
    : pieces.join('');
}
