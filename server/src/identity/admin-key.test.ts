import { expect, test } from 'bun:test';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/databases.ts';
import { openAdminKey } from './admin-key.ts';
import { isWellFormed } from './key-format.ts';

test('the first start makes a key that only its owner can read, and the next start has the same', () => {
  const dataDir = join(temporaryFolder(), 'deep/data');
  const first = openAdminKey(dataDir, undefined);
  expect(first.created).toBe(true);
  expect(isWellFormed(first.key)).toBe(true);
  const path = join(dataDir, 'admin-key');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dataDir).mode & 0o077).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(`${first.key}\n`);
  expect(openAdminKey(dataDir, undefined)).toEqual({ key: first.key, created: false });
});

test('a key from the environment is used and written nowhere', () => {
  const dataDir = temporaryFolder();
  expect(openAdminKey(dataDir, 'from-the-environment')).toEqual({ key: 'from-the-environment', created: false });
  expect(existsSync(join(dataDir, 'admin-key'))).toBe(false);
});
