import type { Part, ReasoningPart } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { encryptedEntry, writeReasoningEntries } from './reasoning-details.ts';
import type { Writing } from './writing.ts';

/**
 * The past thinking of an assistant message in the provider's own field. OpenRouter's `reasoning_details` carries every
 * vendor's signatures; the plain fields carry text, and signed or hidden thinking of another vendor is left out. Without
 * `reasoningField` nothing is sent: OpenAI, Groq and Mistral refuse fields they do not know.
 */
export function replayReasoning(parts: readonly Part[], { quirks, lose }: Writing): JsonObject {
  const field = quirks.reasoningField ?? 'none';
  if (field === 'reasoning_details') return replayDetails(parts);

  let text = '';
  for (const part of parts) {
    if (part.type === 'text' && part.signature) lose('thinking signature', 'it is of another provider');
    if (part.type === 'opaque' && part.what === 'reasoning_details' && part.wire === 'openai-chat')
      lose('messages[].reasoning_details', 'the provider takes no thinking back in this form');
    if (part.type !== 'reasoning') continue;
    if (isSealed(part)) lose('thinking signature', 'it is of another provider');
    else if (field === 'none') lose('messages[].reasoning_content', 'the provider takes no thinking back');
    else text += part.text;
  }
  return text === '' ? {} : { [field]: text };
}

function replayDetails(parts: readonly Part[]): JsonObject {
  const entries: unknown[] = [];
  let index = 0;
  for (const part of parts) {
    if (part.type === 'reasoning') entries.push(...writeReasoningEntries(bare(part), index++));
    else if (part.type === 'opaque' && part.what === 'reasoning_details') entries.push(part.value);
    else if (part.type === 'tool-call' && part.signature)
      // OpenRouter finds the signature of a call by the id of the call.
      entries.push(encryptedEntry({ ...part.signature, on: 'thought' }, index++, part.id));
    else if (part.type === 'text' && part.signature)
      entries.push(encryptedEntry({ ...part.signature, on: 'thought' }, index++));
  }
  return entries.length > 0 ? { reasoning_details: entries } : {};
}

/** A provider gets its signature as it gave it, without the gateway's note of what it was on. */
const bare = (part: ReasoningPart): ReasoningPart =>
  part.signature ? { ...part, signature: { ...part.signature, on: 'thought' } } : part;

const isSealed = (part: ReasoningPart): boolean => part.signature !== undefined || part.redacted !== undefined;
