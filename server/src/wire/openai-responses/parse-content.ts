import type { AudioPart, CacheMarker, DocumentPart, ImagePart, MediaSource, Part } from '../../core/chat-request.ts';
import { asArray, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { parseAnnotation } from './annotations.ts';
import { objectAt, optionalStringAt, stringAt } from './checks.ts';

/** Unknown content parts keep this prefix before their type, which tells them from items. */
export const contentPrefix = 'content.';

/** The content of a message: a string or a list of parts. Empty text is left out. */
export function parseContent(content: unknown, path: string): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalidRequest(`\`${path}\` must be a string or an array of parts.`, path);
  const parts: Part[] = [];
  for (let index = 0; index < content.length; index++) {
    const part = parseContentPart(content[index], `${path}[${index}]`);
    if (part) parts.push(part);
  }
  return parts;
}

function parseContentPart(value: unknown, path: string): Part | undefined {
  const part = objectAt(value, path);
  const type = stringAt(part.type, `${path}.type`);
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return parseText(part, path);
    case 'refusal':
      return { type: 'refusal', text: stringAt(part.refusal, `${path}.refusal`) };
    case 'input_image':
      return parseImage(part, path);
    case 'input_file':
      return parseFile(part, path);
    case 'input_audio':
      return parseAudio(part, path);
    default:
      return { type: 'opaque', wire: 'openai-responses', what: contentPrefix + type, value: part };
  }
}

function parseText(part: JsonObject, path: string): Part | undefined {
  const text = stringAt(part.text, `${path}.text`);
  if (text === '') return undefined;
  const citations = asArray(part.annotations).flatMap((annotation) => parseAnnotation(annotation, text, 0) ?? []);
  return { type: 'text', text, ...(citations.length > 0 && { citations }), ...cacheOf(part) };
}

const details: ReadonlySet<unknown> = new Set(['low', 'high', 'auto', 'original']);

function parseImage(part: JsonObject, path: string): ImagePart {
  const url = optionalStringAt(part.image_url, `${path}.image_url`);
  const id = optionalStringAt(part.file_id, `${path}.file_id`);
  const { detail } = part;
  if (detail !== undefined && detail !== null && !details.has(detail)) {
    throw invalidRequest(`\`${path}.detail\` must be low, high, auto or original.`, `${path}.detail`);
  }
  let source: MediaSource;
  if (url !== undefined) source = sourceOf(url, `${path}.image_url`);
  else if (id !== undefined) source = { kind: 'file-id', id };
  else throw invalidRequest(`\`${path}\` needs \`image_url\` or \`file_id\`.`, path);
  return { type: 'image', source, ...(detail ? { detail: detail as ImagePart['detail'] } : {}), ...cacheOf(part) };
}

function parseFile(part: JsonObject, path: string): DocumentPart {
  const filename = optionalStringAt(part.filename, `${path}.filename`);
  const data = optionalStringAt(part.file_data, `${path}.file_data`);
  const url = optionalStringAt(part.file_url, `${path}.file_url`);
  const id = optionalStringAt(part.file_id, `${path}.file_id`);
  let source: MediaSource;
  if (data !== undefined) {
    source = data.startsWith('data:')
      ? sourceOf(data, `${path}.file_data`)
      : { kind: 'base64', data, mediaType: mediaTypeOf(filename) };
  } else if (url !== undefined) source = sourceOf(url, `${path}.file_url`);
  else if (id !== undefined) source = { kind: 'file-id', id };
  else throw invalidRequest(`\`${path}\` needs \`file_data\`, \`file_url\` or \`file_id\`.`, path);
  return { type: 'document', source, ...(filename !== undefined && { filename }), ...cacheOf(part) };
}

function parseAudio(part: JsonObject, path: string): AudioPart {
  const audio = objectAt(part.input_audio, `${path}.input_audio`);
  const format = stringAt(audio.format, `${path}.input_audio.format`);
  const data = stringAt(audio.data, `${path}.input_audio.data`);
  const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format}`;
  return { type: 'audio', source: { kind: 'base64', data, mediaType }, format };
}

/** A web address, or a `data:` address taken apart. */
function sourceOf(url: string, path: string): MediaSource {
  if (!url.startsWith('data:')) return { kind: 'url', url };
  const comma = url.indexOf(',');
  const header = url.slice('data:'.length, comma);
  if (comma === -1 || !header.endsWith(';base64')) {
    throw invalidRequest(`\`${path}\` must be \`data:<media type>;base64,<data>\` or a web address.`, path);
  }
  const mediaType = header.slice(0, header.indexOf(';')) || 'application/octet-stream';
  return { kind: 'base64', data: url.slice(comma + 1), mediaType };
}

const mediaTypes: Record<string, string> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
};

/** OpenAI takes bare base64 too and goes by the name; a file without a telling name is read as the PDF it mostly is. */
const mediaTypeOf = (filename: string | undefined): string =>
  mediaTypes[filename?.slice(filename.lastIndexOf('.') + 1).toLowerCase() ?? ''] ?? 'application/pdf';

const cacheOf = (part: JsonObject): { cache?: CacheMarker } => (part.prompt_cache_breakpoint ? { cache: {} } : {});
