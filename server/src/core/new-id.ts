import { randomBytes } from 'node:crypto';

const randomChars = 16;
const pooledIds = 256;

let pool = '';
let used = 0;
let lastMs = 0;
let time = '';

/**
 * An id such as `req_019a9f3c1d20b1946ac92f17d35`: 11 hexadecimal digits of the time in milliseconds, so that ids of later
 * things sort later and an index on them grows at its end, then 64 random bits that nobody can guess.
 */
export function newId(prefix: string): string {
  const nowMs = Date.now();
  if (nowMs !== lastMs) {
    lastMs = nowMs;
    time = nowMs.toString(16).padStart(11, '0');
  }
  if (used === pool.length) {
    pool = randomBytes((pooledIds * randomChars) / 2).toString('hex');
    used = 0;
  }
  used += randomChars;
  return prefix + time + pool.slice(used - randomChars, used);
}
