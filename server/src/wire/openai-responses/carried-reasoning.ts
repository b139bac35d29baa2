import type { ReasoningPart } from '../../core/chat-request.ts';
import { carrySignature, readSignature, type Signature } from '../../core/signature.ts';

/** What a caller's reasoning item carries in `encrypted_content`, beside its text. */
export type HiddenReasoning = Pick<ReasoningPart, 'signature' | 'redacted' | 'id'>;

const redactedPrefix = 'sluice.redacted.';
const itemPrefix = 'sluice.item.';

/**
 * The `encrypted_content` of a reasoning item shown to the caller under `itemId`; undefined when there is nothing to hide.
 * OpenAI binds encrypted content to the id of its item and refuses it under another one, so where the caller sees an id
 * of ours, the true one (or its absence) travels inside.
 */
export function carryReasoning(hidden: HiddenReasoning, itemId: string): string | undefined {
  if (hidden.redacted !== undefined) return redactedPrefix + hidden.redacted;
  const { signature } = hidden;
  if (!signature) return undefined;
  if (signature.origin === 'openai' && signature.on === 'thought' && hidden.id !== itemId) {
    return `${itemPrefix}${hidden.id ?? ''}.${signature.value}`;
  }
  return carrySignature(signature, 'openai');
}

/** Reads `encrypted_content` back. `itemId` is the id the caller sent with it. */
export function readReasoning(encrypted: string, itemId: string | undefined): HiddenReasoning {
  if (encrypted.startsWith(redactedPrefix)) return { redacted: encrypted.slice(redactedPrefix.length) };
  if (encrypted.startsWith(itemPrefix)) {
    const end = encrypted.indexOf('.', itemPrefix.length);
    const id = encrypted.slice(itemPrefix.length, end);
    const signature: Signature = { origin: 'openai', on: 'thought', value: encrypted.slice(end + 1) };
    return id === '' ? { signature } : { signature, id };
  }
  const signature = readSignature(encrypted, 'openai');
  return signature.origin === 'openai' && itemId !== undefined ? { signature, id: itemId } : { signature };
}
