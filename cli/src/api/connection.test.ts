import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../cli-error.ts';
import { readConnection } from './connection.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-connection-'));
writeFileSync(join(folder, 'admin-key'), 'from-the-file\n');
afterAll(() => rmSync(folder, { recursive: true }));

test('the address is the option, else SLUICE_URL, else this machine at PORT', () => {
  const url = (options: { url?: string }, environment = {}) => readConnection(options, environment).url;
  expect(url({}, {})).toBe('http://127.0.0.1:8080');
  expect(url({}, { PORT: '9000' })).toBe('http://127.0.0.1:9000');
  expect(url({}, { PORT: '9000', SLUICE_URL: 'https://ai.example/' })).toBe('https://ai.example');
  expect(url({ url: 'ai.example/gateway/v1' }, { SLUICE_URL: 'x' })).toBe('http://ai.example/gateway');
  expect(() => url({ url: 'http://' })).toThrow(UsageError);
});

test('the key is the option, else SLUICE_KEY, else SLUICE_ADMIN_KEY, else the file of the data folder', () => {
  const all = { SLUICE_KEY: 'one', SLUICE_ADMIN_KEY: 'two', SLUICE_DATA_DIR: folder };
  expect(readConnection({ key: 'zero' }, all)).toMatchObject({ key: 'zero', keyOrigin: '--key' });
  expect(readConnection({}, all)).toMatchObject({ key: 'one', keyOrigin: 'SLUICE_KEY' });
  expect(readConnection({}, { ...all, SLUICE_KEY: '' })).toMatchObject({ key: 'two', keyOrigin: 'SLUICE_ADMIN_KEY' });
  const file = readConnection({}, { SLUICE_DATA_DIR: folder });
  expect(file).toMatchObject({ key: 'from-the-file', keyOrigin: join(folder, 'admin-key') });
  expect(readConnection({}, { SLUICE_DATA_DIR: '/nowhere' }).key).toBeUndefined();
});

test('the admin key in ./data is for servers on this machine', () => {
  expect(readConnection({ url: 'https://ai.example' }, {}).keyOrigin).toBe('SLUICE_KEY');
  expect(readConnection({ url: 'http://localhost:1' }, {}).keyOrigin).toBe('data/admin-key');
});

test('a key that no header can hold is refused in words', () => {
  for (const key of ['', 'two words', 'schlüssel', 'a\nb'])
    expect(() => readConnection({ key }, {})).toThrow(UsageError);
});
