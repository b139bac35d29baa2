import { createHash } from 'node:crypto';

const allowed = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * A tool call id in Converse's alphabet (letters, digits, `_`, `-`, at most 64). An id that fits stays as it is; another
 * becomes a hash of itself, so that the call and its result agree without any table.
 */
export function toolUseId(id: string): string {
  return allowed.test(id) ? id : `tooluse_${createHash('sha256').update(id).digest('hex').slice(0, 40)}`;
}
