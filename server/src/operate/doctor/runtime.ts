import { spawnSync } from 'node:child_process';
import serverPackage from '../../../package.json' with { type: 'json' };
import { type Finding, ok, warn } from './finding.ts';

/** The oldest Node that starts this program. */
const oldestNode = 20;

/** The programs that this one runs on. */
export function checkRuntime(version: string): Finding[] {
  return [ok('sluice', `This is Sluice ${version}.`), checkBun(), checkNode()];
}

function checkBun(): Finding {
  const wanted = serverPackage.dependencies.bun;
  const found = process.versions.bun;
  return found === wanted
    ? ok('bun', `Bun ${found} runs the server.`)
    : warn('bun', `Bun ${found} runs the server; it was tested with ${wanted}.`, 'Run `npm ci`.');
}

/** Node only starts Bun, so that an image without it is none the worse. */
function checkNode(): Finding {
  const { stdout, status } = spawnSync('node', ['--version'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  if (status !== 0) return ok('node', 'There is no Node here; Bun is started without it.');
  const found = stdout.trim();
  return Number(/^v(\d+)/.exec(found)?.[1]) >= oldestNode
    ? ok('node', `Node ${found} starts it.`)
    : warn('node', `Node ${found} is older than ${oldestNode}.`, `Install Node ${oldestNode} or newer.`);
}
