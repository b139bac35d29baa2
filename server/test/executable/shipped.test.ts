import { expect, test } from 'bun:test';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { shippedFiles } from '../../../scripts/shipped-files.ts';
import { shippedPath } from '../../src/core/shipped.ts';

const root = join(import.meta.dirname, '../../..');
const isProgram = (path: string) =>
  path.endsWith('.ts') && !/\.test\.ts$|(^|\/)test-[\w-]+\.ts$|testing\.ts$/.test(path);
const sources = ['server/src', 'cli/src', 'shared/src'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(isProgram)
    .map((path) => ({ path: `${folder}/${path}`, text: readFileSync(join(root, folder, path), 'utf8') })),
);

test('whatever the program asks for at its own place is a file of the executable', () => {
  const files = shippedFiles(root);
  const asked = sources.flatMap(({ text }) =>
    [...text.matchAll(/shippedPath\((['`])([^'`]+)\1\)/g)].map(([, , path]) => path!.replace(/\$\{.*/, '')),
  );
  expect(asked.length).toBeGreaterThan(5);
  // A program of its own is compiled, not embedded as a file.
  const missing = asked.filter((path) => !path.endsWith('.ts') && !files.some((file) => file.startsWith(path)));
  expect(missing).toEqual([]);
  for (const file of files) expect(statSync(shippedPath(file)).isFile()).toBe(true);
});

test('no other module looks for files beside itself: in the executable there are none', () => {
  // The catalogue of a checkout can be rewritten; what is in the executable cannot, and the command says so. Operations look
  // whether they are in a checkout.
  const alone = ['server/src/core/shipped.ts', 'cli/src/commands/models/refresh.ts', 'cli/src/operation.ts'];
  const looking = sources.filter(({ path, text }) => {
    const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    return /import\.meta\.(dirname|dir|url|filename|resolve)|createRequire/.test(code) && !alone.includes(path);
  });
  expect(looking.map(({ path }) => path)).toEqual([]);
});
