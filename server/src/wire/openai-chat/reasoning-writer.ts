import type { ChatEvent } from '../../core/chat-event.ts';
import type { ReasoningPart } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Signature } from '../../core/signature.ts';
import { encryptedEntry, writeReasoningEntries } from './reasoning-details.ts';

export interface ReasoningWriter {
  /** Remembers a piece of readable thinking, which leaves as `reasoning_content` at once. */
  add(text: string, summary: boolean): void;
  /** The entries of `reasoning_details` that are due at the end of a block. */
  end(event: ChatEvent & { type: 'reasoning-end' }): JsonObject[];
  /** The entry for a signature of the text. */
  sign(signature: Signature): JsonObject[];
}

/**
 * Thinking streams as `reasoning_content`. Once a block has a signature or hidden content, all blocks so far follow in
 * `reasoning_details` with their text whole, so that what the caller gives back is complete by itself.
 */
export function createReasoningWriter(): ReasoningWriter {
  let block: ReasoningPart = { type: 'reasoning', text: '' };
  let waiting: ReasoningPart[] = [];
  let sealed = false;
  let index = 0;

  return {
    add(text, summary) {
      block.text += text;
      if (summary) block.summary = true;
    },
    end({ signature, redacted, id }) {
      if (signature) block.signature = signature;
      if (redacted !== undefined) block.redacted = redacted;
      if (id !== undefined) block.id = id;
      waiting.push(block);
      block = { type: 'reasoning', text: '' };
      sealed ||= signature !== undefined || redacted !== undefined || id !== undefined;
      if (!sealed) return [];
      const due = waiting;
      waiting = [];
      return due.flatMap((part) => writeReasoningEntries(part, index++));
    },
    sign: (signature) => [encryptedEntry(signature, index++)],
  };
}
