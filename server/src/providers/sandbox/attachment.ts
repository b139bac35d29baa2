import { Buffer } from 'node:buffer';

/** Something that came with the text. `bytes` is undefined when only an address or a file id was given. */
export interface Attachment {
  kind: 'image' | 'audio' | 'document';
  mediaType?: string;
  bytes?: number;
  width?: number;
  height?: number;
  filename?: string;
  url?: string;
  fileId?: string;
  /** The words of a plain-text document. */
  text?: string;
}

const dataUrl = /^data:([^;,]*)(?:;[^,]*)?,/;

/** An attachment from a `data:` URL, bare base64 or a web address. Nothing is fetched: the sandbox is offline. */
export function readAttachment(kind: Attachment['kind'], source: string, mediaType?: string): Attachment {
  if (/^https?:/i.test(source)) return { kind, url: source };
  const header = dataUrl.exec(source.slice(0, 256))?.[0] ?? '';
  const type = dataUrl.exec(header)?.[1] || mediaType;
  const data = source.slice(header.length);
  const attachment: Attachment = { kind, bytes: base64Bytes(data), ...(type && { mediaType: type }) };
  if (kind === 'image') Object.assign(attachment, pngSize(data));
  if (kind === 'document' && type?.startsWith('text/')) attachment.text = Buffer.from(data, 'base64').toString('utf8');
  return attachment;
}

/** In words: `an image (image/png, 640x480 pixels, 12.3 kB)`. */
export function describeAttachment(attachment: Attachment): string {
  const facts: string[] = [];
  if (attachment.filename) facts.push(attachment.filename);
  if (attachment.mediaType) facts.push(attachment.mediaType);
  if (attachment.width) facts.push(`${attachment.width}x${attachment.height} pixels`);
  if (attachment.bytes !== undefined) facts.push(describeBytes(attachment.bytes));
  if (attachment.url) facts.push(`at ${attachment.url.slice(0, 120)}, not fetched`);
  if (attachment.fileId) facts.push(`file id ${attachment.fileId}`);
  const article = attachment.kind === 'document' ? 'a' : 'an';
  return `${article} ${attachment.kind}${attachment.kind === 'audio' ? ' clip' : ''}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`;
}

/** A fixed price for an image (OpenAI's low-detail figure), the words of a text, else one token for every 64 bytes. */
export const attachmentTokens = (attachment: Attachment, countText: (text: string) => number): number =>
  attachment.kind === 'image'
    ? 85
    : attachment.text !== undefined
      ? countText(attachment.text)
      : Math.max(1, Math.ceil((attachment.bytes ?? 0) / 64));

function base64Bytes(data: string): number {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return Math.max(0, Math.floor((data.length * 3) / 4) - padding);
}

// PNG puts width and height, big-endian, at bytes 16 and 20 (https://www.w3.org/TR/png-3/#11IHDR).
function pngSize(data: string): { width: number; height: number } | undefined {
  if (!data.startsWith('iVBORw0KGgo')) return undefined;
  const head = Buffer.from(data.slice(0, 32), 'base64');
  return head.length < 24 ? undefined : { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

function describeBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
