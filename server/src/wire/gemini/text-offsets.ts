/** The UTF-16 index of a UTF-8 byte offset, or undefined past the end. An offset inside a character is moved to its start. */
export function indexOfByte(text: string, byte: number): number | undefined {
  let bytes = 0;
  let index = 0;
  while (index < text.length) {
    if (bytes >= byte) return index;
    const code = text.codePointAt(index)!;
    const width = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes + width > byte) return index;
    bytes += width;
    index += code > 0xffff ? 2 : 1;
  }
  return bytes >= byte ? index : undefined;
}

/** The UTF-8 byte offset of a UTF-16 index. */
export const byteOfIndex = (text: string, index: number): number => Buffer.byteLength(text.slice(0, index), 'utf8');
