import { join } from 'node:path';
import { type Child, startChild } from './child-process.ts';
import { installPeer, peerEnvironment } from './npm-peer.ts';
import { freePort, waitUntilReady } from './ready.ts';

const peer = {
  name: 'portkey',
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  // With any later one its streams end in a 500: it changes headers that have been immutable since.
  overrides: { '@hono/node-server': '1.14.1' },
};

/** Portkey's gateway has no option for its address and would listen on every one; this keeps it on the loopback. */
const onLoopback = `import net from 'node:net';
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' ? listen.call(this, port, '127.0.0.1', rest.at(-1)) : listen.call(this, port, ...rest);
};`;

/**
 * Starts Portkey's open-source gateway on Node, without its web console. Its install scripts only patch its own sources;
 * the published build runs without them. Rejects with the reason when it cannot be installed or started.
 */
export async function startPortkey({ mockBase, directory }: { mockBase: string; directory: string }) {
  const script = join(await installPeer(peer), 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const port = await freePort();
  const preload = `data:text/javascript,${encodeURIComponent(onLoopback)}`;
  const child: Child = startChild({
    command: ['node', '--import', preload, script, `--port=${port}`, '--headless'],
    role: 'subject',
    env: peerEnvironment(),
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
