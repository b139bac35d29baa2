import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface ReceivedPost {
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface Receiver {
  /** `http://127.0.0.1:<port>`. */
  url: string;
  /** Everything that was received, in order. */
  posts: ReceivedPost[];
  /** The status of every answer from now on; `hang` never answers. */
  answer(status: number | 'hang'): void;
  /** Resolves with what `find` finds, once it finds something; looks again whenever something comes. */
  until<Found>(find: (posts: ReceivedPost[]) => Found | undefined, withinMs?: number): Promise<Found>;
  stop(): Promise<void>;
}

/** A server that takes whatever is posted to it: a collector, a webhook. */
export async function startReceiver(): Promise<Receiver> {
  const posts: ReceivedPost[] = [];
  const waiting = new Set<() => void>();
  let status: number | 'hang' = 200;
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    posts.push({ path: request.url ?? '', headers: request.headers, body });
    for (const look of [...waiting]) look();
    if (status === 'hang') return;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    posts,
    answer(next) {
      status = next;
    },
    until: (find, withinMs = 20_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`What was waited for did not come; there were ${posts.length} posts.`));
        }, withinMs);
        const look = () => {
          const found = find(posts);
          if (found === undefined) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
