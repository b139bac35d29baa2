/** Offset in code points of a UTF-16 offset into `text`; past the end each unit counts as one. */
export function toCodePoints(text: string, utf16Offset: number): number {
  let points = 0;
  for (let unit = 0; unit < utf16Offset; points++) unit += unitsAt(text, unit);
  return points;
}

/** UTF-16 offset of an offset in code points. */
export function toUtf16(text: string, codePointOffset: number): number {
  let unit = 0;
  for (let point = 0; point < codePointOffset; point++) unit += unitsAt(text, unit);
  return unit;
}

const unitsAt = (text: string, unit: number): number => ((text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1);
