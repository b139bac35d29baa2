import net from 'node:net';
import { numberMark, pathOf, questionBody } from '../traffic.ts';
import type { Batch, BatchResult } from './batch.ts';
import { checkBriefly, checkWhole } from './check-answer.ts';
import { createResponseReader, type Received } from './response-reader.ts';

/** How long one answer may take before the batch is given up. */
const silenceMs = 60_000;

/**
 * Sends a batch over `concurrency` keep-alive connections, each asking again as soon as it is answered.
 * The first answer on each connection is checked whole, the rest briefly.
 * Rejects at the first wrong, missing or cut answer, and closes every connection either way.
 */
export async function runBatch(batch: Batch): Promise<BatchResult> {
  const url = new URL(batch.target.base);
  const connections = Math.min(batch.concurrency, batch.requests);
  const state = { left: batch.requests, underWay: 0, peakUnderWay: 0, bytes: 0, reads: 0, firstByteMs: [] as number[] };
  const sockets = await Promise.all(Array.from({ length: connections }, () => connect(url)));
  const nextRequest = requestMaker(requestBytes(batch, url));
  const startedAt = performance.now();
  try {
    await Promise.all(sockets.map((socket) => askRepeatedly(socket, nextRequest, batch, state)));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  return {
    requests: batch.requests,
    elapsedMs: performance.now() - startedAt,
    bytes: state.bytes / batch.requests,
    reads: state.reads / batch.requests,
    firstByteMs: state.firstByteMs,
    peakUnderWay: state.peakUnderWay,
  };
}

interface State {
  left: number;
  underWay: number;
  peakUnderWay: number;
  bytes: number;
  reads: number;
  firstByteMs: number[];
}

function askRepeatedly(socket: net.Socket, nextRequest: () => Buffer, batch: Batch, state: State): Promise<void> {
  const { dialect, stream } = batch.question;
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let wholeBytes: number | undefined;
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
      reader.start(wholeBytes === undefined);
      sentAt = performance.now();
      socket.write(nextRequest());
    };
    const accept = (received: Received) => {
      state.underWay -= 1;
      state.bytes += received.bytes;
      state.reads += received.reads;
      if (wholeBytes === undefined) {
        checkWhole(received, dialect, stream !== undefined, batch.reply);
        wholeBytes = received.bytes;
      } else checkBriefly(received, dialect, stream !== undefined, wholeBytes);
    };
    socket.on('data', (data: Buffer) => {
      try {
        const received = reader.push(data);
        if (!received) return;
        accept(received);
        ask();
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

/** Numbers never repeat, in this run or another one. */
let asked = Date.now() % 1e9;

/** The same bytes every time, or with a number of its own where the question has room for one. */
function requestMaker(request: Buffer): () => Buffer {
  const at = request.indexOf(numberMark);
  if (at === -1) return () => request;
  return () => {
    const own = Buffer.from(request);
    asked += 1;
    own.write(String(asked % 1e10).padStart(numberMark.length, '0'), at, 'latin1');
    return own;
  };
}

function connect(url: URL): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port: Number(url.port || 80), host: url.hostname, noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function requestBytes({ question, target }: Batch, url: URL): Buffer {
  const body = questionBody(question);
  const prefix = url.pathname.replace(/\/$/, '');
  const headers = {
    host: url.host,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...target.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`POST ${prefix}${pathOf(question.dialect)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
