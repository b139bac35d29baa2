import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../cli-error.ts';
import type { Environment } from '../command.ts';

/** Which server, and who asks. */
export interface Connection {
  /** Without a slash at its end. */
  url: string;
  isLocal: boolean;
  key: string | undefined;
  /** Where the key is from, or where it was looked for, in words. */
  keyOrigin: string;
}

/** Options win over the environment. Throws UsageError when the address or the key cannot be one. */
export function readConnection(options: { url?: string; key?: string }, environment: Environment): Connection {
  const url = readUrl(options.url ?? environment.SLUICE_URL, environment.PORT);
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const found = findKey(options.key, environment, isLocal);
  if (found.key !== undefined && !/^[\x21-\x7e]+$/.test(found.key)) {
    throw new UsageError(`The key from ${found.origin} is empty or holds characters that no key has.`);
  }
  return { url: (url.origin + url.pathname).replace(/\/+$/, ''), isLocal, key: found.key, keyOrigin: found.origin };
}

function readUrl(given: string | undefined, port: string | undefined): URL {
  const text = given || `http://127.0.0.1:${port || '8080'}`;
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  if (!url || url.hostname === '')
    throw new UsageError(`\`${text}\` is not the address of a server.`, 'It looks like http://127.0.0.1:8080.');
  // SDKs are given the address with its version; here it is the server that is meant.
  url.pathname = url.pathname.replace(/\/v1\/?$/, '');
  return url;
}

function findKey(
  option: string | undefined,
  environment: Environment,
  isLocal: boolean,
): { key?: string; origin: string } {
  if (option !== undefined) return { key: option.trim(), origin: '--key' };
  for (const name of ['SLUICE_KEY', 'SLUICE_ADMIN_KEY']) {
    const value = environment[name];
    if (value) return { key: value.trim(), origin: name };
  }
  // The admin key of a server in this folder is nothing to send to a server elsewhere, unless its folder was named.
  const folder = environment.SLUICE_DATA_DIR || (isLocal ? './data' : undefined);
  if (folder === undefined) return { origin: 'SLUICE_KEY' };
  const path = join(folder, 'admin-key');
  try {
    return { key: readFileSync(path, 'utf8').trim(), origin: path };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { origin: isMissing ? path : `${path}, which cannot be read (${(error as Error).message})` };
  }
}
