import { createHash } from 'node:crypto';

/** `mistyped` fails the checksum that a key ends with; `unknown` is well-formed, so that only a look-up can tell. */
export type WrongKey = 'mistyped' | 'unknown';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const secretLength = 27;
const checksumLength = 6;

/** The nth wrong key: `sl_live_`, 27 letters that hold the number, and 6 of checksum, right or not. */
export function wrongKey(kind: WrongKey, number: number): string {
  const secret = toBase62(number, secretLength);
  const right = toBase62(createHash('sha256').update(secret).digest().readUInt32BE(0), checksumLength);
  const checksum = kind === 'unknown' ? right : right.slice(0, -1) + (right.endsWith('0') ? '1' : '0');
  return `sl_live_${secret}${checksum}`;
}

function toBase62(value: number, length: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) text = alphabet[rest % 62] + text;
  return text.padStart(length, '0');
}
