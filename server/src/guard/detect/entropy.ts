/** Shannon's entropy of a text in bits a character: about 4.1 for 20 random characters of base 62, 3 for words. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const mark of text) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
