import { hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The key that every stored secret hangs on, in its versions. */
export interface MasterKey {
  /** The version that new secrets are sealed under: the highest. */
  readonly newest: number;
  /** Every version there is, newest first. */
  readonly versions: readonly number[];
  /** It was made just now, and stands in the data folder only. */
  readonly created: boolean;
  /**
   * 32 bytes for one purpose (HKDF-SHA256), the same at every start and in every replica that has the same master key.
   * Of the newest version unless another is named; throws an Error for a version that is not there.
   */
  derive(purpose: string, version?: number): Buffer;
}

const keyBytes = 32;
/** Where the master key is kept that no environment gives. */
export const masterKeyPath = (dataDir: string): string => join(dataDir, 'master-key');

/**
 * The master key: from the environment (base64 of 32 bytes, or several as `v2:…,v1:…`), else the one kept in the data folder
 * (0600, in the same form), else a new one. Throws an Error in words when it cannot be read; the message never holds the key.
 */
export function openMasterKey(dataDir: string, fromEnvironment: string | undefined): MasterKey {
  if (fromEnvironment) return masterKeyOf(parseVersions(fromEnvironment, 'SLUICE_MASTER_KEY'), false);
  const path = masterKeyPath(dataDir);
  let created = false;
  if (!existsSync(path)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    created = writeOnce(path, `v1:${randomBytes(keyBytes).toString('base64')}\n`);
  }
  return masterKeyOf(parseVersions(readFileSync(path, 'utf8'), path), created);
}

/** The same, without making a new one where there is none. */
export const findMasterKey = (dataDir: string, fromEnvironment: string | undefined): MasterKey | undefined =>
  fromEnvironment || existsSync(masterKeyPath(dataDir)) ? openMasterKey(dataDir, fromEnvironment) : undefined;

/** Whole or not at all: whoever starts at the same moment reads the file of the one that was first. */
function writeOnce(path: string, text: string): boolean {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** `v2:<base64>,v1:<base64>`, or one bare value, which is version 1. Lines and commas part them. */
function parseVersions(text: string, where: string): Map<number, Buffer> {
  const versions = new Map<number, Buffer>();
  for (const part of text.split(/[,\n]/).map((each) => each.trim())) {
    if (part === '') continue;
    const [, number = '1', encoded = part] = /^v(\d{1,9}):(.*)$/.exec(part) ?? [];
    const version = Number(number);
    const key = Buffer.from(encoded, 'base64');
    if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded) || key.length !== keyBytes)
      throw new Error(
        `${where} must hold ${keyBytes} random bytes in base64 (openssl rand -base64 ${keyBytes}), or several as v2:…,v1:….`,
      );
    if (versions.has(version)) throw new Error(`${where} holds version ${version} twice. Number each key differently.`);
    versions.set(version, key);
  }
  if (versions.size === 0) throw new Error(`${where} holds no key. Set it to the output of openssl rand -base64 32.`);
  return versions;
}

function masterKeyOf(keys: ReadonlyMap<number, Buffer>, created: boolean): MasterKey {
  const versions = [...keys.keys()].sort((a, b) => b - a);
  const newest = versions[0]!;
  return {
    newest,
    versions,
    created,
    derive(purpose, version = newest) {
      const key = keys.get(version);
      if (!key)
        throw new Error(
          `Version ${version} of the master key is not here, only ${versions.map((each) => `v${each}`).join(', ')}. Add it to SLUICE_MASTER_KEY until everything is re-wrapped.`,
        );
      return Buffer.from(hkdfSync('sha256', key, 'sluice', purpose, keyBytes));
    },
  };
}
