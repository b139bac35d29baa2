import type {
  AudioPart,
  CacheMarker,
  DocumentPart,
  ImagePart,
  MediaSource,
  TextPart,
  VideoPart,
} from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { buildAnnotation } from './annotations.ts';
import type { InputContext } from './build-input.ts';

/** A part of a system, user or tool message. Throws `unsupported_capability` for what the Responses API cannot take. */
export function buildInputPart(
  part: TextPart | ImagePart | AudioPart | VideoPart | DocumentPart,
  context: InputContext,
): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text, ...breakpoint(part.cache, context) };
    case 'image':
      return {
        type: 'input_image',
        detail: part.detail ?? 'auto',
        ...imageSource(part.source, context),
        ...breakpoint(part.cache, context),
      };
    case 'document':
      return buildFile(part, context);
    case 'audio':
      return buildAudio(part);
    case 'video':
      throw new SluiceError(
        'unsupported_capability',
        'The OpenAI Responses API takes no video: send frames as images.',
      );
  }
}

/** Text that the assistant wrote before, with the citations that have a place in it. */
export function buildAssistantText(part: TextPart, context: InputContext): JsonObject {
  const annotations: JsonObject[] = [];
  for (const citation of part.citations ?? []) {
    const annotation = buildAnnotation(citation, part.text);
    if (annotation) annotations.push(annotation);
    else context.lose('citations', 'OpenAI cites by web address or file id only');
  }
  if (part.cache) context.lose('cache_control', 'OpenAI takes no marker on an assistant message');
  return { type: 'output_text', text: part.text, annotations };
}

function imageSource(source: MediaSource, context: InputContext): JsonObject {
  switch (source.kind) {
    case 'url':
      if (context.quirks.imageUrls === false) {
        throw new SluiceError('unsupported_capability', 'The provider takes no image by address: send it as base64.');
      }
      return { image_url: source.url };
    case 'base64':
      return { image_url: `data:${source.mediaType};base64,${source.data}` };
    case 'file-id':
      return { file_id: source.id };
  }
}

function buildFile(part: DocumentPart, context: InputContext): JsonObject {
  if (part.citations) context.lose('citations', 'OpenAI cannot be asked to cite a document of the message');
  if (part.context !== undefined) context.lose('context', 'OpenAI files carry no context');
  const { filename, source } = part;
  const file: JsonObject = { type: 'input_file', ...breakpoint(part.cache, context) };
  switch (source.kind) {
    case 'url':
      file.file_url = source.url;
      break;
    case 'base64':
      // The name is required beside data; its ending tells OpenAI how to read it.
      file.filename = filename ?? `document.${endings[source.mediaType] ?? 'pdf'}`;
      file.file_data = `data:${source.mediaType};base64,${source.data}`;
      break;
    case 'file-id':
      file.file_id = source.id;
      break;
  }
  if (filename !== undefined && source.kind === 'url') file.filename = filename;
  return file;
}

const endings: Record<string, string> = {
  'application/pdf': 'pdf',
  'text/plain': 'txt',
  'text/markdown': 'md',
  'text/csv': 'csv',
  'text/html': 'html',
  'application/json': 'json',
};

function buildAudio({ source, format }: AudioPart): JsonObject {
  if (source.kind !== 'base64') {
    throw new SluiceError('unsupported_capability', 'The OpenAI Responses API takes audio as base64 data only.');
  }
  const ending = source.mediaType.replace(/^audio\/(x-)?/, '');
  return {
    type: 'input_audio',
    input_audio: { data: source.data, format: format ?? (ending === 'mpeg' ? 'mp3' : ending) },
  };
}

/** OpenAI caches by itself and only its newest models know marks: they go out when the caller wrote OpenAI's own. */
function breakpoint(cache: CacheMarker | undefined, context: InputContext): JsonObject {
  if (!cache) return {};
  if (context.request.dialect === 'openai-responses') return { prompt_cache_breakpoint: { mode: 'explicit' } };
  context.lose('cache_control', 'OpenAI caches prompts by itself');
  return {};
}
