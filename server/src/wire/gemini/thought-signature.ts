import type { ReasoningPart } from '../../core/chat-request.ts';
import { carrySignature, readSignature, type Signature, type SignedThing } from '../../core/signature.ts';

// thoughtSignature is a bytes field: the Python SDK refuses what is not base64, and a carried foreign signature is not.
const carriedStart = 'c2x1aWNl'; // base64 of `sluice`
const redactedPrefix = 'sluice.redacted.';

/** The value of `thoughtSignature` for a signature: Gemini's own byte for byte, a foreign one as base64 of its carried form. */
export function writeThoughtSignature(signature: Signature): string {
  if (signature.origin === 'gemini') return signature.value;
  return Buffer.from(carrySignature(signature, 'gemini'), 'utf8').toString('base64');
}

/** Hidden thinking of another provider (`redacted_thinking.data`) in the same envelope. */
export const writeRedacted = (data: string): string => Buffer.from(redactedPrefix + data, 'utf8').toString('base64');

/** Reads `thoughtSignature` back. `on` is what the part holds; a carried signature says so itself. */
export function readThoughtSignature(value: string, on: SignedThing): Pick<ReasoningPart, 'signature' | 'redacted'> {
  const text = value.startsWith(carriedStart) ? Buffer.from(value, 'base64').toString('utf8') : value;
  if (text.startsWith(redactedPrefix)) return { redacted: text.slice(redactedPrefix.length) };
  const signature = readSignature(text.startsWith('sluice.') ? text : value, 'gemini');
  // Gemini's own signature means what its place says.
  return { signature: signature.origin === 'gemini' ? { ...signature, on } : signature };
}
