import { asArray, isObject, type JsonObject } from '../../core/json.ts';
import { createFound, type Found } from './slot.ts';

type Gathering = ReturnType<typeof createFound>;

/** The texts of a Response, whole or one event of its stream, whose last events tell once more what the deltas told. */
export function openaiResponsesTexts(event: JsonObject): Found {
  const found = createFound();
  if (event.object === 'response') {
    readResponse(event, false, found);
    return found;
  }
  const type = String(event.type);
  const part = `${event.output_index}.${event.content_index ?? event.summary_index ?? ''}`;
  const kind = type.includes('reasoning') ? 'reasoning' : /arguments|_input/.test(type) ? 'arguments' : 'text';
  const dropLogprobs = () => {
    if (event.logprobs) event.logprobs = [];
  };
  if (
    /\.(?:output_text|refusal|reasoning_text|reasoning_summary_text|function_call_arguments|custom_tool_call_input|mcp_call_arguments|output_audio_transcript|audio\.transcript)\.delta$/.test(
      type,
    )
  ) {
    found.add(event, 'delta', { kind, choice: 0, part, whole: false }, dropLogprobs);
  } else if (type.endsWith('.done') || type.endsWith('.added')) {
    const repeated = { kind, choice: 0, part, whole: true, repeated: true } as const;
    for (const field of ['text', 'refusal', 'arguments', 'input', 'transcript'])
      found.add(event, field, repeated, dropLogprobs);
    if (isObject(event.part)) readPart(event.part, kind === 'reasoning' ? 'reasoning' : 'text', true, found);
    if (isObject(event.item)) {
      if (type.endsWith('.added') && /call$/.test(String(event.item.type)))
        found.begun.push({ kind: 'arguments', choice: 0 });
      readItem(event.item, true, found);
    }
    if (type.endsWith('.done')) found.end(0);
  } else if (isObject(event.response)) {
    readResponse(event.response, true, found);
    if (!/\.(?:created|in_progress|queued)$/.test(type)) found.end(0);
  }
  return found;
}

function readResponse(response: JsonObject, repeated: boolean, found: Gathering): void {
  found.add(response, 'instructions', { kind: 'echo', choice: 0, part: '', whole: true });
  for (const item of asArray(response.output)) if (isObject(item)) readItem(item, repeated, found);
}

function readItem(item: JsonObject, repeated: boolean, found: Gathering): void {
  const kind = item.type === 'reasoning' ? 'reasoning' : 'text';
  for (const part of [...asArray(item.content), ...asArray(item.summary)])
    if (isObject(part)) readPart(part, kind, repeated, found);
  const call = { kind: 'arguments', choice: 0, part: '', whole: true, repeated } as const;
  if (typeof item.type === 'string' && item.type.endsWith('call')) {
    found.add(item, 'arguments', call);
    found.add(item, 'input', call);
  }
}

function readPart(part: JsonObject, kind: 'text' | 'reasoning', repeated: boolean, found: Gathering): void {
  const slot = { kind, choice: 0, part: '', whole: true, repeated } as const;
  const dropLogprobs = () => {
    if (part.logprobs) part.logprobs = [];
  };
  found.add(part, 'text', slot, dropLogprobs);
  found.add(part, 'refusal', slot);
  found.add(part, 'transcript', slot);
}
