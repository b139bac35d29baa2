/**
 * Providers sign or encrypt their thinking and want it back byte for byte. A caller's dialect has at most one field for it,
 * so a foreign signature travels in that field with a prefix that says whose it is and what it was attached to.
 */
export type SignatureOrigin = 'anthropic' | 'gemini' | 'openai';
export type SignedThing = 'thought' | 'text' | 'call';

export interface Signature {
  origin: SignatureOrigin;
  on: SignedThing;
  value: string;
}

const carried = /^sluice\.(anthropic|gemini|openai)\.(thought|text|call)\.([\s\S]*)$/;

/** The string to put into a dialect's signature field: as it is when the dialect is the signature's own, else prefixed. */
export function carrySignature(signature: Signature, dialectOrigin: SignatureOrigin): string {
  if (signature.origin === dialectOrigin && signature.on === 'thought') return signature.value;
  return `sluice.${signature.origin}.${signature.on}.${signature.value}`;
}

/** Reads a signature field back; what carries no prefix belongs to the dialect itself. */
export function readSignature(value: string, dialectOrigin: SignatureOrigin): Signature {
  const match = value.startsWith('sluice.') ? carried.exec(value) : null;
  if (!match) return { origin: dialectOrigin, on: 'thought', value };
  return { origin: match[1] as SignatureOrigin, on: match[2] as SignedThing, value: match[3]! };
}
