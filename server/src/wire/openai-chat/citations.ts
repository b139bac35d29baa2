import type { Citation } from '../../core/chat-request.ts';
import { asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts';

/** A `url_citation` annotation as a citation, its own object kept; undefined for every other kind of annotation. */
export function readAnnotation(annotation: unknown): Citation | undefined {
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
  if (start !== undefined) citation.start = start;
  if (end !== undefined) citation.end = end;
  return citation;
}

/** A citation as OpenAI's annotation; undefined when it names no address, which the annotation cannot do without. */
export function writeAnnotation(citation: Citation): JsonObject | undefined {
  if (citation.native?.wire === 'openai-chat' && isObject(citation.native.value)) return citation.native.value;
  if (citation.url === undefined) return undefined;
  return {
    type: 'url_citation',
    url_citation: {
      // Both are required; 0 and 0 point at nothing where the provider did not say which words it means.
      start_index: citation.start ?? 0,
      end_index: citation.end ?? 0,
      title: citation.title ?? '',
      url: citation.url,
      ...(citation.quote !== undefined && { content: citation.quote }),
    },
  };
}
