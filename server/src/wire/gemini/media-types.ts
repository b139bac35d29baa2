/** The kind of neutral part that holds a media type. */
export function mediaKind(mediaType: string): 'image' | 'audio' | 'video' | 'document' {
  if (mediaType.startsWith('image/')) return 'image';
  if (mediaType.startsWith('audio/')) return 'audio';
  if (mediaType.startsWith('video/')) return 'video';
  return 'document';
}

const byExtension: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  bmp: 'image/bmp',
  wav: 'audio/wav',
  mp3: 'audio/mp3',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  aiff: 'audio/aiff',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mpeg: 'video/mpeg',
  mpg: 'video/mpeg',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
  json: 'application/json',
  xml: 'text/xml',
};

const usual = { image: 'image/jpeg', audio: 'audio/wav', video: 'video/mp4', document: 'application/pdf' };

/** The media type of an address by its extension, else the usual one of its kind. */
export function guessMediaType(url: string, kind: 'image' | 'audio' | 'video' | 'document'): string {
  const extension = /\.([a-z0-9]{2,5})(?:[?#].*)?$/i.exec(url)?.[1]?.toLowerCase();
  const guessed = extension === undefined ? undefined : byExtension[extension];
  return guessed !== undefined && mediaKind(guessed) === kind ? guessed : usual[kind];
}

/** Standard base64: Google's SDKs may send the URL-safe alphabet, which other providers refuse. */
export function standardBase64(data: string): string {
  if (!data.includes('-') && !data.includes('_')) return data;
  return data.replaceAll('-', '+').replaceAll('_', '/');
}
