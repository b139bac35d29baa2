import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP link to another port of this machine whose bytes take their time, or stop. */
export async function startSlowLink(toPort: number) {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  const server = createServer((near) => {
    const far = connect(toPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      let turn = Promise.resolve();
      from.on('data', (bytes) => {
        const arrives = performance.now() + delayMs;
        turn = turn.then(async () => {
          const left = arrives - performance.now();
          if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
          to.write(bytes);
        });
      });
      from.on('end', () => void turn.then(() => to.end()));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    /** How long bytes take in each direction from now on. */
    takes(ms: number): void {
      delayMs = ms;
    },
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
