import type { Citation } from '../../core/chat-request.ts';
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts';

const wire = 'anthropic-messages';

/** Any of Anthropic's citation objects as ours, kept whole in `native`. `start` and `end` are those of the cited text. */
export function readCitation(value: unknown, start?: number, end?: number): Citation {
  const native = asObject(value) ?? {};
  const citation: Citation = { native: { wire, value } };
  const title = asString(native.title) ?? asString(native.document_title);
  const source = asString(native.source);
  const url = asString(native.url) ?? (source && /^https?:/.test(source) ? source : undefined);
  const quote = asString(native.cited_text);
  if (title !== undefined) citation.title = title;
  if (url !== undefined) citation.url = url;
  if (quote !== undefined) citation.quote = quote;
  if (start !== undefined) citation.start = start;
  if (end !== undefined) citation.end = end;
  return citation;
}

/**
 * A citation for a caller: the native object when there is one, else a web search location made of the address. Undefined
 * when Anthropic has no form for it.
 */
export function buildCitation(citation: Citation): JsonObject | undefined {
  if (citation.native?.wire === wire && isObject(citation.native.value)) return citation.native.value;
  if (!citation.url) return undefined;
  return {
    type: 'web_search_result_location',
    url: citation.url,
    title: citation.title ?? null,
    cited_text: citation.quote ?? '',
    encrypted_index: '',
  };
}

/** The citation as the API takes it back in history: only its own, and a web result only with the index it was given. */
export function replayCitation(citation: Citation): JsonObject | undefined {
  if (citation.native?.wire !== wire || !isObject(citation.native.value)) return undefined;
  const native = citation.native.value;
  return native.type === 'web_search_result_location' && !native.encrypted_index ? undefined : native;
}
