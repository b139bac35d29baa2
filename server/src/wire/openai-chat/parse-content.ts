import { z } from 'zod';
import type { CacheMarker, MediaSource, Part, TextPart, ToolResultPart } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { audioMediaType, mediaTypeOfFile, readUrl } from './media.ts';
import { thinkingText } from './reasoning-reader.ts';
import { check, refuse } from './request-schema.ts';

const string = z.string('must be a string');
const imageSchema = z.looseObject(
  { url: string, detail: z.enum(['auto', 'low', 'high', 'original'], 'must be one of auto, low, high').nullish() },
  'must be an object with a `url`',
);
const urlSchema = z.looseObject({ url: string }, 'must be an object with a `url`');
const audioSchema = z.looseObject({ data: string, format: string }, 'must be an object with `data` and `format`');
const fileSchema = z.looseObject(
  { file_data: string.nullish(), file_id: string.nullish(), filename: string.nullish() },
  'must be an object with `file_data` or `file_id`',
);
const cacheSchema = z.looseObject(
  { ttl: z.enum(['5m', '1h'], 'must be 5m or 1h').nullish() },
  'must be an object such as {"type": "ephemeral"}',
);

/** Message content: a string, a list of parts, or nothing. Part types that are not known stay whole for this wire. */
export function parseContent(content: unknown, path: string): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (content === null || content === undefined) return [];
  if (!Array.isArray(content)) throw refuse(path, 'must be a string or an array of content parts');
  return content.map((part: unknown, at) => parsePart(part, `${path}[${at}]`));
}

/** The content of a tool message. What has no place in a tool result is kept as its JSON text. */
export function parseToolResult(content: unknown, path: string): ToolResultPart['parts'] {
  return parseContent(content, path).map((part): ToolResultPart['parts'][number] => {
    switch (part.type) {
      case 'text':
      case 'image':
      case 'audio':
      case 'video':
      case 'document':
        return part;
      case 'opaque':
        return { type: 'text', text: JSON.stringify(part.value) } satisfies TextPart;
      default:
        throw refuse(path, `cannot hold a ${part.type} part`);
    }
  });
}

/** `cache_control` (Anthropic's, as OpenRouter and LiteLLM take it) or OpenAI's `prompt_cache_breakpoint`. */
export function parseCache(holder: JsonObject, path: string): { cache?: CacheMarker } {
  if (isObject(holder.prompt_cache_breakpoint)) return { cache: {} };
  if (holder.cache_control === undefined || holder.cache_control === null) return {};
  const { ttl } = check(cacheSchema, holder.cache_control, `${path}.cache_control`);
  return { cache: ttl ? { ttl } : {} };
}

function parsePart(part: unknown, path: string): Part {
  if (!isObject(part)) throw refuse(path, 'must be a content part, an object with a `type`');
  const cache = parseCache(part, path);
  switch (part.type) {
    case 'text':
      return { type: 'text', text: check(string, part.text, `${path}.text`), ...cache };
    case 'refusal':
      return { type: 'refusal', text: check(string, part.refusal, `${path}.refusal`) };
    case 'thinking':
      return { type: 'reasoning', text: thinkingText(part) };
    case 'image_url': {
      // Mistral's own form has the address alone.
      const image = typeof part.image_url === 'string' ? { url: part.image_url } : part.image_url;
      const { url, detail } = check(imageSchema, image, `${path}.image_url`);
      return { type: 'image', source: readUrl(url), ...(detail && { detail }), ...cache };
    }
    case 'input_audio': {
      const { data, format } = check(audioSchema, part.input_audio, `${path}.input_audio`);
      const inline = readUrl(data);
      const source: MediaSource =
        inline.kind === 'base64' ? inline : { kind: 'base64', data, mediaType: audioMediaType(format) };
      return { type: 'audio', source, format, ...cache };
    }
    case 'audio_url':
      return { type: 'audio', source: readUrl(check(urlSchema, part.audio_url, `${path}.audio_url`).url), ...cache };
    case 'video_url':
      return { type: 'video', source: readUrl(check(urlSchema, part.video_url, `${path}.video_url`).url), ...cache };
    case 'file':
      return parseFile(part.file, `${path}.file`, cache);
    default:
      if (typeof part.type !== 'string') throw refuse(`${path}.type`, 'must be a string that names the kind of part');
      return { type: 'opaque', wire: 'openai-chat', what: part.type, value: part };
  }
}

function parseFile(file: unknown, path: string, cache: { cache?: CacheMarker }): Part {
  const { file_data: data, file_id: id, filename } = check(fileSchema, file, path);
  const name = filename ? { filename } : {};
  if (id) return { type: 'document', source: { kind: 'file-id', id }, ...name, ...cache };
  if (!data) throw refuse(path, 'must have `file_data` or `file_id`');
  const source: MediaSource = /^(data:|https?:)/.test(data.slice(0, 6))
    ? readUrl(data)
    : { kind: 'base64', data, mediaType: mediaTypeOfFile(filename ?? undefined) };
  return { type: 'document', source, ...name, ...cache };
}
