import net from 'node:net';
import type { Batch, BatchResult } from './batch.ts';
import { checkBriefly, checkRefused, checkWhole } from './check-answer.ts';
import { createRequestMaker } from './request-maker.ts';
import { createResponseReader, type Received } from './response-reader.ts';

/** How long one answer may take before the batch is given up. */
const silenceMs = 60_000;

/**
 * Sends a batch over `concurrency` keep-alive connections, each asking again as soon as it is answered and has rested.
 * The first answer on each connection is checked whole, the rest briefly. Once `stop` is aborted nobody asks any more.
 * Rejects at the first wrong, missing or cut answer, and closes every connection either way.
 */
export async function runBatch(batch: Batch, stop?: AbortSignal): Promise<BatchResult> {
  const url = new URL(batch.target.base);
  const connections = Math.min(batch.concurrency, batch.requests);
  const state = createState(batch);
  stop?.addEventListener('abort', state.stop);
  const sockets = await Promise.all(Array.from({ length: connections }, () => connect(url)));
  const nextRequest = createRequestMaker(batch);
  const startedAt = performance.now();
  try {
    await Promise.all(sockets.map((socket) => askRepeatedly(socket, nextRequest, batch, state)));
  } finally {
    for (const socket of sockets) socket.destroy();
    stop?.removeEventListener('abort', state.stop);
  }
  const { answered } = state;
  return {
    requests: answered,
    elapsedMs: performance.now() - startedAt,
    bytes: state.bytes / answered,
    reads: state.reads / answered,
    firstByteMs: state.firstByteMs,
    gapMs: state.gapMs,
    peakUnderWay: state.peakUnderWay,
  };
}

type State = ReturnType<typeof createState>;

function createState({ requests }: Batch) {
  const state = {
    left: requests,
    answered: 0,
    underWay: 0,
    peakUnderWay: 0,
    bytes: 0,
    reads: 0,
    firstByteMs: [] as number[],
    gapMs: [] as number[],
    stop() {
      state.left = 0;
    },
  };
  return state;
}

function askRepeatedly(socket: net.Socket, nextRequest: () => Buffer, batch: Batch, state: State): Promise<void> {
  const streams = batch.question.stream !== undefined;
  const accept = createAcceptor(batch, state);
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let readAt = 0;
    const reader = createResponseReader({
      onFirstByte() {
        state.firstByteMs.push(performance.now() - sentAt);
        state.underWay += 1;
        state.peakUnderWay = Math.max(state.peakUnderWay, state.underWay);
      },
    });
    const ask = () => {
      if (state.left === 0) return resolve();
      state.left -= 1;
      reader.start(accept.wantsWhole());
      readAt = 0;
      sentAt = performance.now();
      socket.write(nextRequest());
    };
    const rest = batch.restMs ? () => setTimeout(ask, batch.restMs) : ask;
    socket.on('data', (data: Buffer) => {
      try {
        if (streams) {
          const now = performance.now();
          if (readAt > 0) state.gapMs.push(now - readAt);
          readAt = now;
        }
        const received = reader.push(data);
        if (!received) return;
        accept(received);
        rest();
      } catch (error) {
        reject(error);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    socket.setTimeout(silenceMs, () => reject(new Error(`no byte for ${silenceMs / 1000} s`)));
    ask();
  });
}

/** Checks and counts the answers of one connection. */
function createAcceptor({ question: { dialect, stream }, reply, wrongKey }: Batch, state: State) {
  const streams = stream !== undefined;
  let wholeBytes: number | undefined;
  const accept = (received: Received) => {
    state.underWay -= 1;
    state.answered += 1;
    state.bytes += received.bytes;
    state.reads += received.reads;
    if (wrongKey) return checkRefused(received);
    if (wholeBytes !== undefined) return checkBriefly(received, dialect, streams, wholeBytes);
    checkWhole(received, dialect, streams, reply);
    wholeBytes = received.bytes;
  };
  return Object.assign(accept, { wantsWhole: () => wholeBytes === undefined });
}

function connect(url: URL): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port: Number(url.port || 80), host: url.hostname, noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}
