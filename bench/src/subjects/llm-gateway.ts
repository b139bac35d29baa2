import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './child-process.ts';
import { installPeer, peerEnvironment } from './npm-peer.ts';
import { freePort, waitUntilReady } from './ready.ts';

const peer = {
  name: 'llm-gateway',
  dependencies: { '@nullplatform/llm-gateway': '2.0.11' },
  // The published version asks for a version of itself that the registry does not have.
  overrides: { '@nullplatform/llm-gateway-sdk': '2.0.2' },
};

/**
 * Starts nullplatform's LLM Gateway on Node with one model, no plugins, and a log of errors alone.
 * Rejects with the reason when it cannot be installed or started.
 */
export async function startLlmGateway({ mockBase, directory }: { mockBase: string; directory: string }) {
  const script = join(await installPeer(peer), 'node_modules/@nullplatform/llm-gateway/dist/cli.js');
  const port = await freePort();
  const config = join(directory, 'llm-gateway.yaml');
  await writeFile(config, configuration(port, mockBase));
  const child = startChild({
    command: ['node', script, 'start', '-c', config],
    role: 'subject',
    cwd: directory,
    env: peerEnvironment(),
    logFile: join(directory, 'llm-gateway.log'),
  });
  const base = `http://127.0.0.1:${port}`;
  try {
    await waitUntilReady(`${base}/health`, child, 20_000);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { child, base: `${base}/openai`, headers: { authorization: 'Bearer bench' } };
}

const configuration = (port: number, mockBase: string) => `server: { host: 127.0.0.1, port: ${port} }
logging: { level: error, destinations: [console] }
models:
  - name: tiny
    isDefault: true
    provider: { type: openai, config: { baseUrl: "${mockBase}/v1", apiKey: bench, model: tiny } }
`;
