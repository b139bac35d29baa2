import { createHash, randomBytes } from 'node:crypto';

const prefix = 'sl_live_';
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
// 62^27 > 2^160, and 62^6 > 2^32.
const secretLength = 27;
const checksumLength = 6;

/** A new virtual key: `sl_live_`, 160 random bits and a checksum, in base 62. */
export function createKey(): string {
  const secret = toBase62(BigInt(`0x${randomBytes(20).toString('hex')}`), secretLength);
  return `${prefix}${secret}${checksum(secret)}`;
}

/** Whether a key is well-formed, its checksum included. A mistyped key is refused without asking anybody. */
export function isWellFormed(key: string): boolean {
  if (key.length !== prefix.length + secretLength + checksumLength || !key.startsWith(prefix)) return false;
  const secret = key.slice(prefix.length, prefix.length + secretLength);
  return /^[0-9A-Za-z]+$/.test(secret) && key.endsWith(checksum(secret));
}

/** What is stored instead of the key: 160 random bits need no slow hash. */
export const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** What a person recognises a key by. */
export const keyHint = (key: string): string => `${key.slice(0, prefix.length + 4)}…${key.slice(-4)}`;

function checksum(secret: string): string {
  const digest = createHash('sha256').update(secret).digest();
  return toBase62(BigInt(digest.readUInt32BE(0)), checksumLength);
}

function toBase62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; rest > 0n; rest /= 62n) text = alphabet[Number(rest % 62n)] + text;
  return text.padStart(length, '0');
}
