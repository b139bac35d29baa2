import { createServer, type Server, type Socket } from 'node:net';
import { tryParseJson } from '../../src/core/json.ts';
import { type Answer, type Delivery, type HttpAnswer, isRecording } from './answer.ts';
import { ConnectionClosed, createConnection } from './connection.ts';
import { deliver, type Progress } from './deliver.ts';
import type { Recording } from './recording.ts';
import { createRequestReader, type RawRequest } from './request-reader.ts';

/** What the replayer knows of one request: what came, what left, and how it ended. The oracle for what was billed. */
export interface ReceivedRequest extends RawRequest, Progress {
  /** The body as JSON; undefined when it is none. */
  json: unknown;
  /** The name of the recording that answered, when one did. */
  answeredWith?: string;
  receivedAtMs: number;
  /** The whole answer was written. */
  answered: boolean;
  /** The caller closed the connection before the whole answer was written; monotonic milliseconds. */
  closedAtMs?: number;
}

export interface Replayer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  /** Every POST that was received, in order. */
  readonly requests: ReceivedRequest[];
  /** Every other request (model lists). */
  readonly probes: ReceivedRequest[];
  /** The first request whose caller hung up before its answer was whole. */
  readonly closed: Promise<ReceivedRequest>;
  /** The bytes that the first stream could write before its socket stayed full for a quarter of a second. */
  readonly full: Promise<number>;
  /** Answers every request from now on like this, once the script is over. */
  reply(what: Recording | HttpAnswer, delivery?: Delivery): void;
  /** Answers the next requests one by one like this. */
  script(...answers: [what: Recording | HttpAnswer, delivery?: Delivery][]): void;
  /** Lets all who hold go on. */
  release(): void;
  /** Resolves when so many POSTs have been received. */
  received(count: number): Promise<void>;
  /** Stops listening: connections are refused until `accept()`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  /** Forgets requests, script and holds; open connections are cut. */
  reset(): void;
  stop(): Promise<void>;
}

const fullAfterMs = 250;

/** Starts a fake provider that plays recordings byte for byte and keeps a log of its own. `port` 0 takes a free one. */
export async function startReplayer({ port: wantedPort = 0 } = {}): Promise<Replayer> {
  const sockets = new Set<Socket>();
  const sleepers = new Set<ReturnType<typeof setTimeout>>();
  let state = createState();
  let fallback: Answer | undefined;
  let script: Answer[] = [];

  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        sleepers.delete(timer);
        resolve();
      }, ms);
      sleepers.add(timer);
    });

  function serve(socket: Socket): void {
    sockets.add(socket);
    let current: ReceivedRequest | undefined;
    let fullTimer: ReturnType<typeof setTimeout> | undefined;
    let turn = Promise.resolve();
    const connection = createConnection(socket, {
      onClose() {
        sockets.delete(socket);
        clearTimeout(fullTimer);
        if (!current || current.answered) return;
        current.closedAtMs = performance.now();
        state.closed.resolve(current);
      },
      onFull(full) {
        clearTimeout(fullTimer);
        const { full: filled } = state;
        if (full) fullTimer = setTimeout(() => filled.resolve(current?.bytesWritten ?? 0), fullAfterMs);
      },
    });
    const reader = createRequestReader((raw) => {
      // Requests that follow on one connection wait for the answer before them.
      turn = turn.then(() => answerOne(raw)).catch(() => {});
    });
    socket.on('data', (bytes: Uint8Array) => reader.push(bytes));

    async function answerOne(raw: RawRequest): Promise<void> {
      const received: ReceivedRequest = {
        ...raw,
        json: tryParseJson(Buffer.from(raw.body).toString('utf8')),
        receivedAtMs: performance.now(),
        answered: false,
        eventsWritten: 0,
        bytesWritten: 0,
      };
      current = received;
      const answer = raw.method === 'POST' ? (script.shift() ?? fallback ?? noAnswer) : noModels;
      if (isRecording(answer.what)) received.answeredWith = answer.what.name;
      if (raw.method === 'POST') {
        state.requests.push(received);
        state.waiting = state.waiting.filter(({ count, resolve }) => state.requests.length < count || resolve());
      } else state.probes.push(received);
      try {
        const released = state.released.promise;
        await deliver({ request: raw, answer, connection, progress: received, released, sleep });
        received.answered = true;
      } catch (error) {
        if (error instanceof ConnectionClosed) return;
        connection.cut();
        throw error;
      }
    }
  }

  let server = createServer(serve);
  let port = await listen(server, wantedPort);

  function cutAll(): void {
    for (const timer of sleepers) clearTimeout(timer);
    sleepers.clear();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  }

  return {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    get requests() {
      return state.requests;
    },
    get probes() {
      return state.probes;
    },
    get closed() {
      return state.closed.promise;
    },
    get full() {
      return state.full.promise;
    },
    reply(what, delivery = {}) {
      fallback = { what, delivery };
    },
    script(...answers) {
      script.push(...answers.map(([what, delivery = {}]) => ({ what, delivery })));
    },
    release() {
      state.released.resolve();
      state.released = Promise.withResolvers();
    },
    received(count) {
      return new Promise((resolve) => {
        if (state.requests.length >= count) resolve();
        else state.waiting.push({ count, resolve });
      });
    },
    async refuse() {
      cutAll();
      await close(server);
    },
    async accept() {
      server = createServer(serve);
      port = await listen(server, port);
    },
    reset() {
      cutAll();
      state = createState();
      script = [];
      fallback = undefined;
    },
    async stop() {
      cutAll();
      await close(server);
    },
  };
}

const noAnswer: Answer = {
  what: { status: 500, body: { error: { message: 'The replayer was given nothing to answer.' } } },
  delivery: {},
};
const noModels: Answer = { what: { status: 200, body: { object: 'list', data: [], models: [] } }, delivery: {} };

function createState() {
  return {
    requests: [] as ReceivedRequest[],
    probes: [] as ReceivedRequest[],
    closed: Promise.withResolvers<ReceivedRequest>(),
    full: Promise.withResolvers<number>(),
    released: Promise.withResolvers<void>(),
    waiting: [] as { count: number; resolve: () => void }[],
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
