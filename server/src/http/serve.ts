/** The only file that uses Bun's own API for serving. */
export interface Listener {
  url: string;
  port: number;
  /** The address at the other end of a request's connection; undefined when it is gone. */
  addressOf(request: Request): string | undefined;
  /** Stops taking connections and waits for those that run; `force` cuts them. */
  stop(force: boolean): Promise<void>;
}

export interface ServeOptions {
  host: string;
  port: number;
  /** Answers every request, those of `posts` included. */
  fetch(request: Request): Response | Promise<Response>;
  /** The same answers to POSTs of these exact paths, found by the server itself: it need not even write their address down. */
  posts?: Record<string, (request: Request) => Promise<Response>>;
}

/** Serves a fetch handler. Throws in words when the address is taken. */
export function serve({ host, port, fetch, posts = {} }: ServeOptions): Listener {
  try {
    const server = Bun.serve({
      hostname: host,
      port,
      // Deadlines are ours (cold starts take minutes), and so are body limits: each dialect has its own 413.
      idleTimeout: 0,
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      routes: Object.fromEntries(Object.entries(posts).map(([path, POST]) => [path, { POST }])),
      fetch,
      error: () => new Response('The gateway failed while handling this request.', { status: 500 }),
    });
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
      port: server.port ?? port,
      addressOf: (request) => server.requestIP(request)?.address,
      stop: (force) => server.stop(force),
    };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      throw new Error(`Port ${port} on ${host} is taken. Set PORT to another one, or stop the program that has it.`, {
        cause,
      });
    }
    throw cause;
  }
}
