import type { Citation } from '../../core/chat-request.ts';
import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { toCodePoints, toUtf16 } from './code-points.ts';

/**
 * An annotation of an `output_text` part as a citation. OpenAI counts offsets in code points of that part's text; ours are
 * UTF-16 units, `base` units further when the part's text continues an earlier part's.
 */
export function parseAnnotation(value: unknown, text: string, base: number): Citation | undefined {
  const annotation = asObject(value);
  if (!annotation) return undefined;
  const citation: Citation = { native: { wire: 'openai-responses', value: annotation } };
  const title = asString(annotation.title) ?? asString(annotation.filename);
  const url = asString(annotation.url);
  const start = asNumber(annotation.start_index) ?? asNumber(annotation.index);
  const end = asNumber(annotation.end_index) ?? asNumber(annotation.index);
  if (title !== undefined) citation.title = title;
  if (url !== undefined) citation.url = url;
  if (start !== undefined) citation.start = base + toUtf16(text, start);
  if (end !== undefined) citation.end = base + toUtf16(text, end);
  return citation;
}

/**
 * A citation as an annotation of `text`; undefined when it has neither OpenAI's own form nor an address (`file_citation`
 * needs a file id that other providers do not have). Without a place in the text it stands at the end of what was said.
 */
export function buildAnnotation(citation: Citation, text: string): JsonObject | undefined {
  const own = citation.native?.wire === 'openai-responses' ? asObject(citation.native.value) : undefined;
  const start = toCodePoints(text, citation.start ?? citation.end ?? text.length);
  const end = toCodePoints(text, citation.end ?? citation.start ?? text.length);
  if (own) {
    if (own.start_index !== undefined) return { ...own, start_index: start, end_index: end };
    return own.index === undefined ? own : { ...own, index: start };
  }
  if (citation.url === undefined) return undefined;
  return {
    type: 'url_citation',
    start_index: start,
    end_index: end,
    title: citation.title ?? citation.url,
    url: citation.url,
  };
}
