const floatBytes = 4;

/** Numbers as base64 of little-endian 32-bit floats, the form of `encoding_format: "base64"`. */
export function encodeFloats(values: readonly number[]): string {
  const bytes = Buffer.alloc(values.length * floatBytes);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * floatBytes);
  return bytes.toString('base64');
}

/** The numbers of such a text, or undefined when its length is no whole number of floats. */
export function decodeFloats(text: string): number[] | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length % floatBytes !== 0) return undefined;
  const values: number[] = [];
  for (let offset = 0; offset < bytes.length; offset += floatBytes) values.push(bytes.readFloatLE(offset));
  return values;
}
