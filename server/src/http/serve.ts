import type { Socket, SocketHandler } from './socket.ts';

/** The only file that uses Bun's own API for serving. */
export interface Listener {
  url: string;
  port: number;
  /** The address at the other end of a request's connection; undefined when it is gone. */
  addressOf(request: Request): string | undefined;
  /** Goes on answering, and closes each connection with its next answer, so that callers come back elsewhere. */
  part(): void;
  /** Stops taking connections, closes the sockets, and waits for the requests that run; `force` cuts them. */
  stop(force: boolean): Promise<void>;
}

export interface ServeOptions {
  host: string;
  port: number;
  /** Answers every request, those of `posts` included. */
  fetch(request: Request): Response | Promise<Response>;
  /** The same answers to POSTs of these exact paths, found by the server itself: it need not even write their address down. */
  posts?: Record<string, (request: Request) => Promise<Response>>;
  /** Asked about every GET that wants a WebSocket: who handles it, or the answer instead; undefined leaves it to `fetch`. */
  upgrade?(request: Request): Promise<Response | SocketHandler | undefined>;
  /** Other processes may listen on the same port: the kernel deals new connections out among them (SO_REUSEPORT). */
  reusePort?: boolean;
}

/** Nothing that comes in by a socket is looked at; whoever sends more than this at once is cut off. */
const mostReceivedBytes = 4096;

/** Serves a fetch handler. Throws in words when the address is taken. */
export function serve({ host, port, fetch, posts = {}, upgrade, reusePort = false }: ServeOptions): Listener {
  const sockets = new Map<ServerSocket, Socket>();
  let stopping = false;

  async function fetchOrUpgrade(request: Request, server: Bun.Server<SocketHandler>): Promise<Response> {
    const answer = (await upgrade?.(request)) ?? (await fetch(request));
    if (answer instanceof Response) return answer;
    // Bun answers by itself once it has taken the connection over.
    if (server.upgrade(request, { data: answer })) return undefined as never;
    return new Response('This is no handshake of a WebSocket (RFC 6455).', { status: 400 });
  }

  const routesOf = (handlers: typeof posts) =>
    Object.fromEntries(Object.entries(handlers).map(([path, POST]) => [path, { POST }]));
  const websocket: Bun.WebSocketHandler<SocketHandler> = {
    data: {} as SocketHandler,
    maxPayloadLength: mostReceivedBytes,
    open(given) {
      const socket: Socket = {
        send: (text) => void given.send(text),
        bufferedBytes: () => given.getBufferedAmount(),
        close: (code, reason) => given.close(code, reason),
      };
      sockets.set(given, socket);
      if (stopping) return socket.close(goingAway, '');
      given.data.open(socket);
    },
    message() {},
    close(given) {
      const socket = sockets.get(given);
      sockets.delete(given);
      if (socket) given.data.closed(socket);
    },
  };
  try {
    const server = Bun.serve({
      hostname: host,
      port,
      reusePort,
      // Deadlines are ours (cold starts take minutes), and so are body limits: each dialect has its own 413.
      idleTimeout: 0,
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      routes: routesOf(posts),
      fetch: (request, server) =>
        upgrade !== undefined && wantsSocket(request) ? fetchOrUpgrade(request, server) : fetch(request),
      websocket,
      error: () => new Response('The gateway failed while handling this request.', { status: 500 }),
    });
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
      port: server.port ?? port,
      addressOf: (request) => server.requestIP(request)?.address,
      part() {
        const parting = Object.entries(posts).map(([path, post]) => [path, lastOf(post)] as const);
        server.reload({ routes: routesOf(Object.fromEntries(parting)), fetch: lastOf(fetch), websocket });
      },
      stop(force) {
        stopping = true;
        for (const socket of sockets.values()) socket.close(goingAway, 'The gateway is stopping.');
        return server.stop(force);
      },
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

type ServerSocket = Bun.ServerWebSocket<SocketHandler>;

/** RFC 6455, 7.4.1: the server is going down. */
const goingAway = 1001;

const wantsSocket = ({ method, headers }: Request): boolean =>
  method === 'GET' && headers.get('upgrade')?.toLowerCase() === 'websocket';

/** The same answers, each the last on its connection. */
const lastOf =
  (answer: (request: Request) => Response | Promise<Response>) =>
  async (request: Request): Promise<Response> => {
    const response = await answer(request);
    const headers = new Headers(response.headers);
    headers.set('connection', 'close');
    return new Response(response.body, { status: response.status, headers });
  };
