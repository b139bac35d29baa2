import type { ChatEvent } from '../../core/chat-event.ts';
import type { OpaquePart, ReasoningPart } from '../../core/chat-request.ts';
import { asString, isObject, type JsonObject } from '../../core/json.ts';
import type { Signature } from '../../core/signature.ts';
import { createReasoningReader } from './reasoning-reader.ts';

export interface ReplayedReasoning {
  blocks: (ReasoningPart | OpaquePart)[];
  /** A signature that was on the text of the message. */
  textSignature?: Signature;
  /** Signatures of tool calls, by the id of the call. */
  callSignatures: Map<string, Signature>;
}

const nothing: ReplayedReasoning = { blocks: [], callSignatures: new Map() };

/** The thinking that a caller gives back in an assistant message: `reasoning_content`, `reasoning` and `reasoning_details`. */
export function parseReasoning(message: JsonObject): ReplayedReasoning {
  const { reasoning_content, reasoning, reasoning_details } = message;
  if (!reasoning_content && !reasoning && !reasoning_details) return nothing;
  const events: ChatEvent[] = [];
  const reader = createReasoningReader(0);
  reader.read(message, events);
  reader.close(events);

  const callIds = new Set(
    Array.isArray(message.tool_calls)
      ? message.tool_calls.map((call: unknown) => (isObject(call) ? asString(call.id) : undefined))
      : [],
  );
  const replayed: ReplayedReasoning = { blocks: [], callSignatures: new Map() };
  let block: ReasoningPart | undefined;
  for (const event of events) {
    if (event.type === 'opaque')
      replayed.blocks.push({ type: 'opaque', wire: event.wire, what: event.what, value: event.value });
    if (event.type === 'reasoning-delta') {
      block ??= { type: 'reasoning', text: '' };
      block.text += event.text;
      if (event.summary) block.summary = true;
    }
    if (event.type !== 'reasoning-end') continue;
    const { signature, redacted, id } = event;
    const bare = !block && redacted === undefined;
    // OpenRouter keeps Gemini's signature of a call under the id of the call.
    if (bare && signature && (signature.on === 'call' || (id !== undefined && callIds.has(id)))) {
      if (id !== undefined) replayed.callSignatures.set(id, { ...signature, on: 'call' });
    } else if (bare && signature?.on === 'text') {
      replayed.textSignature = signature;
    } else {
      const part: ReasoningPart = block ?? { type: 'reasoning', text: '' };
      if (signature) part.signature = signature;
      if (redacted !== undefined) part.redacted = redacted;
      if (id !== undefined) part.id = id;
      replayed.blocks.push(part);
    }
    block = undefined;
  }
  return replayed;
}
