import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { MasterKey } from './master-key.ts';

/** Where a secret belongs. What was sealed for one place opens nowhere else. */
export interface SecretPlace {
  organisationId: string;
  /** The row's id. */
  id: string;
  field: string;
}

/** A secret as it is stored: under a data key of its own, which is wrapped by a version of the master key. */
export interface SealedSecret {
  /** Base64 of nonce, ciphertext and tag. */
  sealed: string;
  wrappedKey: string;
  masterVersion: number;
}

const nonceBytes = 12;
const tagBytes = 16;
const wrapping = 'wrap data keys';

/** Encrypts a text for one place (AES-256-GCM, a fresh data key each time). */
export function sealSecret(master: MasterKey, place: SecretPlace, text: string): SealedSecret {
  const dataKey = randomBytes(32);
  return { sealed: encrypt(dataKey, Buffer.from(text, 'utf8'), dataOf(place)), ...wrap(master, place, dataKey) };
}

/** The text again. Throws an Error when it was sealed for another place, changed, or under a master key that is not here. */
export function openSecret(master: MasterKey, place: SecretPlace, secret: SealedSecret): string {
  return decrypt(unwrap(master, place, secret), secret.sealed, dataOf(place)).toString('utf8');
}

/** The same ciphertext with its data key under the newest master key; the text itself is not decrypted. Throws as `openSecret`. */
export function rewrapSecret(master: MasterKey, place: SecretPlace, secret: SealedSecret): SealedSecret {
  return { sealed: secret.sealed, ...wrap(master, place, unwrap(master, place, secret)) };
}

function wrap(master: MasterKey, place: SecretPlace, dataKey: Buffer): Omit<SealedSecret, 'sealed'> {
  const masterVersion = master.newest;
  const wrappedKey = encrypt(master.derive(wrapping, masterVersion), dataKey, dataOf(place, masterVersion));
  return { wrappedKey, masterVersion };
}

function unwrap(master: MasterKey, place: SecretPlace, { wrappedKey, masterVersion }: SealedSecret): Buffer {
  return decrypt(master.derive(wrapping, masterVersion), wrappedKey, dataOf(place, masterVersion));
}

/** The associated data. JSON, so that no two places read the same when put one after the other. */
const dataOf = ({ organisationId, id, field }: SecretPlace, version?: number): Buffer =>
  Buffer.from(JSON.stringify([organisationId, id, field, ...(version === undefined ? [] : [version])]), 'utf8');

function encrypt(key: Buffer, plain: Buffer, associated: Buffer): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(associated);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function decrypt(key: Buffer, encoded: string, associated: Buffer): Buffer {
  const bytes = Buffer.from(encoded, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(associated);
    decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new Error('A stored secret does not open: it was changed, moved, or sealed under another master key.', {
      cause,
    });
  }
}
