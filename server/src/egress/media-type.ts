import type { RemotePart } from './remote-part.ts';

/** What an answer may say it is, for each kind of part. */
export const acceptedTypes: Record<RemotePart['type'], RegExp> = {
  image: /^(image\/|(application|binary)\/octet-stream$)/,
  document: /^(text\/|application\/|binary\/octet-stream$)/,
  audio: /^(audio\/|video\/|application\/(ogg|mp4|octet-stream)$|binary\/octet-stream$)/,
  video: /^(audio\/|video\/|application\/(ogg|mp4|octet-stream)$|binary\/octet-stream$)/,
};

/**
 * The media type of fetched bytes, without parameters; undefined when what the answer says and what the bytes begin with
 * do not agree, or when nothing says what they are. Images are PNG, JPEG, GIF or WebP: what every provider takes.
 */
export function settleMediaType(part: RemotePart, answered: string, bytes: Buffer): string | undefined {
  const said = answered === 'image/jpg' ? 'image/jpeg' : answered;
  const unsaid = /^(application|binary)\/octet-stream$/.test(said);
  const found = sniff(bytes);
  if (part.type === 'image') return found?.startsWith('image/') && (unsaid || said === found) ? found : undefined;
  if (unsaid) return found === 'application/pdf' ? found : part.source.mediaType;
  return said === 'application/pdf' && found !== said ? undefined : said;
}

/** How files begin, read as Latin-1. */
const signatures: readonly (readonly [type: string, start: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[\s\S]{4}WEBP/],
  // PDF 2.0, 7.5.2: readers look for the header in the first 1024 bytes.
  ['application/pdf', /%PDF-/],
];

function sniff(bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, 1024);
  return signatures.find(([, signature]) => signature.test(start))?.[0];
}
