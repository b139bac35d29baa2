import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/databases.ts';
import { openSecret, rewrapSecret, sealSecret } from './envelope.ts';
import { openMasterKey } from './master-key.ts';

const newKey = () => randomBytes(32).toString('base64');
const place = { organisationId: 'org_a', id: 'pk_1', field: 'secret' };

test('the first start makes a master key that only its owner can read, and the next start has the same', () => {
  const dataDir = join(temporaryFolder(), 'deep/data');
  const first = openMasterKey(dataDir, undefined);
  expect(first.created).toBe(true);
  expect(statSync(join(dataDir, 'master-key')).mode & 0o777).toBe(0o600);
  const second = openMasterKey(dataDir, undefined);
  expect(second.created).toBe(false);
  expect(second.derive('cookies')).toEqual(first.derive('cookies'));
});

test('a master key from the environment is used and written nowhere', () => {
  const dataDir = temporaryFolder();
  expect(openMasterKey(dataDir, newKey()).versions).toEqual([1]);
  expect(existsSync(join(dataDir, 'master-key'))).toBe(false);
});

test('each purpose and each version has a key of its own', () => {
  const master = openMasterKey('', `v2:${newKey()},v1:${newKey()}`);
  expect(master.newest).toBe(2);
  const keys = [master.derive('a'), master.derive('b'), master.derive('a', 1)].map((key) => key.toString('hex'));
  expect(new Set(keys).size).toBe(3);
  expect(master.derive('a', 2).toString('hex')).toBe(keys[0]!);
  expect(() => master.derive('a', 3)).toThrow(/Version 3 .* is not here/);
});

test.each([
  ['too short', Buffer.alloc(16).toString('base64')],
  ['no base64', 'p@ss'.repeat(11)],
  ['empty', ' , '],
  ['one version twice', `v1:${newKey()},v1:${newKey()}`],
])('a master key that is %s is refused in words that do not hold it', (_what, text) => {
  let message = '';
  try {
    openMasterKey('', text);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain('SLUICE_MASTER_KEY');
  for (const part of text.split(',').filter((each) => each.trim().length > 8)) expect(message).not.toContain(part);
});

test('a sealed secret opens in its own place and in no other', () => {
  const master = openMasterKey('', newKey());
  const sealed = sealSecret(master, place, 'sk-very-secret');
  expect(openSecret(master, place, sealed)).toBe('sk-very-secret');
  expect(JSON.stringify(sealed)).not.toContain('sk-very');
  for (const other of [
    { ...place, organisationId: 'org_b' },
    { ...place, id: 'pk_2' },
    { ...place, field: 'note' },
  ])
    expect(() => openSecret(master, other, sealed)).toThrow(/does not open/);
});

test('a sealed secret with any byte changed does not open', () => {
  const master = openMasterKey('', newKey());
  const secret = sealSecret(master, place, 'sk');
  for (const part of ['sealed', 'wrappedKey'] as const) {
    const length = Buffer.from(secret[part], 'base64').length;
    for (let at = 0; at < length; at++) {
      const bytes = Buffer.from(secret[part], 'base64');
      bytes[at]! ^= 1;
      expect(() => openSecret(master, place, { ...secret, [part]: bytes.toString('base64') })).toThrow(/does not open/);
    }
    expect(() => openSecret(master, place, { ...secret, [part]: '' })).toThrow(/does not open/);
  }
});

test('re-wrapping moves a secret to the newest master key, so that the old one may go', () => {
  const [first, second] = [newKey(), newKey()];
  const old = openMasterKey('', `v1:${first}`);
  const both = openMasterKey('', `v2:${second},v1:${first}`);
  const sealed = sealSecret(old, place, 'sk-1');
  const moved = rewrapSecret(both, place, sealed);
  expect(moved).toMatchObject({ masterVersion: 2, sealed: sealed.sealed });
  expect(openSecret(openMasterKey('', `v2:${second}`), place, moved)).toBe('sk-1');
  expect(() => openSecret(openMasterKey('', `v2:${second}`), place, sealed)).toThrow(/Version 1/);
  // A version is what was said when it was sealed: another key under the same number does not open it.
  expect(() => openSecret(openMasterKey('', `v1:${second}`), place, sealed)).toThrow(/does not open/);
});

test('the file in the data folder may hold several versions, a line each', () => {
  const dataDir = temporaryFolder();
  openMasterKey(dataDir, undefined);
  const path = join(dataDir, 'master-key');
  writeFileSync(path, `v2:${newKey()}\n${readFileSync(path, 'utf8')}`);
  expect(openMasterKey(dataDir, undefined).versions).toEqual([2, 1]);
});
