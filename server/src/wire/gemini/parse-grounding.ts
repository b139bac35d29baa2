import type { Citation } from '../../core/chat-request.ts';
import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { indexOfByte } from './text-offsets.ts';

/**
 * `groundingMetadata` as citations of `text`, the answer's text so far (its last text part). Google counts UTF-8 bytes; the
 * words that it repeats in `segment.text` settle where parts or thoughts shift the count.
 */
export function citationsOf(grounding: JsonObject, text: string): Citation[] {
  const chunks = asArray(grounding.groundingChunks).map((chunk) => asObject(chunk) ?? {});
  const cited = new Set<number>();
  const citations: Citation[] = [];
  for (const raw of asArray(grounding.groundingSupports)) {
    const support = asObject(raw) ?? {};
    const place = placeOf(asObject(support.segment) ?? {}, text);
    for (const index of asArray(support.groundingChunkIndices)) {
      const chunk = typeof index === 'number' ? chunks[index] : undefined;
      if (!chunk) continue;
      cited.add(index as number);
      citations.push({ ...sourceOf(chunk), ...place, native: { wire: 'gemini', value: { chunk, support } } });
    }
  }
  for (const [index, chunk] of chunks.entries()) {
    if (!cited.has(index)) citations.push({ ...sourceOf(chunk), native: { wire: 'gemini', value: { chunk } } });
  }
  return citations;
}

/** `citationMetadata` (passages close to a known source) as citations. */
export function recitationsOf(metadata: JsonObject, text: string): Citation[] {
  return asArray(metadata.citations ?? metadata.citationSources).map((raw) => {
    const source = asObject(raw) ?? {};
    const title = asString(source.title);
    const url = asString(source.uri);
    return {
      ...(title !== undefined && { title }),
      ...(url !== undefined && { url }),
      ...placeOf(source, text),
      native: { wire: 'gemini', value: source },
    };
  });
}

function sourceOf(chunk: JsonObject): Pick<Citation, 'title' | 'url' | 'quote'> {
  const source = asObject(chunk.web ?? chunk.retrievedContext ?? chunk.maps ?? chunk.image) ?? {};
  const title = asString(source.title);
  const url = asString(source.uri) ?? asString(source.sourceUri);
  const quote = chunk.retrievedContext === undefined ? undefined : asString(source.text);
  return {
    ...(title !== undefined && { title }),
    ...(url !== undefined && { url }),
    ...(quote !== undefined && { quote }),
  };
}

function placeOf(segment: JsonObject, text: string): { start?: number; end?: number } {
  const endByte = asNumber(segment.endIndex);
  const words = asString(segment.text);
  const start = indexOfByte(text, asNumber(segment.startIndex) ?? 0);
  const end = endByte === undefined ? undefined : indexOfByte(text, endByte);
  const counted = start !== undefined && end !== undefined;
  if (counted && (words === undefined || text.slice(start, end) === words)) return { start, end };
  const found = words === undefined || words === '' ? -1 : text.indexOf(words);
  return found === -1 ? {} : { start: found, end: found + words!.length };
}
