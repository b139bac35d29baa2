/** The only file that uses Bun's own API for serving. */
export interface Listener {
  url: string;
  port: number;
  /** The address at the other end of a request's connection; undefined when it is gone. */
  addressOf(request: Request): string | undefined;
  /** Goes on answering, and closes each connection with its next answer, so that callers come back elsewhere. */
  part(): void;
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
  /** Other processes may listen on the same port: the kernel deals new connections out among them (SO_REUSEPORT). */
  reusePort?: boolean;
}

/** Serves a fetch handler. Throws in words when the address is taken. */
export function serve({ host, port, fetch, posts = {}, reusePort = false }: ServeOptions): Listener {
  const routesOf = (handlers: typeof posts) =>
    Object.fromEntries(Object.entries(handlers).map(([path, POST]) => [path, { POST }]));
  try {
    const server = Bun.serve({
      hostname: host,
      port,
      reusePort,
      // Deadlines are ours (cold starts take minutes), and so are body limits: each dialect has its own 413.
      idleTimeout: 0,
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      routes: routesOf(posts),
      fetch,
      error: () => new Response('The gateway failed while handling this request.', { status: 500 }),
    });
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
      port: server.port ?? port,
      addressOf: (request) => server.requestIP(request)?.address,
      part() {
        const parting = Object.entries(posts).map(([path, post]) => [path, lastOf(post)] as const);
        server.reload({ routes: routesOf(Object.fromEntries(parting)), fetch: lastOf(fetch) });
      },
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

/** The same answers, each the last on its connection. */
const lastOf =
  (answer: (request: Request) => Response | Promise<Response>) =>
  async (request: Request): Promise<Response> => {
    const response = await answer(request);
    const headers = new Headers(response.headers);
    headers.set('connection', 'close');
    return new Response(response.body, { status: response.status, headers });
  };
