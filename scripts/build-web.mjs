// Builds the web app into web/dist when what is there is older than its sources. It runs after `npm ci` and before `npm start`,
// so that the two commands are all there is to do. Without the tools for it (an installation without development dependencies)
// what was built before is served, and where nothing was, the server has no app.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, 'web/dist/index.html');

const newest = (path) => {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), mtimeMs);
};
const sources = [
  'web/src',
  'web/public',
  'web/index.html',
  'web/vite.config.ts',
  'web/package.json',
  'web/sandbox',
  'shared/src/branding.ts',
  'shared/src/chat.ts',
];
const isFresh = () =>
  existsSync(built) && statSync(built).mtimeMs >= Math.max(...sources.map((path) => newest(join(root, path))));
const vite = [join(root, 'node_modules/vite/bin/vite.js'), join(root, 'web/node_modules/vite/bin/vite.js')].find(
  existsSync,
);

if (!process.env.SLUICE_SKIP_WEB_BUILD && !isFresh()) {
  if (!vite) {
    console.error('The web app was not built: its tools are development dependencies, which are not installed.');
  } else {
    const { status, stdout, stderr } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
      cwd: join(root, 'web'),
    });
    if (status !== 0) {
      console.error(`The web app could not be built:\n${stderr}${stdout}`);
      process.exit(1);
    }
  }
}
