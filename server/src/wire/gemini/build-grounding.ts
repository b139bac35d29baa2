import type { Citation } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { byteOfIndex } from './text-offsets.ts';

/** Citations of one run of text: `base` is where it begins in the whole, in UTF-8 bytes, or the index of its own part. */
export interface CitedText {
  text: string;
  citations: Citation[];
  partIndex?: number;
  baseByte?: number;
}

/** Citations of other providers as `groundingMetadata`: each source once, each cited place a support. */
export function groundingOf(runs: CitedText[]): JsonObject | undefined {
  const chunks: JsonObject[] = [];
  const supports: JsonObject[] = [];
  const known = new Map<string, number>();
  for (const { text, citations, partIndex, baseByte = 0 } of runs) {
    for (const citation of citations) {
      const key = JSON.stringify([citation.url, citation.title, citation.url === undefined ? citation.quote : '']);
      let index = known.get(key);
      if (index === undefined) {
        index = chunks.push(chunkOf(citation)) - 1;
        known.set(key, index);
      }
      const { start, end } = citation;
      if (start === undefined || end === undefined) continue;
      supports.push({
        segment: {
          ...(partIndex !== undefined && partIndex > 0 && { partIndex }),
          startIndex: baseByte + byteOfIndex(text, start),
          endIndex: baseByte + byteOfIndex(text, end),
          text: text.slice(start, end),
        },
        groundingChunkIndices: [index],
      });
    }
  }
  if (chunks.length === 0) return undefined;
  return { groundingChunks: chunks, ...(supports.length > 0 && { groundingSupports: supports }) };
}

function chunkOf({ url, title, quote }: Citation): JsonObject {
  const source = { ...(url !== undefined && { uri: url }), ...(title !== undefined && { title }) };
  // Only retrieved text has a place for the words of the source.
  if (url === undefined || quote !== undefined)
    return { retrievedContext: { ...source, ...(quote !== undefined && { text: quote }) } };
  return { web: source };
}

/** Whether Gemini's own metadata tells the citation already. */
export const isNative = (citation: Citation): boolean => citation.native?.wire === 'gemini';
