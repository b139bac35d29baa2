import type { AudioPart, DocumentPart, ImagePart, MediaSource, VideoPart } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';

/** Hands out document names for one request: what Converse allows, each used once. */
export type DocumentNames = (filename: string | undefined) => string;

const maxNameLength = 200;

/**
 * Converse document names: letters, digits, single spaces, hyphens, brackets and parentheses, unique in the request. The
 * extension is dropped, since the format says it and a full stop is not allowed.
 */
export function createDocumentNames(): DocumentNames {
  const used = new Set<string>();
  return (filename) => {
    const stem = (filename ?? '').replace(/\.[a-zA-Z0-9]{1,5}$/, '');
    const clean = stem
      .replace(/[^a-zA-Z0-9\s\-()[\]]/g, '-')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, maxNameLength - 8);
    const base = /[a-zA-Z0-9]/.test(clean) ? clean : 'document';
    let name = base;
    for (let number = 2; used.has(name); number++) name = `${base} (${number})`;
    used.add(name);
    return name;
  };
}

const imageFormats: Record<string, string> = { png: 'png', jpeg: 'jpeg', jpg: 'jpeg', gif: 'gif', webp: 'webp' };
const videoFormats: Record<string, string> = {
  mp4: 'mp4',
  quicktime: 'mov',
  mov: 'mov',
  'x-matroska': 'mkv',
  mkv: 'mkv',
  webm: 'webm',
  'x-flv': 'flv',
  flv: 'flv',
  mpeg: 'mpeg',
  mpg: 'mpg',
  'x-ms-wmv': 'wmv',
  wmv: 'wmv',
  '3gpp': 'three_gp',
};
const audioFormats: Record<string, string> = {
  wav: 'wav',
  'x-wav': 'wav',
  wave: 'wav',
  'vnd.wave': 'wav',
  mp3: 'mp3',
  mpeg: 'mp3',
  opus: 'opus',
  aac: 'aac',
  'x-aac': 'x-aac',
  flac: 'flac',
  'x-flac': 'flac',
  ogg: 'ogg',
  mp4: 'mp4',
  m4a: 'm4a',
  'x-m4a': 'm4a',
  webm: 'webm',
  pcm: 'pcm',
  l16: 'pcm',
};
const documentFormats: Record<string, string> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/markdown': 'md',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
};
const extensionFormats = new Set(Object.values(documentFormats));

/** `{image: {format, source}}`. Throws `unsupported_capability` for an address or a format Converse does not take. */
export function buildImage({ source }: ImagePart): JsonObject {
  return { image: { format: formatOf('image', source, imageFormats), source: bytesOrS3('image', source) } };
}

export function buildVideo({ source }: VideoPart): JsonObject {
  return { video: { format: formatOf('video', source, videoFormats), source: bytesOrS3('video', source) } };
}

export function buildAudio({ source, format }: AudioPart): JsonObject {
  const named = format === undefined ? undefined : audioFormats[format.toLowerCase()];
  return { audio: { format: named ?? formatOf('audio', source, audioFormats), source: bytesOrS3('audio', source) } };
}

/** `{document: {format, name, source, context?, citations?}}`. */
export function buildDocument(part: DocumentPart, names: DocumentNames): JsonObject {
  const { source, filename, citations, context } = part;
  return {
    document: {
      format: documentFormat(source, filename),
      name: names(filename),
      source: bytesOrS3('document', source),
      ...(context !== undefined && { context }),
      ...(citations !== undefined && { citations: { enabled: citations } }),
    },
  };
}

function documentFormat(source: MediaSource, filename: string | undefined): string {
  const mediaType = source.kind === 'file-id' ? undefined : baseType(source.mediaType);
  const known = mediaType === undefined ? undefined : documentFormats[mediaType];
  const extension = /\.([a-zA-Z]+)$/.exec(filename ?? (source.kind === 'url' ? source.url : ''))?.[1]?.toLowerCase();
  if (extension === 'md' && mediaType === 'text/plain') return 'md';
  if (known) return known;
  if (extension !== undefined && extensionFormats.has(extension)) return extension;
  if (mediaType?.startsWith('text/') || mediaType === 'application/json') return 'txt';
  throw unsupported(
    `Bedrock takes no document of type ${mediaType ?? 'unknown'}. Send pdf, docx, xlsx, csv, html, txt or md.`,
  );
}

function formatOf(what: string, source: MediaSource, formats: Record<string, string>): string {
  const mediaType = source.kind === 'file-id' ? undefined : baseType(source.mediaType);
  const subtype = mediaType?.split('/')[1];
  const extension = source.kind === 'url' ? /\.(\w+)$/.exec(source.url)?.[1]?.toLowerCase() : undefined;
  const format = formats[subtype ?? extension ?? ''];
  if (format) return format;
  const known = [...new Set(Object.values(formats))].join(', ');
  throw unsupported(`Bedrock takes no ${what} of type ${mediaType ?? 'unknown'}. Send one of ${known}.`);
}

const baseType = (mediaType: string | undefined): string | undefined =>
  mediaType?.split(';', 1)[0]?.trim().toLowerCase();

function bytesOrS3(what: string, source: MediaSource): JsonObject {
  if (source.kind === 'base64') return { bytes: source.data };
  if (source.kind === 'url' && source.url.startsWith('s3://')) return { s3Location: { uri: source.url } };
  if (source.kind === 'url') {
    throw unsupported(`Bedrock does not fetch a ${what} from an address. Send its bytes as base64.`);
  }
  throw unsupported(`Bedrock knows no file ids: the ${what} must be sent as base64.`);
}

const unsupported = (message: string) => new SluiceError('unsupported_capability', message, { param: 'messages' });
