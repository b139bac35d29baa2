import type { ToolResultPart } from '../../core/chat-request.ts';
import { isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import type { WireQuirks } from '../wire.ts';
import { buildMedia } from './build-part.ts';
import { isMadeCallId } from './call-ids.ts';
import { lose } from './losses.ts';

export interface BuiltResult {
  response: JsonObject;
  /** Media that a function response cannot hold; they follow it in the same content. */
  beside: JsonObject[];
}

// Gemini 3 reads these inside a function response (https://ai.google.dev/gemini-api/docs/function-calling, "Multimodal").
const inside = /^(image\/(png|jpeg|webp)|application\/pdf|text\/plain)$/;

/** A tool result as a `functionResponse` part. `mediaInside`: the model reads media within it (Gemini 3 and newer). */
export function buildToolResult(
  part: ToolResultPart,
  name: string,
  { mediaInside, losses, quirks }: { mediaInside: boolean; losses: Loss[]; quirks: WireQuirks },
): BuiltResult {
  if (part.cache) lose(losses, 'cache_control', 'Gemini caches by itself');
  const texts: string[] = [];
  const parts: JsonObject[] = [];
  const beside: JsonObject[] = [];
  for (const piece of part.parts) {
    if (piece.type === 'text') {
      if (piece.text !== '') texts.push(piece.text);
      continue;
    }
    const media = buildMedia(piece, losses, quirks);
    if (!media) continue;
    const fits = mediaInside && piece.source.kind === 'base64' && inside.test(piece.source.mediaType);
    (fits ? parts : beside).push(media);
  }
  const functionResponse: JsonObject = {
    ...(!isMadeCallId(part.callId) && { id: part.callId }),
    name,
    response: responseOf(texts.join('\n'), part.isError === true),
  };
  if (parts.length > 0) functionResponse.parts = parts;
  return { response: { functionResponse }, beside };
}

function responseOf(text: string, isError: boolean): JsonObject {
  const json = text.trimStart().startsWith('{') ? tryParseJson(text) : undefined;
  if (isObject(json)) return !isError || 'error' in json ? json : { error: json };
  return isError ? { error: text } : { result: text };
}
