import { connect } from 'node:net';

/** Sends bytes over a socket of its own and gathers what comes back until the other side closes it, or `until` is seen. */
export function rawRequest(url: string, bytes: string | Uint8Array, until?: RegExp): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let seen = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      if (until?.test(seen)) socket.destroy();
    });
    socket.on('close', () => resolve(seen));
    socket.on('error', (error) => (seen === '' ? reject(error) : resolve(seen)));
  });
}
