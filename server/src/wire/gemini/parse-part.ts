import type { Part, ToolCallPart, ToolResultPart } from '../../core/chat-request.ts';
import { asString, isObject, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { mediaKind, standardBase64 } from './media-types.ts';
import { asList, camelKeys, present } from './names.ts';
import { readThoughtSignature } from './thought-signature.ts';

/** Gives a call its id, and a result the id of its call, when Gemini left them out. */
export interface CallMatcher {
  callId(id: string | undefined, name: string): string;
  resultId(id: string | undefined, name: string): string;
}

/** One part of the caller's contents. Throws `invalid_request` with the path; what only Gemini knows becomes opaque. */
export function parsePart(raw: unknown, path: string, matcher: CallMatcher): Part {
  if (!isObject(raw)) throw invalidRequest(`${path} must be an object such as {"text": "…"}.`, path);
  const part = camelKeys(raw);
  const { thoughtSignature } = part;
  if (present(thoughtSignature) && typeof thoughtSignature !== 'string')
    throw invalidRequest(`${path}.thoughtSignature must be a base64 string.`, `${path}.thoughtSignature`);
  if (present(part.text)) return parseText(part, path);
  if (present(part.functionCall)) return parseCall(part, path, matcher);
  if (present(part.functionResponse)) return parseResult(part, path, matcher);
  if (present(part.inlineData) || present(part.fileData)) return parseMedia(part, raw, path);
  if (part.thought === true || present(thoughtSignature)) return parseText({ ...part, text: '' }, path);
  const what = Object.keys(part)[0];
  if (what === undefined) throw invalidRequest(`${path} is empty. Give it text, inlineData or another field.`, path);
  return { type: 'opaque', wire: 'gemini', what, value: raw };
}

function parseText(part: JsonObject, path: string): Part {
  if (typeof part.text !== 'string') throw invalidRequest(`${path}.text must be a string.`, `${path}.text`);
  const signed = asString(part.thoughtSignature);
  if (part.thought === true) {
    return { type: 'reasoning', text: part.text, ...(signed && readThoughtSignature(signed, 'thought')) };
  }
  const signature = signed === undefined ? undefined : readThoughtSignature(signed, 'text').signature;
  return { type: 'text', text: part.text, ...(signature && { signature }) };
}

function parseCall(part: JsonObject, path: string, matcher: CallMatcher): ToolCallPart {
  const call = objectAt(part.functionCall, `${path}.functionCall`);
  const name = nameAt(call.name, `${path}.functionCall.name`);
  if (present(call.args) && !isObject(call.args))
    throw invalidRequest(`${path}.functionCall.args must be an object.`, `${path}.functionCall.args`);
  const signed = asString(part.thoughtSignature);
  const signature = signed === undefined ? undefined : readThoughtSignature(signed, 'call').signature;
  return {
    type: 'tool-call',
    id: matcher.callId(idAt(call.id, `${path}.functionCall.id`), name),
    name,
    arguments: JSON.stringify(call.args ?? {}),
    ...(signature && { signature }),
  };
}

function parseResult(part: JsonObject, path: string, matcher: CallMatcher): ToolResultPart {
  const at = `${path}.functionResponse`;
  const result = objectAt(part.functionResponse, at);
  const name = nameAt(result.name, `${at}.name`);
  if (present(result.response) && !isObject(result.response))
    throw invalidRequest(`${at}.response must be an object, e.g. {"result": …}.`, `${at}.response`);
  const { text, isError } = readResponse((result.response ?? {}) as JsonObject);
  const media = asList(result.parts).flatMap((value, index) => {
    const parsed = parsePart(value, `${at}.parts[${index}]`, matcher);
    return isResultMedia(parsed) ? [parsed] : [];
  });
  return {
    type: 'tool-result',
    callId: matcher.resultId(idAt(result.id, `${at}.id`), name),
    name,
    parts: [...(text === '' && media.length > 0 ? [] : [{ type: 'text' as const, text }]), ...media],
    ...(isError && { isError }),
  };
}

const isResultMedia = (part: Part): part is Exclude<ToolResultPart['parts'][number], { type: 'text' }> =>
  part.type === 'image' || part.type === 'audio' || part.type === 'video' || part.type === 'document';

/** Google names `output` and `error` as the keys with a meaning; `result` is what its own samples use. */
function readResponse(response: JsonObject): { text: string; isError: boolean } {
  const keys = Object.keys(response);
  if (keys.length === 0) return { text: '', isError: false };
  const [key] = keys;
  if (keys.length === 1 && key !== undefined) {
    const value = response[key];
    if (key === 'error') return { text: typeof value === 'string' ? value : JSON.stringify(response), isError: true };
    if ((key === 'result' || key === 'output') && typeof value === 'string') return { text: value, isError: false };
  }
  return { text: JSON.stringify(response), isError: false };
}

function parseMedia(part: JsonObject, raw: JsonObject, path: string): Part {
  // Neutral video has no place for clipping and frame rate: the part stays whole for Gemini.
  if (present(part.videoMetadata)) return { type: 'opaque', wire: 'gemini', what: 'videoMetadata', value: raw };
  if (present(part.inlineData)) {
    const at = `${path}.inlineData`;
    const blob = objectAt(part.inlineData, at);
    if (typeof blob.mimeType !== 'string' || blob.mimeType === '')
      throw invalidRequest(`${at}.mimeType must name the media type, e.g. "image/png".`, `${at}.mimeType`);
    if (typeof blob.data !== 'string') throw invalidRequest(`${at}.data must be a base64 string.`, `${at}.data`);
    const source = { kind: 'base64' as const, data: standardBase64(blob.data), mediaType: blob.mimeType };
    const filename = asString(blob.displayName);
    return mediaPart(mediaKind(blob.mimeType), source, part, filename);
  }
  const at = `${path}.fileData`;
  const file = objectAt(part.fileData, at);
  if (typeof file.fileUri !== 'string' || file.fileUri === '')
    throw invalidRequest(`${at}.fileUri must be the address of the file.`, `${at}.fileUri`);
  const mediaType = asString(file.mimeType);
  const source = { kind: 'url' as const, url: file.fileUri, ...(mediaType !== undefined && { mediaType }) };
  const isVideoSite = /^https:\/\/(www\.)?(youtube\.com|youtu\.be)\//.test(file.fileUri);
  const kind = mediaType === undefined ? (isVideoSite ? 'video' : 'document') : mediaKind(mediaType);
  return mediaPart(kind, source, part, asString(file.displayName));
}

type Source = Extract<Part, { type: 'image' }>['source'];

function mediaPart(
  kind: ReturnType<typeof mediaKind>,
  source: Source,
  part: JsonObject,
  filename: string | undefined,
): Part {
  switch (kind) {
    case 'image': {
      const level = isObject(part.mediaResolution) ? asString(part.mediaResolution.level) : undefined;
      const detail = level === undefined ? undefined : details[level];
      return { type: 'image', source, ...(detail && { detail }) };
    }
    case 'audio': {
      const format = source.kind === 'base64' ? audioFormat(source.mediaType) : undefined;
      return { type: 'audio', source, ...(format && { format }) };
    }
    case 'video':
      return { type: 'video', source };
    case 'document':
      return { type: 'document', source, ...(filename !== undefined && { filename }) };
  }
}

const details: Record<string, 'low' | 'auto' | 'high' | 'original'> = {
  MEDIA_RESOLUTION_LOW: 'low',
  MEDIA_RESOLUTION_MEDIUM: 'auto',
  MEDIA_RESOLUTION_HIGH: 'high',
  MEDIA_RESOLUTION_ULTRA_HIGH: 'original',
};

const audioFormat = (mediaType: string): string =>
  (mediaType.slice('audio/'.length).split(';')[0] ?? '').replace(/^x-/, '').replace(/^mpeg$/, 'mp3');

function objectAt(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw invalidRequest(`${path} must be an object.`, path);
  return camelKeys(value);
}

function nameAt(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '')
    throw invalidRequest(`${path} must be the name of the function.`, path);
  return value;
}

function idAt(value: unknown, path: string): string | undefined {
  if (!present(value) || value === '') return undefined;
  if (typeof value !== 'string') throw invalidRequest(`${path} must be a string.`, path);
  return value;
}
