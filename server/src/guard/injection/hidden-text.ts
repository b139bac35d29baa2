export interface HiddenText {
  /** What Unicode tag characters spell (U+E0020 to U+E007E, which nobody sees). */
  tags: string;
  /** Zero-width characters beside letters where no script needs them. */
  zeroWidth: number;
  /** Characters that turn the direction of what follows, left open or not. */
  overrides: number;
}

const suspicious = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u180e]|\udb40[\udc00-\udfff]/;
// A joiner belongs between letters of Arabic, Indic and related scripts, and between emoji.
const zeroWidths = /(?<=[A-Za-z0-9])[\u200b-\u200d\u2060-\u2064\ufeff\u180e]+(?=[A-Za-z0-9])/g;
const overrides = /[\u202a\u202b\u202d\u202e\u2066-\u2068]/g;
const tagRun = /(?:\udb40[\udc20-\udc7f])+/g;
// Flags of regions are spelled with tags behind a black flag (England, Scotland, Wales).
const flag = /\ud83c\udff4$/;

/** What a text holds that a person cannot see, or undefined when there is nothing of it. */
export function findHiddenText(text: string): HiddenText | undefined {
  if (!suspicious.test(text)) return undefined;
  let tags = '';
  for (const { index, 0: run } of text.matchAll(tagRun)) {
    if (flag.test(text.slice(Math.max(0, index - 2), index))) continue;
    for (const mark of run) {
      const code = mark.codePointAt(0)! - 0xe0000;
      if (code >= 32 && code < 127) tags += String.fromCharCode(code);
    }
  }
  const zeroWidth = [...text.matchAll(zeroWidths)].length;
  const turned = [...text.matchAll(overrides)].length;
  return tags === '' && zeroWidth === 0 && turned === 0 ? undefined : { tags, zeroWidth, overrides: turned };
}

/** The text as it reads without what is hidden between its letters. */
export const withoutHidden = (text: string): string => text.replace(zeroWidths, '').replace(overrides, '');
