import type { Citation } from '../../core/chat-request.ts';
import { asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts';
import { toCodePoints, toUtf16 } from '../openai-responses/code-points.ts';

/**
 * A `url_citation` annotation of `text` as a citation, its own object kept; undefined for every other kind of annotation.
 * OpenAI counts offsets in code points, Sluice in UTF-16 units.
 */
export function readAnnotation(annotation: unknown, text: string): Citation | undefined {
  if (!isObject(annotation)) return undefined;
  const cited = asObject(annotation.url_citation);
  if (!cited) return undefined;
  const citation: Citation = { native: { wire: 'openai-chat', value: annotation } };
  const title = asString(cited.title);
  const url = asString(cited.url);
  // OpenRouter adds the words it found.
  const quote = asString(cited.content);
  const start = asNumber(cited.start_index);
  const end = asNumber(cited.end_index);
  if (title !== undefined) citation.title = title;
  if (url !== undefined) citation.url = url;
  if (quote !== undefined) citation.quote = quote;
  if (start !== undefined) citation.start = toUtf16(text, start);
  if (end !== undefined) citation.end = toUtf16(text, end);
  return citation;
}

/** A citation of `text` as OpenAI's annotation; undefined when it names no address, which the annotation cannot do without. */
export function writeAnnotation(citation: Citation, text: string): JsonObject | undefined {
  if (citation.native?.wire === 'openai-chat' && isObject(citation.native.value)) return citation.native.value;
  if (citation.url === undefined) return undefined;
  return {
    type: 'url_citation',
    url_citation: {
      // Both are required; where the provider did not say which words it means they point behind the text.
      start_index: toCodePoints(text, citation.start ?? citation.end ?? text.length),
      end_index: toCodePoints(text, citation.end ?? citation.start ?? text.length),
      title: citation.title ?? '',
      url: citation.url,
      ...(citation.quote !== undefined && { content: citation.quote }),
    },
  };
}
