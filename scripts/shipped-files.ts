// The files that the program reads while it runs, besides its modules: what `shippedPath()` names.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

interface Folder {
  path: string;
  endings?: string[];
}

const folders: Folder[] = [
  { path: 'web/dist' },
  // Pictures of the guides are looked at where the guides are read as files; the pages show the drawings only.
  { path: 'docs', endings: ['.md', '.svg'] },
  { path: 'server/src/http/pages/assets' },
  { path: 'server/src/store/migrations' },
];

const files = [
  'server/src/catalog/models.json',
  ...['pglite.wasm', 'initdb.wasm', 'pglite.data'].map((file) => `node_modules/@electric-sql/pglite/dist/${file}`),
];

/** Their paths from the project's root, sorted. Throws when one that must be there is not. */
export function shippedFiles(root: string): string[] {
  const missing = [...folders.map(({ path }) => path), ...files].filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) throw new Error(`Missing: ${missing.join(', ')}. Run \`npm ci\` first.`);
  return [...folders.flatMap((folder) => filesBelow(root, folder)), ...files].sort();
}

const filesBelow = (root: string, { path, endings }: Folder): string[] =>
  readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .map((file) => `${path}/${file.replaceAll('\\', '/')}`)
    .filter((file) => statSync(join(root, file)).isFile())
    .filter((file) => endings === undefined || endings.some((ending) => file.endsWith(ending)));
