import net from 'node:net';
import type { Child } from './child-process.ts';

/** A TCP port of the loopback that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Resolves once `url` answers 200; rejects with the child's last words when it ends first or `timeoutMs` pass. */
export async function waitUntilReady(url: string, child: Child, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let ended: number | undefined;
  child.exited.then((code) => {
    ended = code;
  });
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    if (answer?.status === 200) return;
    if (ended !== undefined) throw new Error(`ended with ${ended}: ${await child.lastWords()}`);
    if (performance.now() > deadline) {
      throw new Error(`${url} did not answer 200 within ${timeoutMs / 1000} s: ${await child.lastWords()}`);
    }
    await Bun.sleep(100);
  }
}
