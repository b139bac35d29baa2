import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from './child-process.ts';
import { freePort, waitUntilReady } from './ready.ts';

const manifest = {
  private: true,
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  // With any later one its streams end in a 500: it changes headers that have been immutable since.
  overrides: { '@hono/node-server': '1.14.1' },
};
const installTimeoutMs = 180_000;

/** Portkey's gateway has no option for its address and would listen on every one; this keeps it on the loopback. */
const onLoopback = `import net from 'node:net';
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' ? listen.call(this, port, '127.0.0.1', rest.at(-1)) : listen.call(this, port, ...rest);
};`;

/**
 * Starts Portkey's open-source gateway on Node, without its web console, from a folder outside the project that is
 * filled from the npm registry the first time. Rejects with the reason when it cannot be installed or started.
 */
export async function startPortkey({ mockBase, directory }: { mockBase: string; directory: string }) {
  const script = await installPortkey();
  const port = await freePort();
  const preload = `data:text/javascript,${encodeURIComponent(onLoopback)}`;
  const child: Child = startChild({
    command: ['node', '--import', preload, script, `--port=${port}`, '--headless'],
    role: 'subject',
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'production' },
    logFile: join(directory, 'portkey.log'),
  });
  const base = `http://127.0.0.1:${port}`;
  try {
    await waitUntilReady(base, child, 20_000);
  } catch (error) {
    await child.stop();
    throw error;
  }
  const headers = {
    authorization: 'Bearer bench',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${mockBase}/v1`,
  };
  return { child, base, headers };
}

async function installPortkey(): Promise<string> {
  if (!Bun.which('node') || !Bun.which('npm')) throw new Error('not installed: node and npm are not both on the path');
  const folder = join(tmpdir(), 'sluice-bench', 'portkey');
  const script = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const wanted = JSON.stringify(manifest, null, 2);
  const installed = join(folder, 'installed.json');
  if ((await readFile(installed, 'utf8').catch(() => '')) === wanted) return script;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), wanted);
  // Its install scripts only patch its own sources; the published build runs without them.
  const npm = Bun.spawn(['npm', 'i', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    timeout: installTimeoutMs,
  });
  const complaint = await new Response(npm.stderr).text();
  if ((await npm.exited) !== 0) {
    throw new Error(`not installed: ${complaint.trim().split('\n').slice(-3).join(' ') || 'npm took too long'}`);
  }
  await writeFile(installed, wanted);
  return script;
}
