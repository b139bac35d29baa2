const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const nine = /^[0-9A-Za-z]{9}$/;

/** An id of nine letters and digits, as Mistral wants it: the id itself when it is one, else always the same for the same id. */
export function nineLetterId(id: string): string {
  return nine.test(id) ? id : hashLetters(id, 9);
}

/** Names the calls of servers that send no ids: unique within the answer, the same for its stream and its JSON. */
export function callIdMaker(
  answer: { id?: string; createdSeconds?: number } | undefined,
  choice: number,
): (index: number, name: string) => string {
  const seed = `${answer?.id ?? ''}\n${answer?.createdSeconds ?? ''}\n${choice}`;
  return (index, name) => `call_${hashLetters(`${seed}\n${index}\n${name}`, 9)}${index}`;
}

/** A hash of `text` as letters and digits. 53 bits fill nine of them, so ids of one conversation do not meet. */
function hashLetters(text: string, length: number): string {
  let value = hash53(text);
  let letters = '';
  for (let at = 0; at < length; at++) {
    letters += base62[value % 62];
    value = Math.floor(value / 62);
  }
  return letters;
}

/** Two 32-bit multiplicative hashes mixed into 53 bits; not for secrets. */
function hash53(text: string): number {
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x85ebca6b);
  }
  high = Math.imul(high ^ (high >>> 15), 0xc2b2ae35) ^ Math.imul(low ^ (low >>> 13), 0x27d4eb2f);
  low = Math.imul(low ^ (low >>> 15), 0xc2b2ae35) ^ Math.imul(high ^ (high >>> 13), 0x165667b1);
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
