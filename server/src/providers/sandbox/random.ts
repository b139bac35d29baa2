/** A 32-bit hash of `text` (FNV-1a with a final mix), the same on every machine. */
export function hashText(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash);
}

/** Spreads a number over 32 bits, so that neighbouring numbers have nothing in common. */
export function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The variant of a list that belongs to `variation`; neighbouring variations differ while the list lasts. */
export const pick = <T>(variants: readonly T[], variation: number): T => variants[variation % variants.length]!;
