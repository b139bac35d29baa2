import { expect, test } from 'bun:test';
import { isReference, parseReference } from './reference.ts';
import { createSecrets } from './resolver.ts';

test('a reference is told from a key', () => {
  for (const key of ['sk-proj-1', 'AKIA:secret', 'vault', 'https://x', 'VAULT:x#y', 'vault:', ''])
    expect({ key, is: isReference(key) }).toEqual({ key, is: false });
  expect(parseReference('vault:secret/a#b')).toEqual({ scheme: 'vault', name: 'secret/a', field: 'b' });
  expect(parseReference('aws-sm:prod/openai')).toEqual({ scheme: 'aws-sm', name: 'prod/openai' });
  // A file may be called anything.
  expect(parseReference('file:/run/secrets/a#b')).toEqual({ scheme: 'file', name: '/run/secrets/a#b' });
  expect(parseReference(' env:KEY ')).toEqual({ scheme: 'env', name: 'KEY' });
});

function world() {
  const files = new Map<string, string>();
  const faults: string[] = [];
  const clock = { ms: 0 };
  let reads = 0;
  const secrets = createSecrets({
    environment: { KEY: 'sk-env', EMPTY: '' },
    send: () => Promise.reject(new Error('asked')),
    async readFile(path) {
      reads += 1;
      const text = files.get(path);
      if (text === undefined) throw Object.assign(new Error('sk-in-the-error'), { code: 'ENOENT' });
      return text;
    },
    onFault: (reference, error) => faults.push(`${reference} ${(error as Error).message}`),
    refreshMs: () => 1000,
    nowMs: () => clock.ms,
  });
  return { secrets, files, faults, clock, reads: () => reads };
}

test('variables and files are read, without the line end that editors add', async () => {
  const { secrets, files } = world();
  files.set('/a', 'sk-file\n');
  await secrets.load(['env:KEY', 'file:/a']);
  expect([secrets.known('env:KEY'), secrets.known('file:/a'), secrets.known('sk-literal')]).toEqual([
    'sk-env',
    'sk-file',
    'sk-literal',
  ]);
  expect(secrets.known('env:OTHER')).toBeUndefined();
  await expect(secrets.load(['env:OTHER'])).rejects.toThrow('The environment variable OTHER is not set.');
  await expect(secrets.load(['env:EMPTY'])).rejects.toThrow('EMPTY is not set');
  await expect(secrets.load(['file:/b'])).rejects.toThrow('The file /b cannot be read (ENOENT).');
  files.set('/c', ' \n');
  await expect(secrets.load(['file:/c'])).rejects.toThrow('is empty');
});

test('a value that changed is found by a refresh; one that fails keeps its last value and is told without the secret', async () => {
  const { secrets, files, faults } = world();
  files.set('/a', 'sk-one');
  await secrets.load(['file:/a']);
  expect(await secrets.refresh(['file:/a'])).toBe(false);
  files.set('/a', 'sk-two');
  expect(await secrets.refresh(['file:/a'])).toBe(true);
  expect(secrets.known('file:/a')).toBe('sk-two');
  files.delete('/a');
  expect(await secrets.refresh(['file:/a'])).toBe(false);
  expect(secrets.known('file:/a')).toBe('sk-two');
  expect(faults).toEqual(['file:/a The file /a cannot be read (ENOENT).']);
});

test('a value is believed for its time, then read again beside the call that asks for it, once an interval', async () => {
  const { secrets, files, faults, clock, reads } = world();
  files.set('/a', 'sk-one');
  expect(await Promise.all([secrets.resolve('file:/a'), secrets.resolve('file:/a')])).toEqual(['sk-one', 'sk-one']);
  expect(reads()).toBe(1);
  files.set('/a', 'sk-two');
  clock.ms = 1000;
  expect(await secrets.resolve('file:/a')).toBe('sk-one');
  expect(reads()).toBe(1);
  clock.ms = 1001;
  expect(await secrets.resolve('file:/a')).toBe('sk-one');
  await Promise.resolve();
  expect(await secrets.resolve('file:/a')).toBe('sk-two');
  files.delete('/a');
  clock.ms = 3000;
  for (let times = 0; times < 5; times++) expect(await secrets.resolve('file:/a')).toBe('sk-two');
  expect(reads()).toBe(3);
  expect(faults).toHaveLength(1);
});
